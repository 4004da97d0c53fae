"""Regions and countries (CFG-04, D16, D17): what the installation knows, and what a company changed of it.

The base data are files and packages that others keep; a company's rows say only what is added, renamed, switched off or numbered
otherwise. Both together are a `Regions` (or the options of a country field), compiled with the tenant's shape.
"""

from kezhou.records.regions.countries import standard_countries
from kezhou.records.regions.places import Place, Regions
from kezhou.records.regions.reading import NotAPlace, region_of, resolve
from kezhou.records.regions.standard import standard

__all__ = ["NotAPlace", "Place", "Regions", "region_of", "resolve", "standard", "standard_countries"]

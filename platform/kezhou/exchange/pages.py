"""The pages of import and export; importing this module declares them all."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

PAGES = ("pages_start", "pages_map", "pages_check", "pages_result", "pages_export")

if find_spec("kezhou.exchange.imports") and find_spec("kezhou.exchange.exports"):
    for _name in PAGES:
        import_module(f"kezhou.exchange.{_name}")

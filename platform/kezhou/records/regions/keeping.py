"""The base data and what the company changed, put together, and given to the fields that offer them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kezhou.records.regions.countries import HOME, Country, options, standard_countries, standard_options
from kezhou.records.regions.models import PlaceRow
from kezhou.records.regions.places import Place, Regions
from kezhou.records.regions.standard import standard, standard_places
from kezhou.records.spec import FieldSpec, OptionSpec

REGION, COUNTRY = "region", "country"


@dataclass(frozen=True, slots=True)
class Atlas:
    """Regions and countries of one tenant at one shape version."""

    regions: Regions
    countries: tuple[Country, ...]
    options: tuple[OptionSpec, ...]

    def offering(self, fields: Sequence[FieldSpec]) -> tuple[FieldSpec, ...]:
        """The fields with what those of places offer."""
        return tuple(self._offering(field) if field.type in {REGION, COUNTRY} else field for field in fields)

    def _offering(self, field: FieldSpec) -> FieldSpec:
        if field.type == REGION:
            return replace(field, regions=self.regions)
        default = HOME if field.default in (None, "") and not (field.system or field.custom) else field.default
        return replace(field, options=self.options, default=default)


def load() -> Atlas:
    """The present tenant's, in one statement."""
    rows: dict[str, dict[str, PlaceRow]] = {REGION: {}, COUNTRY: {}}
    for row in PlaceRow.objects.order_by("id"):
        rows[row.kind][row.code] = row
    if not rows[COUNTRY]:
        return Atlas(_regions(rows[REGION]), standard_countries(), standard_options())
    found = tuple(_countries(rows[COUNTRY]))
    return Atlas(_regions(rows[REGION]), found, options(found))


def _regions(rows: Mapping[str, PlaceRow]) -> Regions:
    return Regions(lambda: _places(rows)) if rows else standard()


def _places(rows: Mapping[str, PlaceRow]) -> Iterator[Place]:
    known = set()
    for place in standard_places():
        known.add(place.code)
        yield _changed(place, rows[place.code]) if place.code in rows else place
    for row in rows.values():
        if row.code not in known:
            yield Place(row.code, row.name, row.parent, row.dialling_code or "", row.postcode or "", row.enabled)


def _changed(place: Place, row: PlaceRow) -> Place:
    return replace(
        place,
        name=row.name or place.name,
        area_code=place.area_code if row.dialling_code is None else row.dialling_code,
        postcode=place.postcode if row.postcode is None else row.postcode,
        enabled=row.enabled,
    )


def _countries(rows: Mapping[str, PlaceRow]) -> Iterable[Country]:
    known = set()
    for country in standard_countries():
        known.add(country.code)
        row = rows.get(country.code)
        yield country if row is None else _changed_country(country, row)
    for row in rows.values():
        if row.code not in known:
            yield Country(row.code, row.name, "", row.dialling_code or "", row.enabled)


def _changed_country(country: Country, row: PlaceRow) -> Country:
    phone = country.phone_code if row.dialling_code is None else row.dialling_code
    return replace(country, name=row.name or country.name, phone_code=phone, enabled=row.enabled)

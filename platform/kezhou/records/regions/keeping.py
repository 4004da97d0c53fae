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
    """In the order of the standard, the company's own behind; those that it put first before all their siblings."""
    standing = {place.code: place for place in standard_places()}
    added = (
        Place(row.code, row.name, row.parent, row.dialling_code or "", row.postcode or "", row.enabled)
        for row in rows.values()
        if row.code not in standing
    )
    found = [*(_changed(place, rows[code]) if code in rows else place for code, place in standing.items()), *added]
    return iter(sorted(found, key=lambda place: _behind(rows, place.code)))


def _behind(rows: Mapping[str, PlaceRow], code: str) -> int:
    return -rows[code].first if code in rows else 0


def _changed(place: Place, row: PlaceRow) -> Place:
    return replace(
        place,
        name=row.name or place.name,
        area_code=place.area_code if row.dialling_code is None else row.dialling_code,
        postcode=place.postcode if row.postcode is None else row.postcode,
        enabled=row.enabled,
    )


def _countries(rows: Mapping[str, PlaceRow]) -> Iterable[Country]:
    standing = {country.code: country for country in standard_countries()}
    added = (
        Country(row.code, row.name, "", row.dialling_code or "", row.enabled)
        for row in rows.values()
        if row.code not in standing
    )
    changed = (_changed_country(each, rows[code]) if code in rows else each for code, each in standing.items())
    return sorted([*changed, *added], key=lambda country: _behind(rows, country.code))


def _changed_country(country: Country, row: PlaceRow) -> Country:
    phone = country.phone_code if row.dialling_code is None else row.dialling_code
    return replace(country, name=row.name or country.name, phone_code=phone, enabled=row.enabled)

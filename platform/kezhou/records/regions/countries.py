"""Countries and regions by ISO 3166 code: names from the CLDR (Babel), telephone codes from Google's table (phonenumbers)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import phonenumbers
from babel import Locale
from django.utils.functional import lazy
from django.utils.translation import get_language

from kezhou.records.fields.pinyin import sort_key
from kezhou.records.spec import OptionSpec

HOME = "CN"
_FIRST = (HOME, "HK", "MO", "TW")
_GROUPS = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""Codes of the CLDR that are no countries: unions, placeholders, pseudo languages."""


@dataclass(frozen=True, slots=True)
class Country:
    """One country or region. `english` and `standard` are the names that the base data give."""

    code: str
    name: str
    english: str
    phone_code: str
    enabled: bool = True
    standard: str = ""


@cache
def standard_countries() -> tuple[Country, ...]:
    """All of them by their Chinese names: China first, then the others by pinyin."""
    chinese, english = Locale("zh").territories, Locale("en").territories
    codes = [code for code in map(str, chinese) if len(code) == len(HOME) and code.isalpha() and code not in _GROUPS]
    found = [
        Country(code, chinese[code], english.get(code, ""), _phone(code), standard=chinese[code]) for code in codes
    ]
    return tuple(sorted(found, key=_place))


def _place(country: Country) -> tuple[int, str]:
    first = _FIRST.index(country.code) if country.code in _FIRST else len(_FIRST)
    return first, sort_key(country.name) or ""


def _phone(code: str) -> str:
    number = phonenumbers.country_code_for_region(code)
    return f"+{number}" if number else ""


def localised(country: Country) -> str:
    """The name in the language of the page, as long as the company has not given it another."""
    if country.name == country.standard and country.english and (get_language() or "").startswith("en"):
        return country.english
    return country.name


def _own_phone(country: Country) -> str:
    """The telephone code of the country that stands for it: +1 is the United States, not Barbados."""
    number = country.phone_code.removeprefix("+")
    if number.isdigit() and phonenumbers.region_code_for_country_code(int(number)) != country.code:
        return ""
    return country.phone_code


_label = lazy(localised, str)


def options(countries: Iterable[Country]) -> tuple[OptionSpec, ...]:
    """What a field of countries offers."""
    return tuple(
        OptionSpec(
            country.code,
            _label(country),
            enabled=country.enabled,
            aliases=tuple(filter(None, (country.name, country.standard, country.english, _own_phone(country)))),
            default=country.code == HOME,
        )
        for country in countries
    )


@cache
def standard_options() -> tuple[OptionSpec, ...]:
    """As `options`, where no company changed anything."""
    return options(standard_countries())

"""The tree of places: provinces, cities, districts, each known by a code whose beginning is the code of the place above."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

DEEPEST = 3
NAMED = ("province", "city")
FACTS = ("postcode", "area_code", *NAMED)
"""What choosing a place may fill in other fields."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place. `standard` is the name that the base data give it, empty for one that the company added."""

    code: str
    name: str
    parent: str = ""
    area_code: str = ""
    postcode: str = ""
    enabled: bool = True
    standard: str = ""


class Regions:
    """All places as one company knows them. Immutable; the places are read when they are first asked for."""

    def __init__(self, read: Callable[[], Iterable[Place]]) -> None:
        self._read = read

    @cached_property
    def by_code(self) -> Mapping[str, Place]:
        """Every place by its code, in the order of codes, what the company added behind its siblings."""
        return {place.code: place for place in self._read()}

    @cached_property
    def below(self) -> Mapping[str, tuple[Place, ...]]:
        """The places right below each; provinces below the empty code."""
        found: dict[str, list[Place]] = {}
        for place in self.by_code.values():
            found.setdefault(place.parent, []).append(place)
        return {code: tuple(places) for code, places in found.items()}

    @cached_property
    def spelled(self) -> Mapping[str, tuple[str, ...]]:
        """The codes of each folded spelling; filled by `kezhou.records.regions.reading`."""
        from kezhou.records.regions.spelling import spellings  # needs the Chinese dictionaries

        found: dict[str, list[str]] = {}
        for place in self.by_code.values():
            for text in spellings(place.name, place.standard):
                found.setdefault(text, []).append(place.code)
        return {text: tuple(codes) for text, codes in found.items()}

    @cached_property
    def read_before(self) -> dict[str, str]:
        """Texts that were resolved already: a file names the same places again and again."""
        return {}

    def get(self, code: str) -> Place | None:
        """The place with this code."""
        return self.by_code.get(code)

    def children(self, code: str = "") -> tuple[Place, ...]:
        """The places right below; without a code the provinces."""
        return self.below.get(code, ())

    def chain(self, code: str) -> tuple[Place, ...]:
        """The place and all above it, province first; empty for an unknown code."""
        return tuple(reversed(tuple(self._upwards(code))))

    def _upwards(self, code: str) -> Iterator[Place]:
        place = self.by_code.get(code)
        while place is not None:
            yield place
            place = self.by_code.get(place.parent) if place.parent else None

    def name(self, code: str) -> str:
        """四川省成都市锦江区; the bare code of a place that no longer exists."""
        return "".join(place.name for place in self.chain(code)) or code

    def offered(self, code: str) -> bool:
        """Whether new records may have it: it exists and neither it nor a place above is switched off."""
        chain = self.chain(code)
        return bool(chain) and all(place.enabled for place in chain)

    def nearest(self, code: str, fact: str) -> str:
        """`postcode` or `area_code` of the place, or of the nearest above that has one; `province` or `city` by name."""
        if fact in NAMED:
            return self._named(code, fact)
        return next((found for place in self._upwards(code) if (found := str(getattr(place, fact)))), "")

    def _named(self, code: str, fact: str) -> str:
        """A municipality such as 北京市 is province and city in one."""
        names = [place.name for place in self.chain(code)]
        if not names or fact == "province" or names[0].endswith("市"):
            return names[0] if names else ""
        return names[1] if len(names) > 1 else ""

"""The base data of regions: read once per process from the file that the asset step compiles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from kezhou.records.regions.places import Place, Regions

FILE = Path(__file__).with_name("base.json")
OTHER = "other"
_PROVINCE, _CITY = 2, 4


@cache
def standard_places() -> tuple[Place, ...]:
    """Every place of the base data, and 其他 for what lies elsewhere (requirements B.6)."""
    try:
        rows = json.loads(FILE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RuntimeError(f"The region data {FILE} are missing; run `make assets`.") from None
    return (*_places(rows), Place(OTHER, "其他", standard="其他"))


def _places(rows: list[list[str]]) -> Iterator[Place]:
    known = {row[0] for row in rows}
    for code, name, area_code, postcode in rows:
        above = next((code[:cut] for cut in (_CITY, _PROVINCE) if cut < len(code) and code[:cut] in known), "")
        yield Place(code, name, above, area_code, postcode, standard=name)


@cache
def standard() -> Regions:
    """The regions as they are where no company changed anything."""
    return Regions(standard_places)

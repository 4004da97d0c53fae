"""How people write the name of a place: 四川 for 四川省, 凉山 for 凉山彝族自治州, traditional characters, full width."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kezhou.records.folding import fold
from kezhou.records.regions.peoples import PEOPLES

_SHORTEST = 2
_NAMED = (*(name for name in PEOPLES if name != "汉"), "各")
"""Peoples after which places are named; 各族 is all of them together."""
_AUTONOMOUS = re.compile(rf"(.{{2,}}?)(?:(?:{'|'.join(_NAMED)})族?)*自治[区州县旗]")
_KINDS = re.compile(r"(.{2,}?)(?:特别行政区|林区|矿区|地区|新区|省|市|区|县|盟|旗)")
_SIGNS = re.compile(r"[\s,，、/／\\|>＞·・.。:：;；_\-－—→]+")


def plain(text: str) -> str:
    """The text as spellings are compared: folded, without spaces and signs between its parts."""
    return _SIGNS.sub("", fold(text))


def spellings(*names: str) -> set[str]:
    """All spellings of a place with these names."""
    return {plain(text) for name in names if name for text in _forms(name)}


def _forms(name: str) -> Iterator[str]:
    yield name
    for pattern in (_AUTONOMOUS, _KINDS):
        found = pattern.fullmatch(name)
        if found and len(found[1]) >= _SHORTEST:
            yield found[1]
            return

"""From what people write to a place: codes, 四川省成都市锦江区, 四川 成都, 锦江区 where only one is called so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from kezhou.records.fields.reading import clean_line, quoted_value
from kezhou.records.regions.places import Regions
from kezhou.records.regions.spelling import plain, spellings
from kezhou.records.regions.standard import standard

_CODE = re.compile(r"\d{2}|\d{4}|\d{6}")
_NO_CITIES = ("01", "02", "90")
"""Third and fourth digit where a province holds districts without a city between: 110100 is 北京市."""
_NOTHING = ("市辖区", "省直辖县级行政区划", "自治区直辖县级行政区划", "直辖县级行政区划")
_COUNTRY = ("中华人民共和国", "中国")
_LONGEST = 60
_SHORTEST = 2
_NAMED = 4
_KEPT = 5000


class NotAPlace(ValueError):
    """No place, or more than one, is meant; `str()` is a sentence."""


def resolve(regions: Regions, text: str) -> str:
    """The code of the place that a text means. Raises NotAPlace."""
    given = clean_line(text)
    if given in regions.by_code:
        return given
    known = regions.read_before.get(given)
    if known is None:
        known = _read(regions, given)
        if len(regions.read_before) < _KEPT:
            regions.read_before[given] = known
    return known


def region_of(text: str) -> str:
    """The code of the place of the base data that a text means; empty where none or several are meant."""
    try:
        return resolve(standard(), text) if clean_line(text) else ""
    except NotAPlace:
        return ""


def _read(regions: Regions, given: str) -> str:
    wanted = plain(given[: _LONGEST * 2])
    if wanted in regions.by_code:
        return wanted
    if _CODE.fullmatch(wanted):
        return _of_digits(regions, wanted, given)
    for word in (*_COUNTRY, *_NOTHING):
        wanted = wanted.removeprefix(word) if word in _COUNTRY else wanted.replace(word, "")
    codes = _meant(regions, wanted) if len(wanted) <= _LONGEST else ()
    if len(codes) == 1:
        return codes[0]
    raise NotAPlace(_several(regions, codes, given) if codes else _unknown(regions, wanted, given))


def _of_digits(regions: Regions, digits: str, given: str) -> str:
    while digits.endswith("00") and len(digits) > _SHORTEST:
        digits = digits[:-2]
    if digits not in regions.by_code and digits[_SHORTEST:] in _NO_CITIES:
        digits = digits[:_SHORTEST]
    if digits not in regions.by_code:
        raise NotAPlace(
            _("没有行政区划代码“%(value)s”，请写 2、4 或 6 位代码，或写出省、市、区。") % {"value": quoted_value(given)}
        )
    return digits


def _meant(regions: Regions, text: str) -> tuple[str, ...]:
    """Every place that the whole text can mean: one whose chain begins with a province before all others, what lies inside another not."""
    found = {code for code, rest in _paths(regions, text) if not rest}
    found = {code for code in found if not any(code != other and code.startswith(other) for other in found)}
    if len(found) > 1:
        found = {code for code in found if not regions.by_code[code].parent} or _as_named(regions, found, text) or found
    return tuple(sorted(found))


def _as_named(regions: Regions, codes: set[str], text: str) -> set[str]:
    """Those whose full names the text ends with, where it writes one out: 朝阳市 is not 朝阳区."""
    return {code for code in codes if text.endswith(plain(regions.by_code[code].name))}


def _paths(regions: Regions, text: str) -> Iterator[tuple[str, str]]:
    """Places that the beginning of the text names, with what is left; deeper places where the text goes on."""
    for code, rest in _begins(regions, text, above=""):
        yield from _further(regions, code, rest)


def _further(regions: Regions, code: str, text: str) -> Iterator[tuple[str, str]]:
    yield code, text
    deeper = list(_begins(regions, text, above=code)) if text else []
    for found, rest in deeper:
        yield from _further(regions, found, rest)
    if deeper:
        return
    for name in spellings(regions.by_code[code].name):  # 北京市北京市东城区
        if text.startswith(name):
            yield from _further(regions, code, text[len(name) :])


def _begins(regions: Regions, text: str, *, above: str) -> Iterator[tuple[str, str]]:
    """Places below `above`, at whatever depth, one of whose spellings the text begins with; the longest spelling of each."""
    seen: set[str] = set()
    for length in range(len(text), _SHORTEST - 1, -1):
        for code in regions.spelled.get(text[:length], ()):
            if code not in seen and code != above and _inside(regions, code, above):
                seen.add(code)
                yield code, text[length:]


def _inside(regions: Regions, code: str, above: str) -> bool:
    return not above or any(place.code == above for place in regions.chain(code))


def _several(regions: Regions, codes: tuple[str, ...], given: str) -> str:
    named = [regions.name(code) for code in codes[:_NAMED]]
    shown = {"value": quoted_value(given), "known": _("、").join(named) + ("…" if len(codes) > _NAMED else "")}
    return _("“%(value)s”可以是%(known)s，请写上省和市。") % shown


def _unknown(regions: Regions, text: str, given: str) -> str:
    reached = sorted(_paths(regions, text[:_LONGEST]), key=lambda pair: len(pair[1]))
    shown = {"value": quoted_value(given)}
    if not reached or len(text) > _LONGEST:
        return _("没有找到地区“%(value)s”，请写省、市、区，例如“四川省成都市锦江区”。") % shown
    code, rest = reached[0]
    below = [place.name for place in regions.children(code) if place.enabled][:_NAMED]
    shown |= {"place": regions.name(code), "rest": quoted_value(rest), "known": _("、").join(below)}
    if not below:
        return _("“%(value)s”里“%(rest)s”不是%(place)s下面的地区，请只写到%(place)s。") % shown
    return _("“%(value)s”里“%(rest)s”不在%(place)s，那里有%(known)s等，请核对。") % shown

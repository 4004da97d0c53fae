"""Changing the company's own regions and countries: add, rename, number otherwise, switch off, put back (CFG-04, CFG-05)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from kezhou.records import shape
from kezhou.records.dictionaries import demand_admin
from kezhou.records.fields.reading import clean_line, plain, quoted_value
from kezhou.records.regions.countries import Country
from kezhou.records.regions.keeping import COUNTRY, REGION, Atlas, load
from kezhou.records.regions.models import PlaceRow
from kezhou.records.regions.places import DEEPEST, Place, Regions
from kezhou.records.spec import RecordError

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

LONGEST = 30
_POSTCODE = re.compile(r"\d{6}")
_AREA_CODE = re.compile(r"0\d{2,3}|00\d{1,6}")
_PHONE_CODE = re.compile(r"\+\d{1,4}(-\d{1,4})?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SIGNS = "0123456789" + _LETTERS


class PlaceError(RecordError):
    """A change that is refused; `field` names the input, `str()` is a sentence."""

    def __init__(self, sentence: str, field: str = "name") -> None:
        super().__init__(sentence)
        self.field = field


def add_region(actor: Actor, parent: str, *, name: str, area_code: str = "", postcode: str = "") -> str:
    """Add a place below another (or a province) and return its code. Raises PlaceError and NotAllowed."""
    demand_admin(actor)
    with transaction.atomic():
        regions = _locked().regions
        if parent and (parent not in regions.by_code or len(regions.chain(parent)) >= DEEPEST):
            raise PlaceError(_("这个地区下面不能再加地区：只有省、市、区三级。"))
        code = _free_code(parent, regions.by_code)
        _demand_name(regions, name := _name(name), parent, code)
        facts = {"dialling_code": _area_code(area_code), "postcode": _postcode(postcode)}
        PlaceRow.objects.create(kind=REGION, code=code, parent=parent, name=name, **facts)
    return code


def change_region(actor: Actor, code: str, *, name: str, area_code: str, postcode: str) -> None:
    """Give a place another name and other codes. Raises PlaceError and NotAllowed."""
    demand_admin(actor)
    with transaction.atomic():
        regions = _locked().regions
        place = _place(regions, code)
        _demand_name(regions, name := _name(name), place.parent, code)
        row = _row(REGION, code)
        row.name = "" if name == place.standard else name
        row.dialling_code, row.postcode = _area_code(area_code), _postcode(postcode)
        row.save()


def add_country(actor: Actor, *, code: str, name: str, phone_code: str = "") -> str:
    """Add a country or region that the ISO table has not. Raises PlaceError and NotAllowed."""
    demand_admin(actor)
    key = plain(code)
    if not _COUNTRY.fullmatch(key):
        raise PlaceError(_("“%(code)s”不是国家代码，应是两个字母，例如 CN。") % {"code": quoted_value(code)}, "code")
    with transaction.atomic():
        countries = {country.code: country for country in _locked().countries}
        if key in countries:
            sentence = _("代码 %(code)s 已经有了：%(name)s。")
            raise PlaceError(sentence % {"code": key, "name": countries[key].name}, "code")
        name = _country_name(name, key, countries.values())
        PlaceRow.objects.create(kind=COUNTRY, code=key, name=name, dialling_code=_phone_code(phone_code))
    return key


def change_country(actor: Actor, code: str, *, name: str, phone_code: str) -> None:
    """Give a country another name and telephone code. Raises PlaceError and NotAllowed."""
    demand_admin(actor)
    with transaction.atomic():
        countries = {country.code: country for country in _locked().countries}
        if code not in countries:
            raise PlaceError(_("没有代码是 %(code)s 的国家或地区。") % {"code": quoted_value(code)})
        row = _row(COUNTRY, code)
        name = _country_name(name, code, countries.values())
        row.name = "" if name == countries[code].standard else name
        row.dialling_code = _phone_code(phone_code)
        row.save()


def switch(actor: Actor, kind: str, code: str, *, enabled: bool) -> None:
    """Offer a place no longer, with all below it, or again. Records that have it go on showing it."""
    demand_admin(actor)
    with transaction.atomic():
        atlas = _locked()
        _demand_there(atlas, kind, code)
        row = _row(kind, code)
        row.enabled = enabled
        row.save()


def put_first(actor: Actor, kind: str, code: str, *, first: bool) -> None:
    """Let a place stand before all its siblings, or back in the usual order. Raises PlaceError and NotAllowed."""
    demand_admin(actor)
    with transaction.atomic():
        atlas = _locked()
        _demand_there(atlas, kind, code)
        row = _row(kind, code)
        most = PlaceRow.objects.filter(kind=kind).aggregate(most=Max("first"))["most"] or 0
        row.first = most + 1 if first else 0
        row.save()


def put_back(actor: Actor, kind: str, code: str) -> None:
    """Forget what the company changed of a place that the base data know. Does nothing to one that it added."""
    demand_admin(actor)
    with transaction.atomic():
        atlas = _locked()
        known = {place.code for place in atlas.regions.by_code.values() if place.standard}
        if kind == COUNTRY:
            known = {country.code for country in atlas.countries if country.standard}
        if code in known:
            PlaceRow.objects.filter(kind=kind, code=code).delete()


def _locked() -> Atlas:
    """What stands now. The shape's row is locked by raising it, so that other changes wait until this one is done."""
    shape.bump()
    return load()


def _demand_there(atlas: Atlas, kind: str, code: str) -> None:
    if kind == REGION:
        _place(atlas.regions, code)
    elif all(country.code != code for country in atlas.countries):
        raise PlaceError(_("没有代码是 %(code)s 的国家或地区。") % {"code": quoted_value(code)})


def _row(kind: str, code: str) -> PlaceRow:
    return PlaceRow.objects.filter(kind=kind, code=code).first() or PlaceRow(kind=kind, code=code)


def _place(regions: Regions, code: str) -> Place:
    place = regions.get(code)
    if place is None:
        raise PlaceError(_("没有代码是 %(code)s 的地区。") % {"code": quoted_value(code)})
    return place


def _name(raw: str) -> str:
    name = clean_line(raw)
    if not name:
        raise PlaceError(_("请填写名称。"))
    if len(name) > LONGEST:
        raise PlaceError(_("名称最多 %(most)s 个字，现在是 %(n)s 个。") % {"most": LONGEST, "n": len(name)})
    return name


def _demand_name(regions: Regions, name: str, parent: str, code: str) -> None:
    for place in regions.children(parent):
        if place.name == name and place.code != code:
            above = regions.name(parent) if parent else _("最上级")
            raise PlaceError(_("%(above)s下面已经有“%(name)s”。") % {"above": above, "name": name})


def _country_name(raw: str, code: str, countries: Iterable[Country]) -> str:
    name = _name(raw)
    for country in countries:
        if name in (country.name, country.standard) and country.code != code:
            sentence = _("已经有“%(name)s”，代码是 %(code)s。")
            raise PlaceError(sentence % {"name": name, "code": country.code})
    return name


def _postcode(raw: str) -> str:
    code = plain(raw)
    if code and not _POSTCODE.fullmatch(code):
        raise PlaceError(_("“%(value)s”不是邮编，应是 6 位数字。") % {"value": quoted_value(raw)}, "postcode")
    return code


def _area_code(raw: str) -> str:
    code = plain(raw)
    if code and not _AREA_CODE.fullmatch(code):
        raise PlaceError(_("“%(value)s”不是电话区号，例如 028、0816。") % {"value": quoted_value(raw)}, "dialling_code")
    return code


def _phone_code(raw: str) -> str:
    code = plain(raw)
    code = f"+{code}" if code and code[0].isdigit() else code
    if code and not _PHONE_CODE.fullmatch(code):
        raise PlaceError(_("“%(value)s”不是国际区号，例如 +86。") % {"value": quoted_value(raw)}, "dialling_code")
    return code


def _free_code(parent: str, known: Iterable[str]) -> str:
    """The next code of the company's own below a place: two characters that no standard code has, a letter first."""
    taken = set(known)
    for first in _LETTERS:
        for second in _SIGNS:
            if (code := f"{parent}{first}{second}") not in taken:
                return code
    raise PlaceError(_("这里已经加了太多地区，请先停用不用的。"))

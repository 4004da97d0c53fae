"""The entered company's own data in the registry: what its administrator may read and change."""

import re
import unicodedata
from dataclasses import dataclass
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from tenants.context import control_plane, current
from tenants.directory import raise_version, refresh_current
from tenants.models import Tenant
from tenants.names import name_key

COLOUR = re.compile(r"#[0-9a-f]{6}")


class WrongValue(ValueError):
    """A value that a company cannot have; ``field`` names it, ``str()`` is the sentence to show."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyData:
    """Master data of the company."""

    slug: str
    name: str
    seal: str
    industry: str
    size: str
    region: str
    timezone: str
    language: str
    title: str = ""
    colour: str = ""
    logo: str = ""


def company() -> CompanyData:
    """What the registry knows of the entered company."""
    pk = current().pk
    with control_plane():
        row = Tenant.objects.get(pk=pk)
    return CompanyData(**{name: getattr(row, name) for name in CompanyData.__slots__})


def change_company(
    *,
    name: str | None = None,
    seal: str | None = None,
    industry: str | None = None,
    size: str | None = None,
    region: str | None = None,
    timezone: str | None = None,
    language: str | None = None,
    title: str | None = None,
    colour: str | None = None,
    logo: str | None = None,
) -> CompanyData:
    """Change what is given, outside a transaction, and let the running code see it.

    Raises:
        WrongValue: a value cannot be taken; nothing is changed.
    """
    given = {
        "name": name, "seal": seal, "industry": industry, "size": size,
        "region": region, "timezone": timezone, "language": language, "title": title, "colour": colour, "logo": logo,
    }  # fmt: skip
    changes = {key: value.strip() for key, value in given.items() if value is not None}
    _check(changes)
    if "name" in changes:
        changes["name_key"] = name_key(changes["name"])
    pk = current().pk
    with control_plane(), transaction.atomic():
        Tenant.objects.filter(pk=pk).update(**changes)
        raise_version(pk)
    refresh_current()
    return company()


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def _check(changes: dict[str, str]) -> None:
    if "name" in changes and not 2 <= len(changes["name"]) <= 120:
        raise WrongValue("name", _("公司名称要有 2 到 120 个字。"))
    if len(changes.get("title", "")) > 40 or any(map(_is_hidden, changes.get("title", ""))):
        raise WrongValue("title", _("系统名称最多 40 个字，不能有看不见的字符。"))
    if changes.get("colour") and not COLOUR.fullmatch(changes["colour"]):
        raise WrongValue(
            "colour", _("“%(colour)s”不是颜色，要像 #2b57cf 这样写。") % {"colour": changes["colour"][:20]}
        )
    if len(changes.get("seal", "")) > 2:
        raise WrongValue("seal", _("印章最多两个字。"))
    if "timezone" in changes and changes["timezone"] not in available_timezones():
        raise WrongValue("timezone", _("没有“%(zone)s”这个时区。") % {"zone": changes["timezone"]})
    for key in ("industry", "size", "region"):
        if len(changes.get(key, "")) > 40:
            raise WrongValue(key, _("最多 40 个字。"))

"""Search over all settings: pages, parameters, dictionaries with their values, fields. Chinese, other words, and pinyin initials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from kezhou import parameters
from kezhou.records import dictionaries
from kezhou.records.catalogue import shaped
from kezhou.web import spelling
from kezhou.web.settings import menu

if TYPE_CHECKING:
    from kezhou.access.actor import MemberActor

MOST = 30


@dataclass(frozen=True, slots=True)
class Found:
    """One setting that was found: where it is and what kind of thing it is."""

    title: str
    about: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A titled run of findings."""

    title: str
    found: tuple[Found, ...]


def find(actor: MemberActor, text: str) -> tuple[Kind, ...]:
    """Everything that fits all words of `text`, at most thirty of each kind; kinds without any are left out."""
    words = spelling.words(text)
    kinds = (
        (_("设置页"), _pages(words)),
        (_("参数"), _parameters(words)),
        (_("字典"), _dictionaries(actor, words)),
        (_("字段"), _fields(actor, words)),
    )
    return tuple(Kind(title, cut) for title, found in kinds if (cut := _first(found)))


def _first(found: Iterable[Found]) -> tuple[Found, ...]:
    return tuple(one for one, _place in zip(found, range(MOST), strict=False))


def _pages(words: tuple[str, ...]) -> Iterator[Found]:
    for group in menu.groups():
        for entry in group.entries:
            if spelling.fits(words, str(entry.title), str(group.title), f"{entry.about} {entry.words}"):
                yield Found(str(entry.title), str(entry.about), entry.icon, entry.url)


def _parameters(words: tuple[str, ...]) -> Iterator[Found]:
    for each in parameters.declared().values():
        if spelling.fits(words, str(each.title), f"{each.help} {each.words}"):
            url = f"/settings/parameters#{each.key.replace('.', '-')}"
            yield Found(str(each.title), str(each.help), icon="adjustments-horizontal", url=url)


def _dictionaries(actor: MemberActor, words: tuple[str, ...]) -> Iterator[Found]:
    values: dict[str, set[str]] = {}
    for spec in shaped(actor).types.values():
        for field in spec.fields:
            values.setdefault(str(field.dictionary), set()).update(str(option.label) for option in field.options)
    for info in dictionaries.all(actor):
        used = "、".join(f"{title}·{label}" for title, label in info.used_in)
        if spelling.fits(words, info.title, used, *values.get(info.key, ())):
            yield Found(info.title, used, icon="book-2", url=f"/settings/dictionaries/{info.key}")


def _fields(actor: MemberActor, words: tuple[str, ...]) -> Iterator[Found]:
    for spec in shaped(actor).types.values():
        for field in spec.fields:
            if spelling.fits(words, str(field.label), str(spec.title)):
                where = f"{spec.title} · {field.kind.title}"
                url = f"/settings/fields/{spec.key}?q={field.label}"
                yield Found(str(field.label), where, icon="forms", url=url)

"""Template tags and filters of the frame. They are built in: no template needs to load them (`{% load kezhou %}` works too)."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from django import template
from django.templatetags.static import static
from markupsafe import Markup

from kezhou.web import menu, moments
from kezhou.web.people import initials as initials_of
from kezhou.web.records.detail import sentence
from kezhou.web.records.marks import mark
from kezhou.web.records.stream import given_sentence, linked_sentence

if TYPE_CHECKING:
    from kezhou.records import Change, Entry
    from kezhou.timeline import Event
    from kezhou.web.records.listing import Address

register = template.Library()


@register.simple_tag
def icon(name: str, css: str | int = "", label: str = "") -> Markup:
    """One picture of the sprite, decorative unless it has a label: `{% icon "users" %}`, `{% icon "users" 16 %}`.

    `css` is a size (14, 16, 20, 24; 18 without) or further classes.
    """
    return _icon(name, str(css), label)


@lru_cache(maxsize=2048)
def _icon(name: str, css: str, label: str) -> Markup:
    extra = f" kz-s{css}" if css.isdigit() else f" {css}" if css else ""
    role = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="ti{}" {}><use href="{}#{}"/></svg>').format(
        extra, role, static("vendor/icons.svg"), name
    )


class ToastParts(NamedTuple):
    """What `kezhou.pages.toast` packed into a message: kind ok, no or info, and one action."""

    kind: str
    label: str
    url: str
    post: bool


@register.filter
def toast_parts(tags: str | None) -> ToastParts:
    """Unpack the tags of a message; messages of other origin are plain information."""
    kind, label, url = [*(tags or "").split("|"), "", "", ""][:3]
    return ToastParts(kind or "info", label, url.removeprefix("post:"), url.startswith("post:"))


@register.simple_tag(takes_context=True)
def second_column(context: template.Context) -> menu.Module | None:
    """The module whose entries stand in the second column, by the page's `active`."""
    frame = context.get("frame")
    return frame.module(str(context.get("active", ""))) if frame is not None else None


@register.filter
def when(moment: datetime | None) -> str:
    """A moment as people say it: 刚刚, 5 分钟前, 今天 09:12, 昨天 17:20, 5 月 8 日, 2025 年 3 月 2 日."""
    return moments.when(moment)


@register.simple_tag
def size_url(address: Address, size: int) -> str:
    """The list with another page size."""
    return address.to(size=size)


@register.simple_tag
def sort_url(address: Address, sort: str) -> str:
    """The list in another order."""
    return address.to(sort=sort)


@register.simple_tag
def record_mark(entry: Entry) -> Markup:
    """The large square before a record's title."""
    return mark(entry.pk, entry.title, "kz-s44")


@register.filter
def act(change: Change) -> str:
    """What somebody did to a record, in one sentence."""
    return sentence(change)


@register.filter
def linked_act(event: Event) -> str:
    """What somebody did to a record that points here."""
    return linked_sentence(event)


@register.filter
def given_act(event: Event) -> str:
    """Who gave the record to whom, or what became of it."""
    return given_sentence(event)


@register.filter
def initials(name: str) -> str:
    """What stands in an avatar."""
    return initials_of(name)

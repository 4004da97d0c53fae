"""Drafts of forms: offered on the next visit, filled in again as if they had been posted, gone when the form is saved (BAS-06)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.urls import reverse

from kezhou import drafts
from kezhou.access.actor import MemberActor
from kezhou.drafts.models import Draft
from kezhou.records import Entry
from kezhou.records.spec import TypeSpec

NOT_KEPT = frozenset({"csrfmiddlewaretoken", "version", "back", "again", "then", "password"})


@dataclass(frozen=True, slots=True)
class Offer:
    """A draft that may be taken up: when it was left, whether the record was changed since, and where to go on or drop it."""

    at: datetime
    stale: bool
    take_url: str
    drop_url: str


def url_of(type_key: str, place: str, record: int = 0) -> str:
    """Where a form of this place keeps its draft."""
    return reverse("draft", args=[type_key, place, record])


def offer(actor: MemberActor, spec: TypeSpec, place: str, entry: Entry | None = None) -> Offer | None:
    """The draft of this form, as the note above it offers it."""
    record = entry.pk if entry is not None else 0
    found = drafts.of(actor, spec.key, place, record=record)
    if found is None:
        return None
    stale = entry is not None and found.version is not None and found.version < entry.version
    return Offer(found.changed_at, stale, "?draft=1", reverse("draft-drop", args=[spec.key, place, record]))


def post_of(draft: Draft) -> QueryDict:
    """A draft as the form that it was."""
    data = QueryDict(mutable=True)
    for name, values in drafts.in_order(draft).items():
        data.setlist(name, values)
    return data


def fits(draft: Draft, given: Mapping[str, str]) -> bool:
    """Whether a draft belongs where the address leads: a contact begun for one customer is not offered at another."""
    return all(draft.values.get(name, [""])[0] == value for name, value in given.items())


def forget(actor: MemberActor, spec: TypeSpec, *places: str, record: int = 0) -> None:
    """The form was saved: its draft goes."""
    for place in places:
        drafts.drop(actor, spec.key, place, record=record)

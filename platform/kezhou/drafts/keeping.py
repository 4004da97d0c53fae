"""Keeping, finding and dropping a member's own drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import parameters
from kezhou.access.actor import Actor
from kezhou.drafts.models import Draft
from kezhou.records.catalogue import type_of

PLACES = frozenset({"new", "quick", "edit", "comment"})
DAYS = "records.draft_days"
LARGEST = 256 * 1024
MOST = 200
parameters.declare(
    parameters.Parameter(
        key=DAYS,
        group="records",
        title=gettext_lazy("草稿保留"),
        help=gettext_lazy("没有保存的表单和评论，这么多天没有再动过就自动删除。只有写的人自己看得到。"),
        type="number",
        default=30,
        minimum=1,
        maximum=365,
        unit=gettext_lazy("天"),
        words=gettext_lazy("未保存 自动保存"),
    )
)

ORDER = "__order"
"""Under which name a draft keeps the order of its names: rows of lines are told apart by it, and JSONB keeps none."""

Values = Mapping[str, Sequence[str]]


class DraftRefused(Exception):
    """The draft cannot be kept; ``str()`` is the sentence to show."""


def keep(
    actor: Actor,
    type: str,
    place: str,
    values: Values,
    *,
    record: int = 0,
    version: int | None = None,
) -> Draft:
    """Keep what stands in a form, over what was kept of it before.

    Raises:
        DraftRefused: it is too large, or the member keeps too many.
        UnknownType: the actor knows no such type.
        ValueError: an unknown place.
    """
    spec = type_of(actor, type)
    if place not in PLACES:
        raise ValueError(f"A draft has no place {place!r}. Use one of {', '.join(sorted(PLACES))}.")
    kept = {name: [value.replace("\x00", "") for value in given] for name, given in values.items()}
    kept[ORDER] = list(values)
    if len(orjson.dumps(kept)) > LARGEST:
        raise DraftRefused(_("内容超过 256 KB，草稿只留在这台设备上。"))
    if (
        Draft.objects.filter(member=actor.member_pk or 0).count() >= MOST
        and of(actor, type, place, record=record) is None
    ):
        raise DraftRefused(_("你已有 %(n)d 份草稿，请先在“我的草稿”里清理。") % {"n": MOST})
    row, _created = Draft.objects.update_or_create(
        member=actor.member_pk or 0, type=spec.key, place=place, record=record,
        defaults={"values": kept, "version": version, "changed_at": timezone.now()},
    )  # fmt: skip
    return row


def of(actor: Actor, type: str, place: str, *, record: int = 0) -> Draft | None:
    """The actor's draft of this form, or None."""
    return Draft.objects.filter(member=actor.member_pk or 0, type=type, place=place, record=record).first()


def in_order(draft: Draft) -> dict[str, list[str]]:
    """What a draft holds, in the order in which it stood in the form."""
    order = {name: place for place, name in enumerate(draft.values.get(ORDER, ()))}
    names = sorted((name for name in draft.values if name != ORDER), key=lambda name: order.get(name, len(order)))
    return {name: list(draft.values[name]) for name in names}


def mine(actor: Actor) -> tuple[Draft, ...]:
    """Every draft of the actor, the last touched first."""
    return tuple(Draft.objects.filter(member=actor.member_pk or 0).order_by("-changed_at", "-pk"))


def drop(actor: Actor, type: str, place: str, *, record: int = 0) -> bool:
    """Forget a draft of the actor; says whether there was one."""
    deleted, _each = Draft.objects.filter(member=actor.member_pk or 0, type=type, place=place, record=record).delete()
    return bool(deleted)

"""What the plugin contributes: its record type, a dictionary, rights for standard roles, a menu entry, samples, one check."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.sdk.hooks import (
    DictionarySeed,
    Draft,
    Grant,
    MenuItem,
    Occasion,
    Option,
    Reference,
    Refusal,
    RoleSeed,
    Samples,
    hookimpl,
)
from kezhou.sdk.records import Actor, RecordType, TypeSpec
from kezhou_visas.records import VisaCaseType

STATES = (
    Option("collecting", "收集材料", "amber"),
    Option("submitted", "已递交", "blue"),
    Option("granted", "已出签", "green"),
    Option("refused", "拒签", "red"),
)


@hookimpl
def record_types() -> Iterable[type[RecordType]]:
    return (VisaCaseType,)


@hookimpl
def dictionaries() -> Iterable[DictionarySeed]:
    return (DictionarySeed("visas.state", "签证办理状态", STATES),)


@hookimpl
def roles() -> Iterable[RoleSeed]:
    return (
        RoleSeed("sales", "销售", [Grant("visas.*", "read create update", "own")]),
        RoleSeed("service", "客服", [Grant("visas.*", "read create update", "all")]),
    )


@hookimpl
def menu(actor: Actor) -> Iterable[MenuItem]:
    return (MenuItem(title=gettext_lazy("签证"), icon="id", type=VisaCaseType.key),)


@hookimpl
def before_save(actor: Actor, type: TypeSpec, drafts: Sequence[Draft]) -> Iterable[Refusal]:
    """A visa cannot be ready before it was submitted."""
    if type.key == VisaCaseType.key:
        for draft in drafts:
            submitted, ready = draft.after.get("submitted_on"), draft.after.get("ready_on")
            if submitted and ready and ready < submitted:
                yield Refusal(draft.position, _("预计出签不能早于递交日期。"), field="ready_on")


@hookimpl
def samples(occasion: Occasion) -> Iterable[Samples]:
    travellers = (("何国栋", "日本"), ("刘文博", "法国"), ("邓思敏", "新加坡"))
    yield Samples(
        VisaCaseType.key,
        [
            {
                "name": name,
                "country": country,
                "customer": Reference("customer-0"),
                "submitted_on": occasion.today - timedelta(days=4 + index),
                "ready_on": occasion.today + timedelta(days=5 + index),
                "state": "submitted",
                "fee": 480,
            }
            for index, (name, country) in enumerate(travellers)
        ],
    )

"""How a member likes the display: theme, density, language and the second column. Columns of lists are `kezhou.records.preferences`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from kezhou.access.actor import MemberActor
from kezhou.web.models import Preference

DISPLAY = "display"
CHOICES: Mapping[str, tuple[tuple[str, Any], ...]] = {
    "theme": (("light", _("浅色")), ("dark", _("深色")), ("auto", _("跟随系统"))),
    "density": (("comfortable", _("舒适")), ("compact", _("紧凑"))),
    "language": (("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")),
    "panel": (("open", _("显示")), ("closed", _("收起，从标题旁边打开"))),
}


def read(actor: MemberActor, key: str) -> dict[str, Any]:
    """The member's choice, empty when there is none."""
    found = Preference.objects.filter(member=actor.member_pk, key=key).values_list("value", flat=True)
    return dict(found[0]) if found else {}


def keep(actor: MemberActor, key: str, value: Mapping[str, Any]) -> None:
    """Remember the choice for this member."""
    Preference.objects.update_or_create(member=actor.member_pk, key=key, defaults={"value": dict(value)})


def display(chosen: Mapping[str, Any]) -> dict[str, str]:
    """Every choice of the display with anything unknown replaced by the default."""
    return {
        name: chosen[name] if chosen.get(name) in {value for value, _label in choices} else choices[0][0]
        for name, choices in CHOICES.items()
    }

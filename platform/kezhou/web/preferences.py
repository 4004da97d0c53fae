"""Reading and keeping what a member prefers: display (theme, density, language) and the columns of lists (QRY-05)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from kezhou.access.actor import MemberActor
from kezhou.web.models import Preference

DISPLAY = "display"
CHOICES: Mapping[str, tuple[tuple[str, Any], ...]] = {
    "theme": (("light", _("浅色")), ("dark", _("深色")), ("auto", _("跟随系统"))),
    "density": (("comfortable", _("舒适")), ("compact", _("紧凑"))),
    "language": (("zh-hans", "中文"), ("en", "English")),
}


def list_key(type_key: str) -> str:
    """Under which key the columns of a type's list are remembered."""
    return f"list:{type_key}"


def read(actor: MemberActor, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The member's choices for these keys, or else those of one of their roles (the newest), in one statement."""
    wanted = list(keys)
    rows = list(
        Preference.objects.filter(key__in=wanted, member=actor.member_pk).values_list("key", "value", "member", "changed_at")
    )
    missing = [key for key in wanted if key not in {row[0] for row in rows}]
    if missing and actor.roles:
        rows += Preference.objects.filter(key__in=missing, role__in=actor.roles).order_by("changed_at").values_list(
            "key", "value", "member", "changed_at"
        )
    return {key: value for key, value, _member, _at in rows}


def keep(actor: MemberActor, key: str, value: Mapping[str, Any]) -> None:
    """Remember the choice for this member."""
    Preference.objects.update_or_create(member=actor.member_pk, key=key, defaults={"value": dict(value)})


def keep_for_role(role: str, key: str, value: Mapping[str, Any]) -> None:
    """Remember the choice as the default of a role's members (QRY-05); the caller has asked for the administrator."""
    Preference.objects.update_or_create(role=role, key=key, defaults={"value": dict(value)})


def forget(actor: MemberActor, key: str) -> None:
    """Back to the default of the role or of the type."""
    Preference.objects.filter(member=actor.member_pk, key=key).delete()


def display(chosen: Mapping[str, Any]) -> dict[str, str]:
    """Theme, density and language with anything unknown replaced by the default."""
    return {
        name: chosen[name] if chosen.get(name) in {value for value, _label in choices} else choices[0][0]
        for name, choices in CHOICES.items()
    }

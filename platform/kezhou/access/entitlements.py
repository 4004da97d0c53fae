"""What the company's plan allows. Asked here, answered by the hook `entitlement`; nobody answering means allowed.

Keys are `seats`, `fields:<type key>` (own fields of one type), `own_types` (record types of the company's own), `storage`
(megabytes of files on records) and `plugin:<name>`. How much is used is counted here, so that whoever answers the hook needs to know limits only.
"""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext as _

from kezhou.plugins import hooks
from kezhou.sdk.hooks import Entitlement
from tenants.context import current

__all__ = ["UPGRADE_URL", "Entitlement", "NotEntitled", "demand", "entitled", "used"]

UPGRADE_URL = "/settings/plan"


class NotEntitled(Exception):
    """The plan does not allow it: `str()` says so and how to go on; `entitlement` holds limit and use."""

    def __init__(self, entitlement: Entitlement) -> None:
        super().__init__(entitlement.sentence)
        self.entitlement = entitlement


def entitled(key: str, wanted: int = 1) -> Entitlement:
    """Whether `wanted` more of `key` fit into the plan (BIL-06)."""
    answer: Entitlement | None = hooks().entitlement(key=key, wanted=wanted)
    return answer if answer is not None else Entitlement(allowed=True)


def demand(key: str, wanted: int = 1) -> None:
    """Raise NotEntitled when the plan does not allow it."""
    answer = entitled(key, wanted)
    if not answer.allowed:
        raise NotEntitled(answer)


def used(key: str) -> int:
    """How much of a limited thing the company uses now. Raises ValueError for a key that nothing counts."""
    kind, _colon, subject = key.partition(":")
    if kind == "seats":
        return _count("SELECT count(*) FROM access_member WHERE state IN ('active', 'invited') AND deleted_at IS NULL")
    if kind == "fields" and subject:
        return _count("SELECT count(*) FROM records_customfield WHERE type = %s AND NOT removed", subject)
    if kind == "fields":
        return _count(
            "SELECT COALESCE(max(n), 0) FROM "
            "(SELECT count(*) AS n FROM records_customfield WHERE NOT removed GROUP BY type) AS counted"
        )
    if kind == "storage":
        return _count(
            "SELECT (COALESCE(sum(size), 0) + 1048575) / 1048576 FROM files_file"
            " WHERE purpose IN ('attachment', 'field')"
        )
    if kind == "own_types":
        return _count("SELECT count(*) FROM records_owntype WHERE NOT removed AND parent_id IS NULL")
    if kind == "plugin":
        return int(subject in current().plugins)
    raise ValueError(
        f"Nothing counts the use of “{key}”. Known are seats, fields:<type>, own_types, storage and plugin:<name>."
    )


def refusal(key: str, *, limit: int, used: int, plan: str) -> str:
    """The sentence that says what the plan allows and how to go on."""
    kind = key.partition(":")[0]
    sentences = {
        "seats": _("“%(plan)s”含 %(limit)d 个席位，已用 %(used)d 个。请先停用不再使用的账号，或在“套餐”里升级。"),
        "fields": _("“%(plan)s”每种记录可加 %(limit)d 个自己的字段，已有 %(used)d 个。请在“套餐”里升级。"),
        "storage": _(
            "“%(plan)s”含 %(limit)d MB 文件空间，已用 %(used)d MB，放不下这个文件。请先删除不用的文件，或在“套餐”里升级。"
        ),
        "own_types": _("“%(plan)s”可以有 %(limit)d 种自定义对象，已有 %(used)d 种。请停用不用的，或在“套餐”里升级。"),
        "plugin": _("“%(plan)s”不含这个模块。请在“套餐”里升级后再启用。"),
    }
    return sentences[kind] % {"plan": plan, "limit": limit, "used": used}


def _count(statement: str, *parameters: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.fetchone()[0])

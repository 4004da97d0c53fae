"""What changed in a list since it was shown (UIX-11): a part of what an open page asks for every few seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from kezhou.access.actor import MemberActor
from kezhou.records.freshness import fresh
from kezhou.records.spec import FilterError, TypeSpec
from kezhou.web.records.looking import look

MOST = 500


def freshness(actor: MemberActor, spec: TypeSpec, query: QueryDict, rows: str, since: str) -> dict[str, Any]:
    """`rows` are the shown ones as key:version, `since` is when the page was made. Raises FilterError."""
    here = look(actor, spec, query)
    found = fresh(actor, spec, here.asked, _rows(rows), _since(since))
    return {
        "changed": [{"pk": row.pk, "by": row.by} for row in found.changed],
        "gone": list(found.gone),
        "new": found.new,
        "count": found.count,
    }


def _rows(text: str) -> dict[int, int]:
    rows: dict[int, int] = {}
    for part in filter(None, text.split(",")[:MOST]):
        pk, _colon, version = part.partition(":")
        if not (pk.isascii() and pk.isdecimal() and version.isascii() and version.isdecimal()) or len(part) > 30:
            raise FilterError(_("列表的行应写成 编号:版本，收到的是“%(value)s”。") % {"value": part[:20]})
        if int(pk) < 2**63 and int(version) < 2**31:
            rows[int(pk)] = int(version)
    return rows


def _since(text: str) -> datetime:
    try:
        since = datetime.fromisoformat(text)
    except ValueError:
        since = datetime.min
    if since.tzinfo is None or since.year < 2000:
        raise FilterError(_("“%(value)s”不是带时区的时刻。") % {"value": text[:40]})
    return since

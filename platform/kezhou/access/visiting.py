"""An operator looks into a company by its consent: read only, personal and confidential values masked, every page written down (TEN-05).

There is no second path: an operator is an actor with a policy of its own, and opens the same pages through the same gate. A session
of a visit holds no account, so whatever asks `actor_of` (the API, every page that is not declared for visitors) finds nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.access.actor import VisitorActor
from kezhou.access.actors import actor_for, remember_actor
from kezhou.access.confidential import confidential
from kezhou.access.models import Visit
from kezhou.access.policy import Operation, Policy
from kezhou.access.versioned import Versioned
from kezhou.records.spec import FieldSpec, Level, NotAllowed
from tenants import consents, directory, handover
from tenants.consents import OPEN_SQL
from tenants.context import current
from tenants.directory import VERSION_SQL

SESSION = "kezhou_visit"
"""Session key: the consent, the operator (a member of `ops`) and the name."""
FIRST_PAGE = "/visit"
LOOKING = frozenset({"GET", "HEAD"})
NOBODY = 0
"""The member behind an operator: no member has this key, so whatever belongs to a person is empty."""

_FACTS = f"SELECT {OPEN_SQL}, COALESCE((SELECT version FROM records_shape WHERE id = 1), 0), {VERSION_SQL}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class VisitRights:
    """What operators may see of each type; policies are made when first asked for."""

    confidential: Mapping[str, frozenset[str]]
    shape_version: int
    _policies: dict[str, Policy] = field(default_factory=dict, compare=False, repr=False)

    def policy(self, type_key: str) -> Policy:
        """Reading every row; nothing else."""
        known = self._policies.get(type_key)
        if known is None:
            known = self._policies[type_key] = self._compile(type_key)
        return known

    def _compile(self, type_key: str) -> Policy:
        from kezhou.access.conditions import Everything
        from kezhou.records.catalogue import shaped  # compiled when Django is ready; this module is imported before

        held = shaped(_bare(self))
        spec = held.types.get(type_key)
        levels = {one.key: self._level(type_key, one) for one in spec.fields} if spec else {}
        reason = Everything(gettext_lazy("因公司授权运营方查看而可见"))
        return Policy(type_key, {Operation.READ.value: reason}, levels, Level.READ)

    def _level(self, type_key: str, one: FieldSpec) -> Level:
        """Files cannot be masked, so they are hidden; personal and confidential values are masked."""
        if one.kind.holds_files:
            return Level.HIDE
        secret = one.personal or one.key in self.confidential.get(type_key, ())
        return Level.MASK if secret else Level.READ


_rights: Versioned[str, VisitRights] = Versioned(limit=2_000)


def _bare(rights: VisitRights) -> VisitorActor:
    return VisitorActor(
        member_pk=NOBODY,
        account_pk=None,
        name="",
        department_pk=None,
        policies=rights,
        shape_version=rights.shape_version,
    )


def begin(request: HttpRequest, token: str) -> bool:
    """Start the visit that a token of the console stands for, in place of any login of this browser; False for a dead one."""
    visit = handover.redeem_visit(token)
    until = consents.open_until(visit.consent_pk) if visit else None
    if visit is None or until is None:
        return False
    request.session.flush()
    request.session[SESSION] = {"consent": visit.consent_pk, "operator": visit.operator, "visitor": visit.visitor}
    request.session.set_expiry(max(1, int((until - timezone.now()).total_seconds())))
    return True


def end(request: HttpRequest) -> None:
    """Stop looking."""
    if SESSION in request.session:
        request.session.flush()


def actor_of_visit(request: HttpRequest, *, admits: bool) -> VisitorActor | None:
    """The operator of this request, None when it is no visit. What is opened is written down before it is made.

    Raises:
        NotAllowed: the consent is over, or the page is not for looking.
    """
    session = getattr(request, "session", None)
    visit = session.get(SESSION) if session is not None else None
    if visit is None:
        return None
    row = _facts(visit["consent"])
    if row[0] is None:
        request.session.flush()
        raise NotAllowed(_("这家公司的授权已到期或已收回，现在什么也看不到。需要时请公司管理员重新授权。"))
    if not consents.in_ops(lambda: _is_operator(visit.get("operator", 0))):
        request.session.flush()
        raise NotAllowed(_("这个运营方账号已停用或不再是运营人员，不能再查看。"))
    if not admits or request.method not in LOOKING:
        raise NotAllowed(_("按公司的授权只能查看记录，这一步不能做。"))
    Visit.objects.create(consent=visit["consent"], visitor=visit["visitor"], path=request.get_full_path()[:500])
    actor = _actor(visit, row)
    remember_actor(request, actor)
    return actor


def _is_operator(member_pk: int) -> bool:
    """Whether a member of `ops` still runs the installation: a dismissed one loses what was open as well."""
    found = actor_for(member_pk)
    return found is not None and found.is_admin


def until_of(actor: VisitorActor) -> datetime | None:
    """Until when the visit may go on."""
    return consents.open_until(actor.consent)


def _facts(consent: int) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [consent])
        row: tuple[Any, ...] = cursor.fetchone()
        return row


def _actor(visit: Mapping[str, Any], row: tuple[Any, ...]) -> VisitorActor:
    _until, shape_version, tenant_version = row
    directory.renew(tenant_version)
    version = (shape_version, current().plugins)
    rights = _rights.get(current().schema, version, lambda: VisitRights(confidential(), shape_version))
    name = _("运营方 %(name)s") % {"name": visit["visitor"]}
    return VisitorActor(
        member_pk=NOBODY, account_pk=None, name=name, department_pk=None, policies=rights,
        shape_version=shape_version, via="visit", consent=int(visit["consent"]),
    )  # fmt: skip


def visits(consent_pk: int, *, count: int = 200) -> tuple[Visit, ...]:
    """What was opened under one consent, the latest first."""
    return tuple(Visit.objects.filter(consent=consent_pk).order_by("-pk")[:count])


def counted() -> Mapping[int, int]:
    """How many pages were opened, by consent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT consent, count(*) FROM access_visit GROUP BY consent")
        return dict(cursor.fetchall())

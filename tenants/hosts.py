"""The host names of a company: the one it has, and those it had, which lead on to it for a stated time (TEN-07)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.company import WrongValue
from tenants.context import control_plane, current
from tenants.directory import forget_hosts, note, raise_version, refresh_current
from tenants.models import Domain, Tenant
from tenants.naming import host_of, slug_problem

MOST_LEFT = 3
"""How many names may lead on to a company at once: whoever changes more often waits until the first one has ended."""


@dataclass(frozen=True, slots=True)
class LeftHost:
    """A host name the company had, and until when it leads on."""

    host: str
    until: datetime


def lasts() -> timedelta:
    """How long a name that was left leads on."""
    return timedelta(days=settings.KEZHOU_LEFT_HOST_DAYS)


def give_host(pk: int, slug: str) -> None:
    """Let the host name of a short name lead to a company for good. In the control plane, in a transaction."""
    host = host_of(slug)
    Domain.objects.filter(domain=host, until__lte=timezone.now()).delete()
    Domain.objects.update_or_create(domain=host, tenant_id=pk, defaults={"is_primary": True, "until": None})


def left_hosts() -> tuple[LeftHost, ...]:
    """The names that still lead on to the entered company, the latest first."""
    pk = current().pk
    with control_plane():
        rows = Domain.objects.filter(tenant_id=pk, until__gt=timezone.now()).order_by("-until")
        return tuple(LeftHost(row.domain, row.until) for row in rows)


def rename(slug: str, *, by: str) -> None:
    """Give the entered company another short name; the present address leads on to the new one for `lasts()`.

    Args:
        by: who does it, for the company's history.

    Raises:
        WrongValue: the name cannot be had; nothing is changed.
    """
    place = current()
    if slug == place.slug:
        raise WrongValue("slug", _("网址短名已经是“%(slug)s”。") % {"slug": slug})
    if place.is_reserved:
        raise WrongValue("slug", _("运营方自己的网址由安装决定，不能在这里改。"))
    if problem := slug_problem(slug, own=place.pk):
        raise WrongValue("slug", problem)
    left = [one for one in left_hosts() if one.host != host_of(slug)]
    if len(left) >= MOST_LEFT:
        day = timezone.localtime(left[-1].until).date().isoformat()
        raise WrongValue(
            "slug", _("已有 %(n)d 个旧网址还在转到这里，%(day)s 以后才能再改。") % {"n": len(left), "day": day}
        )
    try:
        with control_plane(), transaction.atomic():
            Tenant.objects.select_for_update().get(pk=place.pk)
            Tenant.objects.filter(pk=place.pk).update(slug=slug)
            Domain.objects.filter(tenant_id=place.pk, domain=host_of(place.slug)).update(
                is_primary=False, until=timezone.now() + lasts()
            )
            give_host(place.pk, slug)
            raise_version(place.pk)
    except IntegrityError as error:  # somebody else took it in this moment
        raise WrongValue("slug", _("“%(slug)s”已被使用，请换一个。") % {"slug": slug}) from error
    note(place.pk, why=_("网址由 %(old)s 改为 %(new)s。") % {"old": place.slug, "new": slug}, by=by)
    forget_hosts()
    refresh_current()


def delete_ended() -> int:
    """Delete names whose time is over, so that others can have them; says how many."""
    with control_plane():
        return int(Domain.objects.filter(until__lte=timezone.now()).delete()[0])

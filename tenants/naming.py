"""Short address names and company names: what can be had, what is taken, who is called alike."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.context import control_plane, in_control_plane
from tenants.models import Domain, Tenant
from tenants.names import name_key
from tenants.states import WORKING

SLUG = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
RESERVED_SLUGS = frozenset(
    [
        "www",
        "api",
        "app",
        "admin",
        "mail",
        "smtp",
        "imap",
        "ftp",
        "static",
        "assets",
        "cdn",
        "media",
        "help",
        "docs",
        "status",
        "ops",
        "public",
        "private",
        "test",
        "demo-data",
        "kezhou",
        "login",
        "signup",
        "signin",
        "account",
        "billing",
        "portal",
        "support",
        "blog",
        "news",
        "localhost",
        "root",
        "system",
        "internal",
        "tenants",
        "extensions",
        "template",
        "postgres",
        "information-schema",
        "wap",
        "m",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company of the registry, as far as a stranger may know it."""

    pk: int
    slug: str
    name: str


def host_of(slug: str) -> str:
    """The host name of a tenant, without port."""
    return f"{slug}.{settings.KEZHOU_BASE_DOMAIN}"


def schema_of(slug: str) -> str:
    """The schema that a company signed up under this short name has, also when it goes by another name later."""
    return "t_" + slug.replace("-", "_")


def slug_problem(slug: str, *, own: int | None = None) -> str | None:
    """Why a short address name cannot be taken, as a sentence, or None (TEN-01).

    Args:
        own: the company that asks for another name; names it had before are free for it alone.
    """
    if not slug:
        return _("请填写网址短名。")
    if not SLUG.fullmatch(slug) or "--" in slug:
        return _("网址短名只能用小写字母、数字和连字符，以字母开头，不以连字符结尾，3 到 40 个字符。")
    if slug in RESERVED_SLUGS or slug.startswith(("kz-", "pg-")):
        return _("“%(slug)s”是保留的名字，请换一个。") % {"slug": slug}
    if _is_taken(slug, own):
        return _("“%(slug)s”已被使用，请换一个。") % {"slug": slug}
    return None


@in_control_plane
def _is_taken(slug: str, own: int | None) -> bool:
    """By a company's name, by one it had and that still leads to it, or by a schema that keeps its first name."""
    named = Tenant.objects.filter(Q(slug=slug) | Q(schema_name=schema_of(slug))).exclude(status=Tenant.Status.FAILED)
    leads = Domain.objects.filter(domain=host_of(slug)).filter(Q(until=None) | Q(until__gt=timezone.now()))
    return bool(named.exclude(pk=own).exists() or leads.exclude(tenant_id=own).exists())


def slug_ideas(slug: str, *, count: int = 2) -> tuple[str, ...]:
    """Free short names near the wished one."""
    stem = re.sub(r"-+", "-", re.sub(r"[^a-z0-9]+", "-", slug.lower())).strip("-")[:30]
    stem = stem if re.match(r"[a-z]", stem) else f"c{stem}".strip("-")
    candidates = (f"{stem}{ending}" for ending in ("-crm", "-cn", "-travel", *range(2, 40)))
    free: list[str] = []
    for candidate in candidates:
        if len(free) == count:
            break
        if slug_problem(candidate) is None:
            free.append(candidate)
    return tuple(free)


def companies_named(name: str) -> tuple[Company, ...]:
    """Active companies whose name is the same as far as people see it (TEN-01: a repeated sign-up warns)."""
    key = name_key(name)
    if not key:
        return ()
    with control_plane():
        rows = Tenant.objects.filter(name_key=key, status__in=WORKING, is_reserved=False).order_by("pk")
        return tuple(Company(pk=row.pk, slug=row.slug, name=row.name) for row in rows)

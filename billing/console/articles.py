"""What is sold, changed by the operator: plans, prices, modules on their own, terms. A worker tells Stripe afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from billing.models import Addon, Period, Plan, Price, Subscription, Terms
from billing.plans import subscription_of, write_limits
from billing.publishing import publish
from billing.terms import terms
from kezhou.plugins import manifests
from tenants.context import control_plane

KEY = re.compile(r"[a-z][a-z0-9-]{1,38}")
LARGEST = 1_000_000
DEAREST = 10**10


class WrongArticle(ValueError):
    """Something that cannot be sold like this; `errors` holds a sentence per input."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("；".join(errors.values()))
        self.errors = errors


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanForm:
    """A plan as it was typed; numbers are None without limit, prices None where it is not sold for that period (fen)."""

    key: str
    name: str
    summary: str = ""
    seats: int | None = None
    storage: int | None = None
    fields: int | None = None
    own_types: int | None = None
    all_plugins: bool = True
    plugins: tuple[str, ...] = ()
    is_offered: bool = True
    is_default: bool = False
    month: int | None = None
    year: int | None = None


def keep_plan(form: PlanForm, *, present: str = "") -> None:
    """Make a plan, or change the present one; companies that are on it get its limits at once. Raises WrongArticle."""
    errors = _errors(form, present)
    if errors:
        raise WrongArticle(errors)
    with control_plane(), transaction.atomic():
        list(Plan.objects.select_for_update().order_by("pk"))  # two operators make two plans the default one by one
        plan = Plan.objects.get(key=present) if present else Plan(key=form.key, version=0)
        if form.is_default and not plan.is_default:
            Plan.objects.filter(is_default=True).update(is_default=False)
        elif plan.is_default and not form.is_default:
            raise WrongArticle({"is_default": _("总要有一个默认套餐：请去另一个套餐上设默认。")})
        for name in (
            "name",
            "summary",
            "seats",
            "storage",
            "fields",
            "own_types",
            "all_plugins",
            "is_offered",
            "is_default",
        ):
            setattr(plan, name, getattr(form, name))
        plan.plugins, plan.version = sorted(form.plugins), plan.version + 1
        plan.save()
        _price(plan, {Period.MONTH: form.month, Period.YEAR: form.year})
        affected = list(Subscription.objects.filter(plan=plan).values_list("tenant_id", flat=True))
        for pk in affected:
            write_limits(subscription_of(pk))
    publish.after_commit()


def _errors(form: PlanForm, present: str) -> dict[str, str]:
    errors = {}
    if not present:
        with control_plane():
            taken = Plan.objects.filter(key=form.key).exists()
        if not KEY.fullmatch(form.key):
            errors["key"] = _("代号用小写字母、数字和连字符，以字母开头，2 到 39 个字符。")
        elif taken:
            errors["key"] = _("代号“%(key)s”已经有了。") % {"key": form.key}
    if not 1 <= len(form.name) <= 40:
        errors["name"] = _("名称要有 1 到 40 个字。")
    if len(form.summary) > 200:
        errors["summary"] = _("说明最多 200 个字。")
    unknown = [name for name in form.plugins if name not in manifests()]
    if unknown:
        errors["plugins"] = _("没有这些模块：%(names)s。") % {"names": "、".join(unknown)}
    return errors


def _price(article: Plan | Addon, wanted: Mapping[Period, int | None]) -> None:
    """Another amount is another price; the old one is put away and goes on for who pays it."""
    own = {"plan": article} if isinstance(article, Plan) else {"addon": article}
    for period, amount in wanted.items():
        now = Price.objects.filter(**own, period=period, active=True).first()
        if (now.amount if now else None) == amount:
            continue
        if now is not None:
            Price.objects.filter(pk=now.pk).update(active=False)
        if amount is not None:
            Price.objects.create(**own, period=period, amount=amount)


def keep_addon(plugin: str, *, month: int | None, year: int | None) -> None:
    """What a module costs on its own; without any price it is not sold. Raises WrongArticle."""
    if plugin not in manifests():
        raise WrongArticle({"plugin": _("没有这个模块。")})
    with control_plane(), transaction.atomic():
        addon, _made = Addon.objects.select_for_update().get_or_create(plugin=plugin, defaults={"version": 0})
        Addon.objects.filter(pk=addon.pk).update(
            version=F("version") + 1, is_offered=month is not None or year is not None
        )
        _price(addon, {Period.MONTH: month, Period.YEAR: year})
    publish.after_commit()


def keep_terms(values: Mapping[str, object]) -> None:
    """Trial, days of grace, whom to pay. The caller has read the numbers."""
    terms()
    with control_plane():
        Terms.objects.filter(pk=1).update(**values)


def number(text: str, *, name: str, errors: dict[str, str], most: int = LARGEST) -> int | None:
    """A whole number from an input; empty is None, anything else leaves a sentence in `errors`."""
    plain = text.strip().replace(",", "")
    if not plain:
        return None
    if not (plain.isdecimal() and len(plain) <= 9 and int(plain) <= most):
        errors[name] = _("“%(text)s”不行：请填 0 到 %(most)d 的整数，空着就是不限。") % {
            "text": text[:20],
            "most": most,
        }
        return None
    return int(plain)


def all_plans() -> Iterable[Plan]:
    """Every plan with its prices and how many companies are on it. In the control plane."""
    plans = list(Plan.objects.order_by("order", "pk").prefetch_related("prices"))
    counts: dict[int, int] = {}
    for pk in Subscription.objects.filter(tenant__is_reserved=False).values_list("plan_id", flat=True):
        counts[pk] = counts.get(pk, 0) + 1
    for plan in plans:
        plan.companies = counts.get(plan.pk, 0)  # type: ignore[attr-defined]  # for the page
        plan.now = {price.period: price for price in plan.prices.all() if price.active}  # type: ignore[attr-defined]
    return plans

"""运营台 › 套餐: plans and their prices, modules on their own, trial and days of grace, whom to pay."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from billing.console import articles
from billing.console.articles import PlanForm, WrongArticle, number
from billing.models import Addon, Plan
from billing.ordering import yuan
from billing.publishing import behind, names
from billing.stripe_client import connected
from billing.terms import terms
from kezhou.pages import OPERATOR, PageRequest, page, toast
from kezhou.plugins import manifests
from kezhou.records.fields.reading import plain
from tenants.context import control_plane

HERE = "/ops/plans"
NEW = "new"
DAYS = {"trial_days": 365, "grace_days": 365, "read_only_days": 730, "kept_days": 3650}
TEXTS = {"contact": 200, "payee": 120, "bank": 120, "account": 60}


@page("ops/plans", access=OPERATOR, name="ops-plans", methods=("GET", "POST"))
def plans(request: PageRequest) -> HttpResponse:
    """All that is sold; a POST changes a module's prices or the terms."""
    if request.method != "POST":
        return _show(request)
    errors: dict[str, str] = {}
    try:
        said = _keep_addon(request, errors) if request.POST.get("do") == "addon" else _keep_terms(request, errors)
    except WrongArticle as error:
        errors = error.errors
        said = ""
    if errors:
        return _show(request, errors=errors)
    toast(request, said)
    return HttpResponseRedirect(HERE)


@page("ops/plans/<str:key>", access=OPERATOR, name="ops-plan", methods=("GET", "POST"))
def plan(request: PageRequest, key: str) -> HttpResponse:
    """One plan, or a new one, beside the list."""
    with control_plane():
        held = Plan.objects.filter(key=key).prefetch_related("prices").first()
    if held is None and key != NEW:
        raise Http404
    if request.method != "POST":
        return _show(request, key=key, form=_of(held))
    errors: dict[str, str] = {}
    form = _typed(request, key, errors)
    try:
        if not errors:
            articles.keep_plan(form, present="" if held is None else key)
    except WrongArticle as error:
        errors = error.errors
    if errors:
        return _show(request, key=key, form=request.POST, errors=errors)
    toast(request, _("“%(name)s”已保存，用它的公司立即生效。") % {"name": form.name})
    return HttpResponseRedirect(f"{HERE}/{form.key if held is None else key}")


def _typed(request: PageRequest, key: str, errors: dict[str, str]) -> PlanForm:
    given = request.POST
    return PlanForm(
        key=given.get("key", "").strip() if key == NEW else key,
        name=given.get("name", "").replace("\0", "").strip(),
        summary=given.get("summary", "").replace("\0", "").strip(),
        **{
            name: number(given.get(name, ""), name=name, errors=errors)
            for name in ("seats", "storage", "fields", "own_types")
        },
        all_plugins=given.get("all_plugins") == "1",
        plugins=tuple(given.getlist("plugins")),
        is_offered=given.get("is_offered") == "1",
        is_default=given.get("is_default") == "1",
        month=_amount(given.get("month", ""), "month", errors),
        year=_amount(given.get("year", ""), "year", errors),
    )


def _amount(text: str, name: str, errors: dict[str, str]) -> int | None:
    """An amount in yuan as fen; empty: not sold for this period."""
    if not text.strip():
        return None
    try:
        fen = Decimal(plain(text).replace(",", "").lstrip("¥￥")) * 100
    except InvalidOperation:
        fen = Decimal(-1)
    if fen != fen.to_integral_value() or not 0 < fen < articles.DEAREST:
        errors[name] = _("“%(text)s”不是价格，请写成 48 或 48.50，空着就是不卖这种周期。") % {"text": text[:20]}
        return None
    return int(fen)


def _of(held: Plan | None) -> dict[str, Any]:
    if held is None:
        return {"is_offered": True, "all_plugins": True}
    now = {price.period: yuan(price.amount) for price in held.prices.all() if price.active}
    facts = (
        "key",
        "name",
        "summary",
        "seats",
        "storage",
        "fields",
        "own_types",
        "all_plugins",
        "plugins",
        "is_offered",
        "is_default",
    )
    return {name: getattr(held, name) for name in facts} | {"month": now.get("month", ""), "year": now.get("year", "")}


def _keep_addon(request: PageRequest, errors: dict[str, str]) -> str:
    given = request.POST
    name = given.get("plugin", "")[:60]
    month = _amount(given.get("month", ""), f"addon-{name}", errors)
    year = _amount(given.get("year", ""), f"addon-{name}", errors)
    if not errors:
        articles.keep_addon(name, month=month, year=year)
    return _("模块价格已保存。")


def _keep_terms(request: PageRequest, errors: dict[str, str]) -> str:
    given = request.POST
    values: dict[str, object] = {}
    for name, most in DAYS.items():
        values[name] = number(given.get(name, ""), name=name, errors=errors, most=most) or 0
    for name, longest in TEXTS.items():
        values[name] = given.get(name, "").replace("\0", "").strip()
        if len(str(values[name])) > longest:
            errors[name] = _("最多 %(most)d 个字。") % {"most": longest}
    values["confirm_signups"] = given.get("confirm_signups") == "1"
    with control_plane():
        trial = Plan.objects.filter(key=given.get("trial_plan", "")).first()
    values["trial_plan"] = trial
    if not errors:
        articles.keep_terms(values)
    return _("规则已保存，从下一次计算起生效。")


def _show(
    request: PageRequest, *, key: str = "", form: Any = None, errors: dict[str, str] | None = None
) -> HttpResponse:
    with control_plane():
        addons = {row.plugin: row for row in Addon.objects.prefetch_related("prices")}
        shown, waiting = list(articles.all_plans()), names(behind()) if connected() else ()
    context: dict[str, Any] = {
        "active": HERE,
        "crumbs": ({"title": _("运营台"), "url": "/ops/companies"}, {"title": _("套餐")}),
        "plans": shown,
        "key": key,
        "form": form,
        "chosen": form.getlist("plugins") if hasattr(form, "getlist") else (form or {}).get("plugins", ()),
        "errors": errors or {},
        "modules": [(name, str(each.title), _prices(addons.get(name))) for name, each in manifests().items()],
        "terms": terms(),
        "given": request.POST,
        "connected": connected(),
        "waiting": waiting,
    }
    return render(request, "billing/ops/plans.html", context, status=422 if errors else 200)


def _prices(addon: Addon | None) -> dict[str, str]:
    if addon is None:
        return {}
    return {price.period: yuan(price.amount) for price in addon.prices.all() if price.active}

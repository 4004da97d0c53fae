"""套餐与账单: what the company uses and pays, buying online or by transfer, bills and their 发票 (BIL-05, BIL-06)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import checkout, invoices, ordering, pricing
from billing.facing import Face, face
from billing.models import Bill, InvoiceProfile, Period, Plan, Price
from billing.plans import ByStripe, subscription_of, title_of
from billing.terms import terms
from kezhou.access.entitlements import UPGRADE_URL, used
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.records.fields.capitals import capitals
from kezhou.web.settings import menu
from kezhou.web.settings.shell import shell
from tenants.context import control_plane, current
from tenants.directory import address_of
from tenants.states import Need

TITLE = gettext_lazy("套餐与账单")
BACK = "/settings/plan/back"
menu.register(
    menu.Entry(
        "plan",
        TITLE,
        gettext_lazy("席位、空间用了多少，续费、换套餐、账单和发票"),
        icon="credit-card",
        url=UPGRADE_URL,
        group="services",
        order=50,
        words=gettext_lazy("席位 升级 价格 限额 续费 账单 发票 付款 转账 套餐"),
    )
)


@page("settings/plan", access=ADMIN, name="plan", needs=Need.ENTRANCE)
def show(request: PageRequest) -> HttpResponse:
    """Use against limits, plans, bills, and what happens if nobody pays."""
    return _show(request)


def _show(request: PageRequest, problem: str = "", status: int = 200) -> HttpResponse:
    found: Face = face()
    context = shell("plan", str(TITLE)) | {"face": found, "problem": problem, "yearly": Period.YEAR}
    return render(request, "billing/plan.html", context, status=status)


# -- online --------------------------------------------------------------------------------------------------------------------


@page("settings/plan/buy", access=ADMIN, name="plan-buy", methods=("GET", "POST"), needs=Need.ENTRANCE)
def buy(request: PageRequest) -> HttpResponse:
    """What is bought, with modules beside it; the button leads to Stripe's page."""
    given = request.POST if request.method == "POST" else request.GET
    plan, period = given.get("plan", "")[:40], given.get("period", "")[:8]
    addons, here = [name[:60] for name in given.getlist("addon")], current()
    if request.method == "POST":
        ways = {"back": address_of(here, BACK), "cancelled": address_of(here, UPGRADE_URL)}
        return _leave(request, lambda: checkout.begin(plan, period, addons, **ways))
    with control_plane():
        price = checkout.price_of(plan, period)
        modules = pricing.articles(period)
    if price is None:
        raise Http404
    context = shell("plan", str(TITLE), _("在线购买")) | {
        "price": price,
        "seats": max(1, used("seats")),
        "modules": _for_sale(modules),
        "chosen": addons,
    }
    return render(request, "billing/buy.html", context)


def _for_sale(prices: Sequence[Price]) -> list[tuple[str, str, int]]:
    """Modules on their own: key, title, fen; those that the plan holds anyway are left to the company to leave out."""
    return [
        (price.addon.plugin, title_of(price.addon.plugin), price.amount) for price in prices if price.addon is not None
    ]


@page("settings/plan/module", access=ADMIN, name="plan-module", methods=("POST",), needs=Need.ENTRANCE)
def module(request: PageRequest) -> HttpResponse:
    """One more module in the subscription that is being paid; the rest of the period is settled by days."""
    try:
        checkout.add_module(request.POST.get("plugin", "")[:60])
    except checkout.PaymentProblem as error:
        return _show(request, str(error), status=422)
    toast(request, _("已加进订阅，现在可以在“业务模块”里打开。"))
    return HttpResponseRedirect(UPGRADE_URL)


@page("settings/plan/manage", access=ADMIN, name="plan-manage", methods=("POST",), needs=Need.ENTRANCE)
def manage(request: PageRequest) -> HttpResponse:
    """Off to Stripe's customer portal: change, other card, cancel."""
    return _leave(request, lambda: checkout.portal(back=address_of(current(), BACK)))


def _leave(request: PageRequest, address: Callable[[], str]) -> HttpResponse:
    """Lead to Stripe. A redirect of a form to another host is forbidden by the content security policy; a page that goes on is not."""
    try:
        url = address()
    except checkout.PaymentProblem as error:
        return _show(request, str(error), status=422)
    response = render(request, "billing/leaving.html", shell("plan", str(TITLE)) | {"url": url})
    response["Refresh"] = f"0; url={url}"
    return response


@page("settings/plan/back", access=ADMIN, name="plan-back", needs=Need.ENTRANCE)
def back(request: PageRequest) -> HttpResponse:
    """Back from Stripe: look at once what came of it."""
    checkout.look_again()
    return HttpResponseRedirect(UPGRADE_URL)


# -- by transfer ---------------------------------------------------------------------------------------------------------------


@page("settings/plan/transfer", access=ADMIN, name="plan-transfer", methods=("GET", "POST"), needs=Need.ENTRANCE)
def transfer(request: PageRequest) -> HttpResponse:
    """What it costs, line by line; the button makes the bill with which one goes to the bank."""
    held = terms()
    if not (held.payee and held.account):
        raise Http404
    given = request.POST if request.method == "POST" else request.GET
    wanted = _wanted(given)
    try:
        found, problem = _quote(wanted), ""
        if request.method == "POST":
            made = ordering.order(current().pk, wanted)
            return HttpResponseRedirect(f"/settings/plan/bills/{made.pk}")
    except (pricing.CannotQuote, ByStripe) as error:
        found, problem = None, str(error)
    with control_plane():
        plans = list(Plan.objects.filter(is_offered=True, prices__active=True).distinct().order_by("order"))
        modules = _for_sale(pricing.articles(wanted.period))
    context = shell("plan", str(TITLE), _("对公转账")) | {
        "wanted": wanted,
        "quote": found,
        "problem": problem,
        "plans": plans,
        "periods": Period.choices,
        "modules": modules,
    }
    return render(
        request, "billing/transfer.html", context, status=422 if problem and request.method == "POST" else 200
    )


def _wanted(given: QueryDict) -> pricing.Wanted:
    pk = current().pk
    with control_plane():
        row = subscription_of(pk)
    seats = given.get("seats", "").strip()
    return pricing.Wanted(
        plan=given.get("plan", row.plan.key)[:40],
        period=given.get("period", row.period or Period.YEAR)[:8],
        seats=int(seats) if seats.isdecimal() and len(seats) < 7 else (row.seats or max(1, used("seats"))),
        addons=tuple(sorted({name[:60] for name in given.getlist("addon")})) if "plan" in given else tuple(row.addons),
    )


def _quote(wanted: pricing.Wanted) -> pricing.Quote:
    pk, members = current().pk, used("seats")
    if wanted.seats < members:
        raise pricing.CannotQuote(
            _("现在有 %(members)d 个成员，席位不能少于这个数。请先停用不再使用的账号。") % {"members": members}
        )
    with control_plane():
        row = subscription_of(pk)
        ordering.demand_no_stripe(row)
        return pricing.quote(row, wanted)


# -- bills -----------------------------------------------------------------------------------------------------------------------


@page("settings/plan/bills", access=ADMIN, name="plan-bills", needs=Need.ENTRANCE)
def bills(request: PageRequest) -> HttpResponse:
    """All bills of the company, newest first."""
    pk = current().pk
    with control_plane():
        found = list(
            Bill.objects.filter(tenant_id=pk).exclude(state=Bill.State.DRAFT).order_by("-made_at", "-pk")[:500]
        )
    return render(request, "billing/bills.html", shell("plan", str(TITLE), _("账单")) | {"bills": found})


@page("settings/plan/bills/<int:pk>", access=ADMIN, name="plan-bill", methods=("GET", "POST"), needs=Need.ENTRANCE)
def bill(request: PageRequest, pk: int) -> HttpResponse:
    """One bill, for the screen and for paper; the company's own only."""
    found, problem = _own(pk), ""
    if request.method == "POST":
        try:
            ordering.request_fapiao(current().pk, found.pk)
        except ordering.BillProblem as error:
            problem = str(error)
        else:
            toast(request, _("已申请发票，开好后这里会写上号码。"))
            return HttpResponseRedirect(f"/settings/plan/bills/{pk}")
    context = shell("plan", str(TITLE), found.number) | {
        "bill": found,
        "terms": terms(),
        "invoice": invoices.profile(current().pk),
        "capitals": capitals(Decimal(found.amount) / 100) if found.amount >= 0 else "",
        "problem": problem,
        "place": current(),
    }
    return render(request, "billing/bill.html", context, status=422 if problem else 200)


def _own(pk: int) -> Bill:
    mine = current().pk
    with control_plane():
        found = Bill.objects.select_related("payment").filter(pk=pk, tenant_id=mine).first()
    if found is None:
        raise Http404
    return found


@page("settings/plan/invoice", access=ADMIN, name="plan-invoice", methods=("GET", "POST"), needs=Need.ENTRANCE)
def invoice(request: PageRequest) -> HttpResponse:
    """开票资料."""
    if request.method != "POST":
        return _invoice(request, invoices.profile(current().pk) or invoices.InvoiceData(title=current().name), {})
    given = invoices.InvoiceData(**{name: _text(request, name) for name in invoices.InvoiceData.__slots__})
    try:
        invoices.keep(current().pk, given)
    except invoices.WrongData as error:
        return _invoice(request, given, error.errors, status=422)
    toast(request, _("开票资料已保存，以后申请的发票按它开。"))
    return HttpResponseRedirect(UPGRADE_URL)


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "").strip()


def _invoice(
    request: PageRequest, given: invoices.InvoiceData, errors: dict[str, str], *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"given": given, "errors": errors, "kinds": InvoiceProfile.Kind.choices}
    return render(request, "billing/invoice.html", shell("plan", str(TITLE), _("开票资料")) | context, status=status)

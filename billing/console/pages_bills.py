"""运营台 › 账单: what was billed to whom, transfers that came, 发票 that wait to be issued."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import ordering
from billing.models import Bill
from billing.plans import ByStripe
from kezhou.pages import OPERATOR, PageRequest, page, toast
from kezhou.records.fields.reading import plain
from tenants.context import control_plane

HERE = "/ops/bills"
CHIPS = (
    ("open", gettext_lazy("待收款")),
    ("requested", gettext_lazy("待开票")),
    ("paid", gettext_lazy("已付")),
    ("", gettext_lazy("全部")),
)
SHOWN = 100


@page("ops/bills", access=OPERATOR, name="ops-bills")
def bills(request: PageRequest) -> HttpResponse:
    """Bills of all companies, newest first."""
    return _show(request)


@page("ops/bills/<int:pk>", access=OPERATOR, name="ops-bill", methods=("GET", "POST"))
def bill(request: PageRequest, pk: int) -> HttpResponse:
    """One bill beside the list: record the transfer, void it, note the 发票."""
    found = _get(pk)
    if request.method != "POST":
        return _show(request, found)
    try:
        said = _do(request, found)
    except ordering.BillProblem as error:
        return _show(request, found, {error.field or "deed": str(error)})
    except ByStripe as error:
        return _show(request, found, {"deed": str(error)})
    toast(request, said)
    return HttpResponseRedirect(f"{HERE}/{pk}?{request.GET.urlencode()}")


def _get(pk: int) -> Bill:
    with control_plane():
        found = Bill.objects.select_related("tenant", "payment").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _do(request: PageRequest, found: Bill) -> str:
    given = request.POST
    deed = given.get("do", "")
    if deed == "receive":
        ordering.receive(found.pk, _received(request), by=request.actor.name)
        return _("已记账，套餐立即生效。")
    if deed == "void":
        ordering.void(found.pk)
        return _("已作废。")
    if deed == "fapiao":
        ordering.issue_fapiao(
            found.pk, number=given.get("number", ""), issued_on=_day(given.get("issued_on"), "issued_on")
        )
        return _("发票号码已记下，对方的账单上能看到。")
    raise Http404


def _received(request: PageRequest) -> ordering.Received:
    given = request.POST
    return ordering.Received(
        amount=_fen(given.get("amount", "")),
        received_on=_day(given.get("received_on"), "received_on"),
        reference=plain(given.get("reference", ""))[:81],
        payer=given.get("payer", "").replace("\0", "").strip(),
        note=given.get("note", "").replace("\0", "").strip(),
    )


def _fen(text: str) -> int:
    try:
        amount = Decimal(plain(text).replace(",", "").lstrip("¥￥"))
        fen = amount * 100
        if fen == fen.to_integral_value() and 0 <= fen < 10**14:
            return int(fen)
    except InvalidOperation:
        pass
    raise ordering.BillProblem(_("“%(text)s”不是金额，请写成 2400.00 这样。") % {"text": text[:30]}, field="amount")


def _day(text: str | None, field: str) -> date:
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        raise ordering.BillProblem(_("请选一个日期。"), field=field) from None


def _show(request: PageRequest, found: Bill | None = None, errors: dict[str, str] | None = None) -> HttpResponse:
    state = request.GET.get("state", "open")
    with control_plane():
        rows = Bill.objects.exclude(state=Bill.State.DRAFT).select_related("tenant")
        counts = {
            "open": rows.filter(state=Bill.State.OPEN).count(),
            "requested": rows.filter(fapiao=Bill.Fapiao.REQUESTED).count(),
        }
        if state == "requested":
            rows = rows.filter(fapiao=Bill.Fapiao.REQUESTED)
        elif state in Bill.State.values:
            rows = rows.filter(state=state)
        shown = list(rows.order_by("-made_at", "-pk")[: SHOWN + 1])
    context: dict[str, Any] = {
        "active": HERE,
        "crumbs": ({"title": _("运营台"), "url": "/ops/companies"}, {"title": _("账单")}),
        "bills": shown[:SHOWN],
        "more": len(shown) > SHOWN,
        "chips": [(key, title, counts.get(key), key == state) for key, title in CHIPS],
        "state": state,
        "bill": found,
        "errors": errors or {},
        "given": request.POST,
        "today": timezone.localdate().isoformat(),
    }
    return render(request, "billing/ops/bills.html", context, status=422 if errors else 200)

"""运营台 › 公司: the list, one company beside it, and what can be done to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import ordering, pricing
from billing.console import deeds
from billing.console.companies import Detail, detail, listing
from billing.console.deeds import DeedRefused
from billing.models import Period
from billing.plans import ByStripe, plans
from billing.stripe_client import connected
from kezhou.pages import OPERATOR, PageRequest, page, toast
from tenants import directory, handover

HERE = "/ops/companies"
CHIPS = (
    ("all", gettext_lazy("全部")),
    ("active", gettext_lazy("正式")),
    ("trial", gettext_lazy("试用")),
    ("soon", gettext_lazy("快到期")),
    ("pending", gettext_lazy("待确认")),
    ("overdue", gettext_lazy("欠费只读")),
    ("suspended", gettext_lazy("停用")),
    ("closed", gettext_lazy("已注销")),
    ("trouble", gettext_lazy("有问题")),
)
SORTS = (("new", gettext_lazy("新开通的在前")), ("end", gettext_lazy("快到期的在前")), ("name", gettext_lazy("按名称")))


@page("ops/companies", access=OPERATOR, name="ops-companies")
def companies(request: PageRequest) -> HttpResponse:
    """Every company with state, plan, use and what is wrong with it."""
    return _show(request)


@page("ops/companies/<int:pk>", access=OPERATOR, name="ops-company", methods=("GET", "POST"))
def company(request: PageRequest, pk: int) -> HttpResponse:
    """One company beside the list; a deed is done and the company shown as it stands then."""
    found = detail(pk)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _show(request, found)
    if request.POST.get("do") == "look":
        return _look(request, found)
    try:
        said = _do(request, pk)
    except (DeedRefused, ordering.BillProblem) as error:
        return _show(request, found, {error.field or "deed": str(error)})
    except (pricing.CannotQuote, ByStripe) as error:
        return _show(request, found, {"order": str(error)})
    toast(request, said)
    query = urlencode({name: value for name, value in request.GET.items() if value})
    return HttpResponseRedirect(f"{HERE}/{pk}{f'?{query}' if query else ''}")


def _look(request: PageRequest, found: Detail) -> HttpResponse:
    """Go into the company to look, by its consent; the page that leads there carries a token for a minute."""
    place = directory.find_by_pk(found.row.tenant.pk)
    if found.consent is None or place is None:
        return _show(request, found, {"deed": _("这家公司现在没有授权查看。请它的管理员在“设置 › 运营方查看”里授权。")})
    token = handover.issue_visit(found.consent.pk, operator=request.actor.member_pk, visitor=request.actor.name)
    return HttpResponseRedirect(directory.address_of(place, f"/visit/begin/{token}"))


def _do(request: PageRequest, pk: int) -> str:
    """Do what was pressed; what to say."""
    given, by = request.POST, request.actor.name
    done: Mapping[str, tuple[Callable[[], object], str]] = {
        "suspend": (lambda: deeds.suspend(pk, why=given.get("why", ""), by=by), _("已停用。")),
        "reopen": (lambda: deeds.reopen(pk, by=by), _("已恢复。")),
        "confirm": (lambda: deeds.confirm(pk, by=by), _("已确认，对方可以登录了。")),
        "extend": (lambda: deeds.extend(pk, until=_day(given.get("until")), by=by), _("已延长。")),
        "plan": (
            lambda: deeds.put_on(pk, plan=given.get("plan", "")[:40], until=_day(given.get("plan_until")), by=by),
            _("套餐已换，立即生效。"),
        ),
        "close": (
            lambda: deeds.close(pk, slug=given.get("slug", ""), why=given.get("close_why", ""), by=by),
            _("已注销。"),
        ),
        "order": (lambda: ordering.order(pk, _wanted(request)), _("账单已生成，等对方转账。")),
    }
    if given.get("do", "") not in done:
        raise Http404
    deed, said = done[given["do"]]
    deed()
    return said


def _wanted(request: PageRequest) -> pricing.Wanted:
    given = request.POST
    seats = given.get("order_seats", "").strip()
    return pricing.Wanted(
        plan=given.get("order_plan", "")[:40],
        period=given.get("order_period", "")[:8],
        seats=int(seats) if seats.isdecimal() and len(seats) < 7 else 0,
    )


def _day(text: str | None) -> date | None:
    """A day as the browser's date input sends it; an unreadable one counts as none given."""
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        return None


def _show(request: PageRequest, found: Detail | None = None, errors: dict[str, str] | None = None) -> HttpResponse:
    asked = request.GET
    state, text, sort = (
        asked.get("state", ""),
        asked.get("q", "").strip()[:60].replace("\0", ""),
        asked.get("sort", "new"),
    )
    number = asked.get("page", "1")
    shown = listing(
        state=state, text=text, sort=sort, page=int(number) if number.isdecimal() and len(number) < 9 else 1
    )
    query = urlencode(
        {name: value for name, value in (("state", state), ("q", text), ("sort", asked.get("sort", ""))) if value}
    )
    context: dict[str, Any] = {
        "active": HERE,
        "crumbs": ({"title": _("运营台"), "url": HERE}, {"title": _("公司")}),
        "listing": shown,
        "chips": [(key, title, shown.counts[key], (state or "all") == key) for key, title in CHIPS],
        "state": state,
        "text": text,
        "sort": sort,
        "sorts": SORTS,
        "query": f"?{query}" if query else "",
        "more": f"?{query}&" if query else "?",
        "detail": found,
        "errors": errors or {},
        "given": request.POST,
        "plans": plans() if found else (),
        "periods": Period.choices,
        "connected": connected(),
    }
    return render(request, "billing/ops/companies.html", context, status=422 if errors else 200)

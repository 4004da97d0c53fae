"""The company's own page: name, seal character, time zone; for the demo company, taking the samples away."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import demo
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.web.public.where import site_address
from kezhou.web.settings.shell import shell
from tenants.company import CompanyData, WrongValue, change_company, company
from tenants.context import current
from tenants.directory import address_of

ZONES = (
    ("Asia/Shanghai", gettext_lazy("北京时间（UTC+8）")),
    ("Asia/Urumqi", gettext_lazy("乌鲁木齐（UTC+6）")),
    ("Asia/Hong_Kong", gettext_lazy("香港（UTC+8）")),
    ("Asia/Taipei", gettext_lazy("台北（UTC+8）")),
    ("Asia/Singapore", gettext_lazy("新加坡（UTC+8）")),
    ("Asia/Bangkok", gettext_lazy("曼谷（UTC+7）")),
    ("Asia/Tokyo", gettext_lazy("东京（UTC+9）")),
    ("Australia/Sydney", gettext_lazy("悉尼（UTC+10）")),
    ("Europe/London", gettext_lazy("伦敦（UTC+0）")),
    ("Europe/Paris", gettext_lazy("巴黎（UTC+1）")),
    ("America/New_York", gettext_lazy("纽约（UTC-5）")),
    ("America/Los_Angeles", gettext_lazy("洛杉矶（UTC-8）")),
)


@page("settings/company", access=ADMIN, methods=("GET", "POST"), name="settings-company")
def settings(request: PageRequest) -> HttpResponse:
    """Read and change the company's data; nothing typed is lost when a value is refused."""
    kept = company()
    if request.method != "POST":
        return _show(request, kept, {"name": kept.name, "seal": kept.seal, "timezone": kept.timezone}, {})
    values = {key: request.POST.get(key, "").strip() for key in ("name", "seal", "timezone")}
    try:
        change_company(name=values["name"], seal=values["seal"], timezone=values["timezone"])
    except WrongValue as error:
        return _show(request, kept, values, {error.field: str(error)}, status=422)
    toast(request, _("公司资料已保存。"))
    return HttpResponseRedirect("/settings/company")


def _show(
    request: PageRequest, kept: CompanyData, values: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> HttpResponse:
    zones = ZONES if any(kept.timezone == key for key, _label in ZONES) else ((kept.timezone, kept.timezone), *ZONES)
    context = shell("company", _("公司资料")) | {
        "values": values,
        "errors": errors,
        "zones": zones,
        "address": address_of(current()),
        "demo": _demo(),
    }
    return render(request, "kezhou/settings/company.html", context, status=status)


def _demo() -> dict[str, str] | None:
    """What the page says about the demo company; None for a real one."""
    if not current().is_demo:
        return None
    return {
        "sentence": _(
            "这是自带的演示公司，里面都是示例数据。不需要时可以整个删掉，其他公司不受影响；删掉后不会再出现。"
        ),
        "button": _("删除演示公司和全部示例数据…"),
        "sure": _("删除%(company)s") % {"company": current().name},
    }


@page("settings/company/demo", access=ADMIN, methods=("GET", "POST"), name="settings-demo")
def remove_demo(request: PageRequest) -> HttpResponse:
    """Delete the demo company with everything in it, after one question; then there is only the public site to go to."""
    if not current().is_demo:
        raise Http404
    if request.method != "POST":
        return render(
            request, "kezhou/settings/demo.html", shell("company", _("公司资料"), _("示例数据")) | {"demo": _demo()}
        )
    try:
        demo.remove(request.actor)
    except demo.DemoProblem as error:
        toast(request, str(error), kind="no")
        return HttpResponseRedirect("/settings/company")
    return HttpResponseRedirect(site_address())

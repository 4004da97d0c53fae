"""Settings › 导出公司数据: everything that the company has, as a zip made by a job, for administrators (BAS-05)."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou.exchange import exports, whole
from kezhou.exchange.pages_export import shown_export
from kezhou.exchange.pages_parts import thousands
from kezhou.exchange.views import ExchangeError
from kezhou.files.carrying import weight
from kezhou.pages import ADMIN, PageRequest, page, toast
from tenants.states import Need

HERE = "/exchange/whole"
MEGABYTE = 1024 * 1024


@page("exchange/whole", access=ADMIN, methods=("GET", "POST"), name="export-whole", needs=Need.READ)
def company_data(request: PageRequest) -> HttpResponse:
    """What will be in the file, a button, and the files made so far."""
    if request.method == "POST":
        try:
            whole.start(request.actor)
        except ExchangeError as error:
            toast(request, str(error), kind="no")
        else:
            toast(request, _("开始导出公司数据，做好后在这里下载。"))
        return HttpResponseRedirect(HERE)
    files, size = weight()
    made = tuple(
        shown_export(request, log) for log in exports.recent(request.actor) if log.type_key == whole.EVERYTHING
    )
    busy = whole.under_way()
    context = {
        "kinds": tuple(str(spec.title) for spec in whole.kinds(request.actor)),
        "files": thousands(files),
        "size": f"{size / MEGABYTE:,.1f} MB",
        "exports": made,
        "waiting": busy is not None,
        "message": busy.message if busy is not None else "",
        "crumbs": ({"title": _("设置"), "url": "/settings"}, {"title": _("导出公司数据")}),
        "active": "settings",
    }
    return render(request, "kezhou/exchange/whole.html", context)

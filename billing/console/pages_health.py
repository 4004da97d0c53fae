"""运营台 › 运行: how the installation is, and trying again what failed."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.console import health
from kezhou.pages import OPERATOR, PageRequest, page, toast

HERE = "/ops/health"


@page("ops/health", access=OPERATOR, name="ops-health", methods=("GET", "POST"))
def show(request: PageRequest) -> HttpResponse:
    """Sentences, the worst first; a button where trying again may help."""
    if request.method == "POST":
        return _retry(request)
    found = health.health()
    rank = {health.BAD: 0, health.WARN: 1, health.GOOD: 2}
    context = {
        "active": HERE,
        "crumbs": ({"title": _("运营台"), "url": "/ops/companies"}, {"title": _("运行")}),
        "health": found,
        "facts": sorted(found.facts, key=lambda fact: rank[fact.level]),
        "now": timezone.now(),
    }
    return render(request, "billing/ops/health.html", context)


def _retry(request: PageRequest) -> HttpResponse:
    given = request.POST
    company, job = given.get("company", ""), given.get("job", "")
    if company.isdecimal() and job.isdecimal() and len(company) < 19 and len(job) < 19:
        done = health.retry_job(int(company), int(job))
    else:
        done = health.retry(given.get("deed", ""))
    if done:
        toast(request, _("已重试，过一会儿刷新看结果。"))
    else:
        toast(request, _("这一项不在等重试了，没有做什么。"), kind="no")
    return HttpResponseRedirect(HERE)

"""What is done to many chosen records at once: give them to somebody else, delete them, take them out as a file."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.pages import admit
from kezhou.records.spec import FilterError
from kezhou.web.pages import PageRequest, on, page, toast
from kezhou.web.records.deed_pages import bulk_act
from kezhou.web.records.looking import look
from tenants.states import Need

MOST = 2000
ACT = "act:"
"""Before the key of an action that the type declares."""
DEEDS = {"transfer": "update", "delete": "delete", "export": "export"}


@page("r/<str:type_key>/bulk", access=on("read"), name="bulk", methods=("POST",), needs=Need.READ)
def bulk(request: PageRequest, type_key: str) -> HttpResponse:
    """Ask once more with the number of records; a second post with `sure` does it. The list's address rides along."""
    deed = request.POST.get("do", "")
    if deed.startswith(ACT):
        pks, back = chosen(request), f"{reverse('record-list', args=[type_key])}?{request.GET.urlencode()}"
        return bulk_act(request, deed.removeprefix(ACT), pks, back)
    if deed not in DEEDS:
        raise FilterError(_("不认识的批量操作“%(deed)s”。") % {"deed": deed})
    admit(request.type, DEEDS[deed])
    if deed == "export":
        return _export(request, type_key)
    pks = chosen(request)
    back = f"{reverse('record-list', args=[type_key])}?{request.GET.urlencode()}"
    if not pks:
        toast(request, _("还没有选中任何记录"), kind="no")
        return HttpResponseRedirect(back)
    if "sure" not in request.POST:
        name = (
            "kezhou/records/bulk_ask.html"
            if request.headers.get("X-Kezhou-Dialog")
            else "kezhou/records/bulk_ask_page.html"
        )
        context = {
            "active": type_key,
            "spec": request.type,
            "deed": deed,
            "pks": pks,
            "back": back,
            "address": request.GET.urlencode(),
        }
        return render(request, name, context)
    if deed == "transfer":
        _transfer(request, pks)
    else:
        _delete(request, pks)
    return HttpResponseRedirect(back)


def chosen(request: PageRequest) -> list[int]:
    """The ticked records, or everything that the list finds (at most 2,000)."""
    if request.POST.get("all"):
        found = records.pks(
            request.actor, request.type, look(request.actor, request.type, request.GET).asked, limit=MOST + 1
        )
        if len(found) > MOST:
            raise FilterError(_("一次最多处理 %(most)s 条，请先用筛选收窄。") % {"most": f"{MOST:,}"})
        return found
    return sorted({int(pk) for pk in request.POST.getlist("pk") if pk.isdecimal()})[:MOST]


def _transfer(request: PageRequest, pks: list[int]) -> None:
    owner = request.POST.get("owner", "") or request.POST.get("owner__text", "")
    if not owner:
        toast(request, _("请选择转给谁"), kind="no")
        return
    result = records.save(
        request.actor, request.type, [{"pk": pk, "owner": owner} for pk in pks], on_error="skip", twins="allow"
    )
    done = sum(1 for item in result.saved if item.kind != "same")
    if result.problems:
        sentence = _("转移了 %(done)s 条，%(left)s 条没有转：%(why)s")
        toast(
            request, sentence % {"done": done, "left": len(pks) - len(result.saved), "why": result.sentence}, kind="no"
        )
    else:
        toast(request, _("已转移 %(done)s 条") % {"done": done}, label=_("撤销"), url=f"post:{_undo(result.action)}")


def _delete(request: PageRequest, pks: list[int]) -> None:
    result = records.delete(request.actor, request.type, pks)
    if result.ok:
        done = _("%(n)s 条已移到回收站") % {"n": len(result.pks)}
        toast(request, done, label=_("撤销"), url=f"post:{_undo(result.action)}")
    else:
        toast(request, _("一条都没有删：%(why)s") % {"why": result.problems[0].sentence}, kind="no")


def _undo(action: str) -> str:
    return reverse("action-undo", args=[action])


def _export(request: PageRequest, type_key: str) -> HttpResponse:
    here = look(request.actor, request.type, request.GET)
    query = here.export_query
    if not request.POST.get("all"):
        said = {"filter": json.dumps(["pk", "in", chosen(request)]), "sort": ",".join(here.asked.sort)}
        query = urlencode({**said, "columns": ",".join(here.asked.columns)})
    try:
        return HttpResponseRedirect(f"{reverse('export', args=[type_key])}?{query}")
    except NoReverseMatch:
        raise FilterError(_("导出还没有启用。")) from None

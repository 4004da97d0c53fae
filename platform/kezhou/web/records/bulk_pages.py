"""What is done to many chosen records at once: give them to somebody else, delete them, take them out as a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.pages import admit
from kezhou.records import ListRequest
from kezhou.records import bulk as counting
from kezhou.records.actions.doing import MOST as MOST_AT_ONCE
from kezhou.records.fields import FieldError
from kezhou.records.spec import FilterError
from kezhou.web.pages import PageRequest, on, page, toast
from kezhou.web.records.bulk_edit_pages import chosen_request
from kezhou.web.records.bulk_job import start_delete, start_edit
from kezhou.web.records.deed_pages import bulk_act
from kezhou.web.records.looking import look
from tenants.states import Need

MOST = 2000
"""So many records are done at once while the person waits; more are a job."""
ACT = "act:"
"""Before the key of an action that the type declares."""
DEEDS = {"transfer": "update", "delete": "delete", "export": "export"}


@page("r/<str:type_key>/bulk", access=on("read"), name="bulk", methods=("POST",), needs=Need.READ)
def bulk(request: PageRequest, type_key: str) -> HttpResponse:
    """Ask once more with the number of records; a second post with `sure` does it. The list's address rides along."""
    deed = request.POST.get("do", "")
    if deed.startswith(ACT):
        pks, back = chosen(request, most=MOST_AT_ONCE), _back(request)
        return bulk_act(request, deed.removeprefix(ACT), pks, back)
    if deed not in DEEDS:
        raise FilterError(_("不认识的批量操作“%(deed)s”。") % {"deed": deed})
    admit(request.type, DEEDS[deed])
    if deed == "export":
        return _export(request, type_key)
    asked = chosen_request(request, look(request.actor, request.type, request.GET))
    total, may = counting.allowed(request.actor, request.type, asked, DEEDS[deed])
    if not total:
        toast(request, _("还没有选中任何记录"), kind="no")
    elif total > counting.MOST_RECORDS:
        most = f"{counting.MOST_RECORDS:,}"
        raise FilterError(_("一次最多处理 %(most)s 条，请先用筛选收窄。") % {"most": most})
    elif "sure" not in request.POST:
        return _ask(request, deed, asked, total, may)
    elif total > MOST:
        _start(request, deed, asked)
    else:
        DONE[deed](request, records.pks(request.actor, request.type, asked, limit=MOST))
    return HttpResponseRedirect(_back(request))


def _back(request: PageRequest) -> str:
    return f"{reverse('record-list', args=[request.type.key])}?{request.GET.urlencode()}"


def _ask(request: PageRequest, deed: str, asked: ListRequest, total: int, may: int) -> HttpResponse:
    """The question with the number. Up to 2,000 the records are named in the form, so that those are done that were counted."""
    bare = request.headers.get("X-Kezhou-Dialog")
    name = "kezhou/records/bulk_ask.html" if bare else "kezhou/records/bulk_ask_page.html"
    as_job = total > MOST
    context = {
        "active": request.type.key,
        "spec": request.type,
        "deed": deed,
        "barred": total - may,
        "count": may if as_job else total,
        "as_job": as_job,
        "everything": request.POST.get("all", "") if as_job else "",
        "pks": [] if as_job else records.pks(request.actor, request.type, asked, limit=MOST),
        "back": _back(request),
        "address": request.GET.urlencode(),
    }
    return render(request, name, context)


def chosen(request: PageRequest, *, most: int = MOST) -> list[int]:
    """The ticked records, or everything that the list finds. Raises FilterError where they are too many to be done at once."""
    if request.POST.get("all"):
        asked = look(request.actor, request.type, request.GET).asked
        found = records.pks(request.actor, request.type, asked, limit=most + 1)
    else:
        found = sorted({int(pk) for pk in request.POST.getlist("pk") if pk.isdecimal() and len(pk) < 19})
    if len(found) > most:
        raise FilterError(_("一次最多处理 %(most)s 条，请先用筛选收窄。") % {"most": f"{most:,}"})
    return found


def _start(request: PageRequest, deed: str, asked: ListRequest) -> None:
    """Very many records: a worker does it, as this person and with the rights of the moment."""
    title = {"type": request.type.title}
    if deed == "delete":
        started = start_delete(request.actor, request.type, asked, title=_("批量删除%(type)s") % title)
    else:
        owner = request.POST.get("owner", "") or request.POST.get("owner__text", "")
        try:
            edit = counting.edit_of(request.actor, request.type, "owner", counting.SET, owner)
        except FieldError:
            toast(request, _("请选择转给谁"), kind="no")
            return
        started = start_edit(request.actor, request.type, asked, [edit], title=_("批量转移%(type)s") % title)
    toast(request, started.title, kind="job", url=reverse("job", args=[started.pk]))


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


DONE: Mapping[str, Callable[[PageRequest, list[int]], None]] = {"transfer": _transfer, "delete": _delete}


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

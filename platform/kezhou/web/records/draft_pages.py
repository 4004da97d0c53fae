"""Where forms keep their drafts, and 我的草稿."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import drafts, parameters, records
from kezhou.access.actor import MemberActor
from kezhou.drafts.keeping import DAYS, PLACES
from kezhou.drafts.models import Draft
from kezhou.records.spec import FilterError, TypeSpec
from kezhou.web.pages import SIGNED_IN, PageRequest, page, toast
from kezhou.web.records.drafting import NOT_KEPT
from tenants.states import Need

KINDS = {
    "new": gettext_lazy("新建"),
    "quick": gettext_lazy("快速新建"),
    "edit": gettext_lazy("编辑"),
    "comment": gettext_lazy("评论"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One draft in the list."""

    type: TypeSpec
    place: str
    kind: str
    title: str
    at: datetime
    url: str
    drop_url: str


@page(
    "drafts/<str:type_key>/<str:place>/<int:record>", access=SIGNED_IN, name="draft", methods=("POST",), needs=Need.READ
)
def keep(request: PageRequest, type_key: str, place: str, record: int) -> HttpResponse:
    """Keep what stands in a form; a beacon of a page that is left, so the answer is short."""
    _checked(place)
    values = {name: values for name, values in request.POST.lists() if name not in NOT_KEPT}
    version = request.POST.get("version", "")
    try:
        kept = drafts.keep(
            request.actor, type_key, place, values, record=record,
            version=int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None,
        )  # fmt: skip
    except drafts.DraftRefused as error:
        return JsonResponse({"problem": str(error)}, status=422)
    return JsonResponse({"at": kept.changed_at.isoformat()})


@page(
    "drafts/<str:type_key>/<str:place>/<int:record>/drop",
    access=SIGNED_IN,
    name="draft-drop",
    methods=("POST",),
    needs=Need.READ,
)
def drop(request: PageRequest, type_key: str, place: str, record: int) -> HttpResponse:
    """Forget a draft, and back to where it was dropped."""
    _checked(place)
    drafts.drop(request.actor, type_key, place, record=record)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    toast(request, _("草稿已丢掉"))
    back = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return HttpResponseRedirect(back if safe and back.startswith("/") else reverse("drafts"))


@page("account/drafts", access=SIGNED_IN, name="drafts")
def mine(request: PageRequest) -> HttpResponse:
    """Everything that this person began and did not save."""
    context = {
        "lines": _lines(request.actor),
        "days": parameters.whole(DAYS, request.actor),
        "crumbs": ({"title": _("我的草稿")},),
    }
    return render(request, "kezhou/records/drafts.html", context)


def _checked(place: str) -> None:
    if place not in PLACES:
        raise FilterError(_("没有“%(place)s”这种草稿。") % {"place": place[:40]})


def _lines(actor: MemberActor) -> tuple[Line, ...]:
    known = records.types(actor)
    found = [draft for draft in drafts.mine(actor) if draft.type in known]
    wanted: dict[str, set[int]] = {}
    for draft in found:
        if draft.record:
            wanted.setdefault(draft.type, set()).add(draft.record)
    titles = records.titles(actor, wanted)
    return tuple(
        _line(draft, known[draft.type], titles.get((draft.type, draft.record)))
        for draft in found
        if not draft.record or (draft.type, draft.record) in titles
    )


def _line(draft: Draft, spec: TypeSpec, title: str | None) -> Line:
    typed = "".join(draft.values.get("text" if draft.place == "comment" else spec.title_field, [""])).strip()
    shown = title if draft.record else typed
    kind = str(KINDS[draft.place])
    key, pk = spec.key, draft.record
    if draft.place == "comment":
        url = f"{reverse('record', args=[key, pk])}#kz-stream"
    elif draft.place == "edit":
        url = f"{reverse('record-edit', args=[key, pk])}?draft=1"
    else:
        url = f"{reverse('record-new', args=[key])}?draft={'quick' if draft.place == 'quick' else '1'}"
    drop_url = reverse("draft-drop", args=[key, draft.place, pk])
    return Line(spec, draft.place, kind, (shown or _("还没有名称"))[:80], draft.changed_at, url, drop_url)

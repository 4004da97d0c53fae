"""What the company's people see of one account: how it stands, the link to pass on, what was done with it, a look as this person."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import records
from kezhou.pages import PageRequest, on, page, toast
from kezhou.web.records.detail_pages import frame_of
from portal import acts, kinds, users
from portal.actions import RIGHT
from portal.door import is_open
from portal.models import PortalUser
from portal.pages.entering import handed
from tenants.states import Need


@page("r/<str:type_key>/<int:pk>/portal", access=on("read"), name="portal-user", methods=("GET", "POST"))
def user(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """The account of a contact. A post makes a new link and shows it once, to be passed on by hand."""
    entry, found = _found(request, pk)
    way, problem = None, ""
    if request.method == "POST":
        try:
            way = users.invite(request.actor, found.pk)
            toast(request, _("新的链接已经生成，以前的作废"))
        except users.UserProblem as error:
            problem = str(error)
    return _shown(request, entry, found, way=way, problem=problem)


def _shown(
    request: PageRequest, entry: records.Entry, found: PortalUser, *, way: users.Way | None = None, problem: str = ""
) -> HttpResponse:
    view = users.view(found)
    sentence, hue = users.STATES[view.state]
    context = {
        **frame_of(request, entry, "portal"),
        "user": view,
        "state": sentence,
        "hue": hue,
        "kind": kinds.label_of(found.kind),
        "kinds": kinds.kinds(),
        "acts": [(act, acts.KINDS.get(act.kind, act.kind)) for act in acts.of_user(found.pk)],
        "way": way,
        "problem": problem,
        "may_preview": view.state not in {users.OFF, users.PARTNER_OFF, users.MOVED},
    }
    return render(request, "portal/staff/user.html", context, status=422 if problem else 200)


@page("r/<str:type_key>/<int:pk>/portal/kind", access=on("read"), name="portal-kind", methods=("POST",))
def kind(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """Another class of partner: from now on the person is given what is set for it."""
    entry, found = _found(request, pk)
    try:
        kinds.change(request.actor, found, request.POST.get("kind", ""))
    except users.UserProblem as error:
        return _shown(request, entry, found, problem=str(error))
    toast(request, _("合作伙伴类别已保存，立即生效"))
    return HttpResponseRedirect(reverse("portal-user", args=[type_key, pk]))


@page(
    "r/<str:type_key>/<int:pk>/portal/preview",
    access=on("read"),
    name="portal-look",
    methods=("POST",),
    needs=Need.READ,
)
def look_on(request: PageRequest, type_key: str, pk: int) -> HttpResponse:
    """Look at the portal as this person: nothing can be changed, and it is noted."""
    entry, found = _found(request, pk)
    acts.note("preview", user=found.pk, name=request.actor.name, told=entry.title, request=request)
    return HttpResponseRedirect(handed(found.pk, request.actor.member_pk))


def _found(request: PageRequest, pk: int) -> tuple[records.Entry, PortalUser]:
    """The contact and its account, for whoever has the right. Raises Http404."""
    if not is_open():
        raise Http404
    entry = records.get(request.actor, request.type, pk)
    found = PortalUser.objects.filter(contact_type=entry.type.key, contact=pk).first()
    if found is None or RIGHT not in entry.operations:
        raise Http404(_("这位联系人没有门户账号，或者你不能管理它。"))
    return entry, found

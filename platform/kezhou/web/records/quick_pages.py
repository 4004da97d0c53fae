"""Quick create: a drawer over any page, with required fields only (the full form is one press away)."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhou import drafts
from kezhou.web import menu
from kezhou.web.pages import SIGNED_IN, PageRequest, on, page, toast
from kezhou.web.records import drafting, forms
from kezhou.web.records.rule_pages import initial
from kezhou.web.records.saving import Attempt, attempt, blank_form, untried


@page("quick", access=SIGNED_IN, name="quick")
def quick(request: PageRequest) -> HttpResponse:
    """The drawer for what the page is about (`of`), else for the first thing that this person may create."""
    kinds = menu.creatable(request.actor)
    if not kinds:
        raise Http404
    wanted = next((kind for kind in kinds if kind.key == request.GET.get("of")), kinds[0])
    return HttpResponseRedirect(wanted.url)


@page("quick/<str:type_key>", access=on("create"), name="quick-of", methods=("GET", "POST"))
def quick_of(request: PageRequest, type_key: str) -> HttpResponse:
    """The drawer's content; a page of its own without scripts."""
    fields = forms.quick_fields(request.actor, request.type)
    tried = attempt(request.actor, request.type, fields, request.POST) if request.method == "POST" else None
    if tried is not None and tried.ok:
        drafting.forget(request.actor, request.type, "quick")
        return _done(request, tried)
    given = request.GET.dict()
    begun = drafts.of(request.actor, type_key, "quick") if tried is None else None
    again = (
        untried(request.actor, request.type, fields, drafting.post_of(begun))
        if begun is not None and drafting.fits(begun, given)
        else None
    )
    if tried is not None:  # what turned out to be needed is asked for as well
        fields = (
            *fields,
            *(
                each
                for each in forms.writable(request.actor, request.type)
                if each.key in tried.errors and each not in fields
            ),
        )
    rest = len(forms.writable(request.actor, request.type)) - len(fields)
    raw = tried.raw if tried is not None else request.GET.dict()
    context = initial(request.actor, request.type, raw=raw) | {
        "active": type_key,
        "spec": request.type,
        "form": blank_form(request.actor, request.type, fields, given, tried or again, arranged=False),
        "kinds": menu.creatable(request.actor),
        "tried": tried,
        "twins": tried.twins if tried else (),
        "rest": rest,
        "draft_url": drafting.url_of(type_key, "quick"),
        "refilled": again is not None,
        "given": request.GET.urlencode(),
        "crumbs": ({"title": _("新建%(title)s") % {"title": request.type.title}},),
    }
    bare = request.headers.get("HX-Request")
    name = "kezhou/records/quick.html" if bare else "kezhou/records/quick_page.html"
    return render(request, name, context, status=422 if tried is not None else 200)


def _done(request: PageRequest, tried: Attempt) -> HttpResponse:
    key = request.type.key
    url = reverse("record", args=[key, tried.result.pk])
    wanted = request.POST.get("then", "")
    toast(request, _("已新建%(title)s") % {"title": request.type.title}, label=_("打开"), url=url)
    if wanted == "open":
        target = url
    elif wanted == "again":
        target = ""
    else:
        target = request.POST.get("back") or reverse("record-list", args=[key])
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(target or request.get_full_path())
    response = HttpResponse(status=204)
    if wanted == "again":
        response["HX-Trigger"] = "kz:quick-again"
    elif wanted == "open":
        response["HX-Redirect"] = url
    else:
        response["HX-Refresh"] = "true"
    return response

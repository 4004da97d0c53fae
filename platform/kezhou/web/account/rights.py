"""What one may do oneself, in words (PRM-21)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kezhou.access import members
from kezhou.access.explanation import explained
from kezhou.pages import SIGNED_IN, PageRequest, page


@page("account/rights", access=SIGNED_IN, name="account-rights")
def show(request: PageRequest) -> HttpResponse:
    """The own roles, department, and the scope of every operation on every type."""
    me = members.member(request.actor.member_pk)
    context = {
        "rights": explained(me.pk, me.department_pk),
        "roles": [name for _pk, name in me.roles],
        "departments": me.departments,
        "crumbs": ({"title": _("我的"), "url": "/me"}, {"title": _("我的权限")}),
    }
    return render(request, "kezhou/account/rights.html", context)

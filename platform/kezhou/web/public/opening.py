"""Opening a company: provision it, switch its modules on in the background, hand the administrator over to its address.

Provisioning replays a snapshot in one transaction (well under a second), so it runs in the request; a failure leaves nothing
behind and keeps the answers, and the page offers to try again (TEN-02).
"""

from __future__ import annotations

import logging
import secrets

from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from kezhou.web.public import addresses
from kezhou.web.public.addresses import EMAIL
from kezhou.web.public.answers import Answers
from kezhou.web.public.choices import plugins_for
from tenants import directory, signups
from tenants.provisioning import NewAdministrator, NewTenant, ProvisioningFailed, SlugTaken

log = logging.getLogger("kezhou.signup")
COOKIE_PATH = "/signup"


def open_company(request: HttpRequest, pending: signups.Pending, answers: Answers) -> HttpResponse:
    """Make the company and redirect to its first page, signed in through a one-time token."""
    from kezhou.web.public.signup import COOKIE, _second  # the form is shown again when the name was just taken

    try:
        done = signups.complete(pending.token, new_tenant(pending, answers), next="/")
    except SlugTaken as error:
        return _second(request, pending, answers, errors={"slug": str(error)}, status=422)
    except signups.SignupProblem as error:
        return _second(request, pending, answers, problem=str(error), status=422)
    except ProvisioningFailed:
        return _failed(request, answers)
    response = HttpResponseRedirect(directory.address_of(done.place, f"/handover/{done.handover}"))
    response.delete_cookie(COOKIE, path=COOKIE_PATH)
    return response


def new_tenant(pending: signups.Pending, answers: Answers) -> NewTenant:
    """What the provisioning steps are given; the password only as its hash."""
    first = addresses.any_channel(pending.address)
    second = addresses.any_channel(answers.other).value if answers.other else ""
    by_mail = first.channel == EMAIL
    return NewTenant(
        slug=answers.slug,
        name=answers.company,
        industry=answers.industry,
        size=answers.size,
        region=answers.region,
        plugins=plugins_for(answers.business),
        administrator=NewAdministrator(
            name=answers.name,
            email=first.value if by_mail else second,
            mobile=second if by_mail else first.value,
            password_hash=make_password(answers.password),
            verified=first.value,
        ),
    )


def _failed(request: HttpRequest, answers: Answers) -> HttpResponse:
    code = f"KZ-500-{secrets.token_hex(2).upper()}"
    log.exception("%s: the company %s could not be opened.", code, answers.slug)
    context = {
        "problem": _("建立“%(company)s”时出了问题，不是你填错了什么。") % {"company": answers.company},
        "kept": answers.fields(),
        "code": code,
    }
    response = render(request, "kezhou/public/failed.html", context, status=503)
    add_never_cache_headers(response)
    return response

"""“Our company is there already”: ask its administrator to let one in, instead of opening it a second time (TEN-01)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kezhou.access import admission
from kezhou.web.public.addresses import Address
from kezhou.web.public.answers import Answers
from tenants import directory, signups


def ask(request: HttpRequest, pending: signups.Pending, answers: Answers) -> HttpResponse:
    """Leave a request with every company of that name; a verified address stands behind it. Same answer if none is left."""
    for place in directory.companies_named(answers.company):
        with directory.entered(place.slug):
            admission.request(name=answers.name, address=pending.address, message=answers.company)
    context = {"company": answers.company, "address": Address(pending.channel, pending.address).shown}
    return render(request, "kezhou/public/admission_sent.html", context)

"""Find my company: a letter to the address lists the companies where it has an account. The page answers everybody alike."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kezhou.access import letters
from kezhou.pages import PUBLIC, PUBLIC_SITE, page
from kezhou.web.public import addresses, tasks
from kezhou.web.public.addresses import SMS, AddressRefused


@page("find", access=PUBLIC, site=PUBLIC_SITE, methods=("GET", "POST"), name="find")
def find(request: HttpRequest) -> HttpResponse:
    """Ask for an address. The look-up happens in the worker, so neither words nor time tell whether it was known."""
    typed = request.POST.get("address", "")
    sms = SMS in letters.channels()
    if request.method != "POST":
        return render(request, "kezhou/public/find.html", {"sms": sms, "values": {}, "errors": {}})
    try:
        address = addresses.read(typed, channels=letters.channels())
    except AddressRefused as error:
        context = {"sms": sms, "values": {"address": typed}, "errors": {"address": str(error)}}
        return render(request, "kezhou/public/find.html", context, status=422)
    tasks.find_companies.delay(address.channel, address.value)
    return render(request, "kezhou/public/find.html", {"sent": True, "address": address.shown})

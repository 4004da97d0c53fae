"""What the linked selects of a region ask while somebody chooses: the places below one, its postcode and area code."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control

from kezhou.pages import SIGNED_IN, PageRequest, page
from kezhou.records.catalogue import shaped
from kezhou.records.regions.places import FACTS

KEPT_SECONDS = 60
_LONGEST = 12


@page("regions", access=SIGNED_IN, name="regions")
def below(request: PageRequest) -> HttpResponse:
    """`of` is a code, none the provinces: what is offered below it as [code, name], and the codes that it fills in."""
    regions, code = shaped(request.actor).atlas.regions, request.GET.get("of", "")[:_LONGEST]
    places = [[place.code, place.name] for place in regions.children(code) if place.enabled]
    codes = {fact: regions.nearest(code, fact) for fact in FACTS}
    answer = JsonResponse({"places": places, **codes})
    patch_cache_control(answer, private=True, max_age=KEPT_SECONDS)
    return answer

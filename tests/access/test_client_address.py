"""Limits per address count the visitor's address behind a proxy, and never one that the visitor made up."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from kezhou.access.client_address import ClientAddress


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        (2, "1.2.3.4, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
        (1, "", "127.0.0.1"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "not-an-address", "127.0.0.1"),
        (1, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_the_visitor_is_so_many_from_the_end(settings, proxies, forwarded, address):
    settings.KEZHOU_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    def answer(request):
        return HttpResponse(request.META["REMOTE_ADDR"])

    assert ClientAddress(answer)(RequestFactory(headers=headers).get("/")).content.decode() == address

"""The public site and a company's pages as a browser without JavaScript sees them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tenants import signups

Code = Callable[[str], str]


@pytest.fixture
def site(database: None) -> Client:
    """A visitor of the public site."""
    return Client(SERVER_NAME="localhost")


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> Code:
    """The codes that were sent, by address; they are taken where they leave the sign-up for the mail server."""
    sent: dict[str, str] = {}
    for channel in ("email", "sms"):
        monkeypatch.setitem(signups._senders, channel, sent.__setitem__)
    return sent.__getitem__

"""Coming in and going out: invitations, passwords, codes, lockout, and the two worlds of accounts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from kezhou.testing.access import SignIn
from tests.portal.conftest import Guest, Shop


@pytest.mark.req("POR-01")
def test_a_contact_is_let_in_by_invitation(shop: Shop, guest: Callable[..., Guest]) -> None:
    one = guest("川西能源集团", "何国栋")

    page = one.client.get("/portal/")

    assert page.status_code == 200
    assert "何国栋，你好" in page.content.decode()
    assert Client(HTTP_HOST="alpha.localhost").get("/portal/").headers["Location"].startswith("/portal/sign-in")


@pytest.mark.req("POR-01", part="separate accounts")
def test_a_session_of_one_entrance_opens_nothing_of_the_other(
    shop: Shop, guest: Callable[..., Guest], sign_in: SignIn
) -> None:
    one = guest("川西能源集团", "何国栋")
    staff = sign_in(Client(), shop.boss)
    key = one.client.cookies["kezhou_portal"].value

    assert one.client.get("/").status_code == 302
    one.client.cookies["sessionid"] = key
    assert one.client.get("/").headers["Location"].startswith("/account/sign-in")
    assert staff.get("/").status_code == 200
    assert staff.get("/portal/").headers["Location"].startswith("/portal/sign-in")
    staff.cookies["kezhou_portal"] = staff.cookies["sessionid"].value
    assert staff.get("/portal/").headers["Location"].startswith("/portal/sign-in")

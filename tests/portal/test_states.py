"""What each state of a company means for everybody at once (TEN-04): members, jobs, reminders, customers; and its look in the portal (TEN-07)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
from celery.exceptions import Ignore
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from kezhou.access import letters
from kezhou.access.tasks import forget_old
from kezhou.branding import branding
from kezhou.testing.access import PASSWORD, MemberFactory, SignIn
from tenants import directory, tasks
from tenants.context import tenant
from tests.portal.conftest import OPPORTUNITY, Guest, Shop
from tests.tenants.test_look import picture

STOPPED = 402
MEANING = {
    # state: administrator's sign-in, member's sign-in, member looks, member writes, guest looks, guest writes, jobs and reminders
    "pending": (STOPPED, STOPPED, STOPPED, STOPPED, STOPPED, STOPPED, False),
    "trial": (302, 302, 200, 302, 200, 302, True),
    "active": (302, 302, 200, 302, 200, 302, True),
    "overdue": (302, 302, 200, STOPPED, 200, STOPPED, True),
    "suspended": (302, 422, STOPPED, STOPPED, STOPPED, STOPPED, False),
    "closed": (STOPPED, STOPPED, STOPPED, STOPPED, STOPPED, STOPPED, False),
}


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """The company as it is found now, with its modules."""
    directory.forget_hosts()
    found = directory.find_by_slug(shop.place.slug)
    assert found is not None
    return replace(shop, place=found)


def works(shop: Shop) -> bool:
    """Whether a task of the company runs, and the schedule thinks of it."""
    message = {"headers": {tasks.HEADER: shop.place.schema}, "called_directly": False}
    forget_old.push_request(**message)
    try:
        ran = forget_old() == 0
    except Ignore:
        ran = False
    finally:
        forget_old.pop_request()
    assert ran == (shop.place.slug in {found.slug for found in directory.each_tenant()})
    return ran


@pytest.mark.req("TEN-04")
def test_what_each_state_means_for_sign_in_jobs_reminders_and_portal(
    shop: Shop, give: Callable[..., int], guest: Callable[..., Guest], member_factory: MemberFactory, cache: None
) -> None:
    give("customer", {OPPORTUNITY: "read create"})
    one = guest("川西能源集团", "何国栋")
    with tenant(shop.place):
        member_factory("sales", name="李思源", username="seller")
    seller = Client(HTTP_HOST="alpha.localhost")
    assert seller.post("/account/sign-in", {"login": "seller", "password": PASSWORD}).status_code == 302

    meant = {}
    for number, state in enumerate(MEANING):
        directory.set_state(shop.place.pk, state, why="试一试")
        signed = [
            Client(HTTP_HOST="alpha.localhost")
            .post("/account/sign-in", {"login": name, "password": PASSWORD})
            .status_code
            for name in ("boss", "seller")
        ]
        looked = seller.get("/r/customers.customer/").status_code
        wrote = seller.post("/r/customers.customer/new", {"name": f"四川锦城水务{number}"}).status_code
        asked = one.client.get("/portal/").status_code
        sent = one.client.post(f"/portal/r/{OPPORTUNITY}/new", {"name": f"二十人去云南{number}"}).status_code
        meant[state] = (*signed, looked, wrote, asked, sent, works(shop))

    assert meant == MEANING


@pytest.mark.req("TEN-07")
def test_the_companys_address_title_logo_and_colour_are_on_sign_in_portal_prints_and_mails(
    shop: Shop, guest: Callable[..., Guest], sign_in: SignIn, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    admin = sign_in(Client(), shop.boss)
    admin.post("/settings/look", {"title": "锦城客户系统", "colour": "#a63420", "logo": picture()})
    admin.post("/settings/look/address", {"slug": "jincheng"})
    found = directory.find_by_pk(shop.place.pk)
    assert found is not None
    look, client = branding(found), Client(HTTP_HOST="jincheng.localhost")
    with tenant(found):
        facts = {"channel": "email", "address": "he@example.com", "subject": "请", "lines": ("一",), "link": "http://x"}
        letters.deliver(asdict(replace(letters.Letter(**facts), sender=letters._sender(found))))  # type: ignore[arg-type]

    door, portal = (client.get(path).content.decode() for path in ("/account/sign-in", "/portal/sign-in"))
    paper = sign_in(Client(), replace(shop.boss, slug="jincheng")).get("/settings/members").content.decode()
    mail = str(mailoutbox[-1].alternatives[0][0])
    for place, text in (("sign-in", door), ("portal", portal), ("print", paper), ("mail", mail)):
        assert "锦城客户系统" in text, place
        assert look.logo in text, place
    assert all(look.stylesheet in text for text in (door, paper))
    assert 'href="/portal/colours.css' in portal or look.stylesheet in portal
    assert "#a63420" in mail
    assert f'src="{directory.address_of(found, look.logo)}"' in mail
    assert directory.address_of(found).startswith("http://jincheng.localhost")
    moved = Client(HTTP_HOST="alpha.localhost").get("/portal/")
    assert moved["Location"].startswith("http://jincheng.localhost")

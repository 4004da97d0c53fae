"""A company with a portal: two customers with people, a partner, and what each is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

import pytest
from django.test import Client, TestCase

from kezhou import comments, records
from kezhou.access.actor import System
from kezhou.files import attachments
from kezhou.testing.access import MemberFactory, Person
from portal import users
from portal.models import Group, PortalUser
from tenants.context import Current, tenant
from tenants.directory import find_by_slug

SECRET, INTERNAL = "乙方机密", "内部备注"
"""Words of the other customer, and of the company's own people."""
PASSWORD = "portal-pass-7"  # of people that tests invite
CUSTOMER, CONTACT, ORDER, OPPORTUNITY = "customers.customer", "customers.contact", "meetings.order", "sales.opportunity"


@dataclass(frozen=True)
class Guest:
    """Somebody of a customer who has accepted: the browser, the contact, the customer, the portal user."""

    client: Client
    contact: int
    customer: int
    user: int


@dataclass(frozen=True)
class Shop:
    """The company and its administrator."""

    place: Current
    boss: Person


@pytest.fixture
def shop(alpha: Current, plugins_on: Callable[..., None], member_factory: MemberFactory) -> Shop:
    """alpha with customers, sales, meetings and the portal on."""
    with tenant(alpha):
        plugins_on("customers", "sales", "meetings", "portal")
        boss = member_factory("admin", name="周敏", username="boss")
    place = find_by_slug("alpha")  # with the modules that are on by now
    assert place is not None
    return Shop(place, boss)


@pytest.fixture
def letters_of(settings, mailoutbox):  # type: ignore[no-untyped-def]
    """Run what was put off until the commit, tasks at once, and give the letters that went out."""
    from kezhou.celery import app

    app.conf.task_always_eager = True

    def after(action):  # type: ignore[no-untyped-def]
        before = len(mailoutbox)
        with TestCase.captureOnCommitCallbacks(execute=True):
            action()
        return mailoutbox[before:]

    yield after
    app.conf.task_always_eager = False


@pytest.fixture
def give(shop: Shop) -> Callable[..., int]:
    """``give("customer", {type: "read create"}, links={type: link}, fields={type: {key: level}})`` sets a group anew."""
    from portal.settings.keeping import Wish, add_group, keep

    def make(
        kind: str,
        operations: dict[str, str],
        *,
        links: dict[str, str] | None = None,
        fields: dict[str, dict[str, str]] | None = None,
        category: str = "",
        classes: dict[str, Sequence[str]] | None = None,
    ) -> int:
        with tenant(shop.place):
            found = Group.objects.filter(kind=kind, category=category).first()
            pk = found.pk if found is not None else add_group(kind, category)
            wishes = {
                key: Wish(
                    frozenset(words.split()),
                    (links or {}).get(key, "customer" if key not in {CUSTOMER} else ""),
                    tuple((classes or {}).get(key, ())),
                    fields=(fields or {}).get(key),
                )
                for key, words in operations.items()
            }
            keep(pk, wishes)
            return pk

    return make


@pytest.fixture
def guest(shop: Shop) -> Callable[..., Guest]:
    """``guest("川西能源", "何国栋")`` makes a customer with a contact, invites and accepts; the browser is signed in."""

    def make(
        company: str,
        name: str,
        *,
        email: str = "",
        kind: str = "customer",
        customer: int | None = None,
        **values: object,
    ) -> Guest:
        with tenant(shop.place):
            actor = shop.boss.actor
            pk = customer or records.save(actor, CUSTOMER, [{"name": company, **values}], twins="allow").pk
            row = {"name": name, "customer": pk, "email": email or f"{name.encode().hex()[:20]}@example.com"}
            contact = records.save(actor, CONTACT, [row], twins="allow").pk
            way = users.open_for(actor, CONTACT, contact, kind=kind)
            user = PortalUser.objects.get(contact=contact).pk
        client = accepted(way.link)
        return Guest(client, contact, pk, user)

    return make


def accepted(link: str) -> Client:
    """A browser in which the invitation was accepted."""
    client = Client(HTTP_HOST="alpha.localhost")
    path = link.partition("alpha.localhost")[2].partition("/")
    answer = client.post(f"/{path[2]}", {"password": PASSWORD, "password_again": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return client


def code_in(subject: str) -> str:
    """The code that a letter's subject holds."""
    found = re.search(r"\d{6}", subject)
    assert found is not None
    return found[0]


@pytest.fixture
def opened(give: Callable[..., int]) -> None:
    """What customers are given: their record, contacts, opportunities and orders, with most operations."""
    give(
        "customer",
        {
            CUSTOMER: "read update",
            CONTACT: "read create update delete export print",
            OPPORTUNITY: "read create export",
            ORDER: "read create",
        },
    )


@pytest.fixture
def world(shop: Shop, opened: None, guest: Callable[..., Guest]) -> tuple[Guest, Guest]:
    """Two customers with people, orders, opportunities, comments and files; the second one's carry the secret everywhere."""
    mine = guest("川西能源集团", "何国栋", remark=INTERNAL)
    theirs = guest(f"{SECRET}商贸", f"{SECRET}联系人", remark=SECRET)
    with tenant(shop.place):
        actor = shop.boss.actor
        for one, word in ((mine, "年会"), (theirs, SECRET)):
            order = {"name": f"{word}会议", "customer": one.customer, "remark": INTERNAL, "demand": f"{word}要求"}
            deal = {"name": f"{word}机会", "customer": one.customer, "remark": INTERNAL, "competitor": INTERNAL}
            for key, row in ((ORDER, order), (OPPORTUNITY, deal)):
                pk = records.save(actor, key, [row], twins="allow").demand().pk
                comments.write(actor, key, pk, f"{INTERNAL}评论 {word}")
                attachments.attach(actor, key, pk, f"{word}{INTERNAL}.txt", BytesIO(INTERNAL.encode()))
    return mine, theirs


def body(response: object) -> str:
    streamed = getattr(response, "streaming_content", None)
    raw = b"".join(streamed) if streamed is not None else response.content  # type: ignore[attr-defined]
    return raw.decode("utf-8", "replace")


def pks(shop: Shop, key: str) -> list[int]:
    with tenant(shop.place):
        return sorted(records.query(System("portal suite"), key).values_list("pk", flat=True))

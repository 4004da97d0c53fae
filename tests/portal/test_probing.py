"""Addresses with parameters that nobody was given, and forms that name what is another's: nothing is told, nothing fails (POR-19)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.records import custom
from tenants.context import tenant
from tests.portal.conftest import CONTACT, CUSTOMER, INTERNAL, OPPORTUNITY, ORDER, SECRET, Guest, Shop, body, pks

ODD = {
    f"/portal/r/{OPPORTUNITY}/?": (
        "sort=competitor", "sort=-amount", "sort=owner", "sort=customer.name", "sort=\x00", "page=0", "page=-1", "page=abc", "page=999999",
        "page=99999999999999999999", "after=x", "before=%00", "after=W10=", "q=内部", "q=乙方", "q=%00", f"q={'x' * 5000}", "q=竞争对手:内部",
        'filter=["competitor","eq","内部备注"]', "columns=competitor,remark&size=1000", "view=1", "group=owner",
    ),
    f"/portal/r/{OPPORTUNITY}/export?": ("q=内部", "q=乙方", "columns=competitor", "q=%00"),
    f"/portal/r/{CONTACT}/suggest?": (
        "q=乙方", "q=yifang", "by=customer&in=THEIRS", "by=owner", "by=superior&in=1", "by=nonsense", "any=1&q=乙", "q=%00", "in=x&by=customer",
    ),
    f"/portal/r/{CUSTOMER}/suggest?": ("q=乙方", "any=1", "q=内部"),
    f"/portal/r/{OPPORTUNITY}/new?": ("customer=THEIRS&contact=CONTACT&partner=THEIRS&owner=1&competitor=x", "contact=abc", "name=%00"),
    f"/portal/r/{OPPORTUNITY}/": ("spelling/competitor", "spelling/owner", "spelling/grade", "note/competitor", "note/customer?customer=THEIRS"),
    "/portal/search?": ("q=乙方&page=9999", "q=川西&page=abc", "q=*", "q=竞争对手:内部", "q=%22%00", "q=owner:1", f"q={'x' * 5000}"),
    "/portal/": (
        "regions?below=x", "files/held/1", "exports/1", "palette?q=乙方", "live", "api/v1/customers.customer/", "r/core.member/", "drafts",
        "r/customers.customer/THEIRS/files/1", "r/customers.contact/CONTACT/edit?version=1", "preview/x", "me?user=1",
    ),
}  # fmt: skip
ANSWERS = {200, 302, 400, 403, 404, 405}
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_BOOSTED": "true"}


@pytest.mark.req("POR-19", part="odd addresses")
def test_no_parameter_betrays_another_customer_or_the_inside(shop: Shop, world: tuple[Guest, Guest]) -> None:
    mine, theirs = world
    wrong = []
    for begin, ends in ODD.items():
        for end in ends:
            end = end.replace("THEIRS", str(theirs.customer)).replace("CONTACT", str(theirs.contact))
            address = f"{begin}{quote(end, safe='=&?/%')}"
            for headers in ({}, HTMX):
                answer = mine.client.get(address, **headers)
                text = body(answer)
                wrong += [(address, answer.status_code)] if answer.status_code not in ANSWERS else []
                wrong += [(address, word) for word in (SECRET, INTERNAL) if word in text]
            head = mine.client.head(address)
            wrong += [(address, "HEAD", head.status_code)] if head.status_code not in ANSWERS else []

    assert wrong == []
    assert mine.client.options(f"/portal/r/{OPPORTUNITY}/").status_code == 405


@pytest.mark.req("POR-19", part="forms")
def test_a_form_names_nothing_that_is_anothers(shop: Shop, world: tuple[Guest, Guest]) -> None:
    mine, theirs = world
    (own_deal, _others), (own_order, other_order) = pks(shop, OPPORTUNITY), pks(shop, ORDER)
    sent = {
        f"/portal/r/{OPPORTUNITY}/new": {"name": "夹带", "contact": theirs.contact},
        f"/portal/r/{ORDER}/new": {"name": "夹带", "contact": theirs.contact, "contact__text": "何"},
        f"/portal/r/{OPPORTUNITY}/rules": {"pk": other_order, "contact": theirs.contact},
        f"/portal/r/{ORDER}/rules": {"pk": other_order},
        f"/portal/r/{CUSTOMER}/{theirs.customer}/edit": {"name": "改名", "version": "1"},
        f"/portal/r/{CONTACT}/{theirs.contact}/delete": {},
        f"/portal/r/{OPPORTUNITY}/{own_deal}/edit": {"name": "改名"},
        f"/portal/r/{ORDER}/{own_order}/delete": {},
        f"/portal/r/{CUSTOMER}/new": {"name": "新客户"},
    }

    answers = {address: mine.client.post(address, row) for address, row in sent.items()}
    made = mine.client.post(f"/portal/r/{CONTACT}/new", {"name": "新同事", "customer": theirs.customer, "owner": "1"})

    assert [one.status_code for one in answers.values()] == [422, 422, 404, 404, 404, 404, 403, 403, 403]
    assert [address for address, one in answers.items() if SECRET in body(one) or INTERNAL in body(one)] == []
    with tenant(shop.place):
        values = records.get(shop.boss.actor, CONTACT, int(made["Location"].rpartition("/")[2])).values
    assert values["customer"] == mine.customer


def test_a_value_that_another_has_is_refused_without_naming_whose(
    shop: Shop, give: Callable[..., int], guest: Callable[..., Guest]
) -> None:
    mine, theirs = guest("川西能源集团", "何国栋"), guest(f"{SECRET}商贸", "外人")
    with tenant(shop.place):
        key = custom.add_field(System("a field"), CONTACT, label="会员号", kind="text", unique=True).key
        records.save(shop.boss.actor, CONTACT, [{"pk": theirs.contact, key: "A-1"}], twins="allow").demand()
        number = records.get(shop.boss.actor, CONTACT, theirs.contact).values["number"]
    give("customer", {CONTACT: "read create"}, fields={CONTACT: {"name": "edit", key: "edit"}})

    refused = mine.client.post(f"/portal/r/{CONTACT}/new", {"name": "李梅", key: "A-1"})

    assert refused.status_code == 422
    assert "会员号不能重复，“A-1”已经被用了。" in body(refused)
    assert str(number) not in body(refused)

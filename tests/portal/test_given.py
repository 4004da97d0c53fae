"""What the administrator sets is what each class of partner and of customers is shown: face, menu, own types, what waits for review."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client

from kezhou import records
from kezhou.access.actor import System
from kezhou.records import custom
from kezhou.testing.access import SignIn
from portal.models import Group
from search import keeping
from search.engines import engine
from tenants.context import tenant
from tenants.directory import find_by_slug
from tests.engines import both_engines
from tests.own import making
from tests.portal.conftest import CONTACT, CUSTOMER, OPPORTUNITY, ORDER, Guest, Shop

Come = Callable[..., Guest]
TEST_ORDER = "testplugin.order"


@dataclass(frozen=True)
class Settings:
    """设置 › 门户 as its pages are used."""

    client: Client
    shop: Shop

    def face(self, **values: str) -> int:
        return self.client.post("/settings/portal", values).status_code

    def group(self, kind: str, category: str = "", **given: str) -> None:
        """Set what a group is given: `type` or `type:link` with operations, fields that are filled in (`+name`), place in the menu."""
        with tenant(self.shop.place):
            found = Group.objects.filter(kind=kind, category=category).first()
        if found is None:
            assert self.client.post("/settings/portal/groups", {"kind": kind, "category": category}).status_code == 302
            with tenant(self.shop.place):
                found = Group.objects.get(kind=kind, category=category)
        posted: dict[str, object] = {}
        for key, words in given.items():
            *operations, place = words.split()
            key, _colon, link = key.partition(":")
            posted |= {f"f:{key}:{word[1:]}": "edit" for word in operations if word.startswith("+")}
            posted |= {f"o:{key}": operations, f"p:{key}": place, f"l:{key}": link or "customer"}
        assert self.client.post(f"/settings/portal/{found.pk}", posted).status_code == 302


@pytest.fixture
def settings_of(shop: Shop, sign_in: SignIn) -> Settings:
    return Settings(sign_in(Client(), shop.boss), shop)


def menu(one: Guest) -> list[str]:
    """The types in the portal's menu, in its order, each of which opens."""
    keys = [place.key for place in one.client.get("/portal/").context["places"]]
    for key in keys:
        assert one.client.get(f"/portal/r/{key}/").status_code == 200
    return keys


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.mark.req("POR-24", part="name, welcome, colour, menu, per customer class and partner kind")
def test_each_class_has_the_menu_that_is_set_for_it_under_the_portals_own_name(
    settings_of: Settings, guest: Come
) -> None:
    plain, important = guest("普通公司", "甲"), guest("重要公司", "乙", category="vip")
    supplier = guest("供货公司", "丙", kind="supplier")
    settings_of.group("customer", **{CONTACT: "read 20", OPPORTUNITY: "read 10"})
    settings_of.group("customer", "vip", **{ORDER: "read 5", f"{CUSTOMER}:-": "read 9", CONTACT: "read 1"})
    settings_of.group("supplier", **{CONTACT: "read 1"})
    assert settings_of.face(name="川西自助台", welcome="欢迎回来，有事直接提交。", colour="#0b6e4f") == 302

    assert menu(plain) == [OPPORTUNITY, CONTACT]
    assert menu(important) == [CONTACT, ORDER, CUSTOMER]
    assert menu(supplier) == [CONTACT]
    for one, key in ((plain, ORDER), (plain, CUSTOMER), (important, OPPORTUNITY), (supplier, OPPORTUNITY)):
        assert one.client.get(f"/portal/r/{key}/").status_code == 404
    home = text(plain.client, "/portal/")
    assert all(words in home for words in ("川西自助台", "欢迎回来，有事直接提交。", "/portal/colours.css"))
    assert "#0b6e4f" in text(plain.client, "/portal/colours.css")
    assert "川西自助台" in text(Client(HTTP_HOST="alpha.localhost"), "/portal/sign-in")

    refused = settings_of.client.post("/settings/portal", {"name": "新名", "welcome": "", "colour": "绿色"})
    assert refused.status_code == 422
    assert all(words in refused.content.decode() for words in ("“绿色”不是颜色", 'value="新名"'))
    assert "川西自助台" in text(plain.client, "/portal/")


@pytest.mark.req("POR-17", part="class of partner")
@pytest.mark.req("POR-23", part="class, logins already open")
def test_another_class_of_partner_is_given_its_own_at_once(settings_of: Settings, guest: Come) -> None:
    settings_of.group("customer", **{CONTACT: "read 10"})
    settings_of.group("agent", **{OPPORTUNITY: "read 10"})
    one = guest("蓉城代理", "代理人")
    address = f"/r/{CONTACT}/{one.contact}/portal"
    assert menu(one) == [CONTACT]

    refused = settings_of.client.post(f"{address}/kind", {"kind": "king"})
    changed = settings_of.client.post(f"{address}/kind", {"kind": "agent"})

    assert (refused.status_code, changed.status_code) == (422, 302)
    assert "没有“king”这个合作伙伴类别" in refused.content.decode()
    assert menu(one) == [OPPORTUNITY]
    assert "客户 → 代理商" in text(settings_of.client, address)


@both_engines
@pytest.mark.req("POR-18", part="own types")
@pytest.mark.req("POR-19", part="own types")
def test_a_type_that_the_company_made_is_given_by_its_link(
    shop: Shop,
    settings_of: Settings,
    guest: Come,
    search_folder: Path,
) -> None:
    mine, theirs = guest("川西能源", "何国栋"), guest("锐进仪器", "外人")
    system = System("makes a type")
    with tenant(shop.place):
        made = making.plain(system)
        key, country = made.key, made.fields["country"]
        link = custom.add_field(system, key, label="客户", kind="link", target=CUSTOMER).key
        rows = [
            {"name": word, country: "法国", link: one.customer} for word, one in (("王建国", mine), ("机密", theirs))
        ]
        own, other = records.save(system, key, rows).demand().pks
    settings_of.group(
        "customer", **{f"{key}:{link}": f"read create update export +name +{country} +{made.fields['fee']} 5"}
    )

    listed = text(mine.client, f"/portal/r/{key}/")
    sent = mine.client.post(f"/portal/r/{key}/new", {"name": "李思源", country: "德国", made.fields["fee"]: "800"})

    assert menu(mine) == [key]
    assert ("王建国" in listed, "机密" in listed) == (True, False)
    assert mine.client.get(f"/portal/r/{key}/{own}").status_code == 200
    for part in ("", "/edit"):
        assert mine.client.get(f"/portal/r/{key}/{other}{part}").status_code == 404
    assert sent.status_code == 302, sent.content.decode()[:2000]
    with tenant(shop.place):
        entry = records.get(system, key, int(sent["Location"].rpartition("/")[2]))
        keeping.rebuild(engine())
    assert (entry.values[link], entry.values[country]) == (mine.customer, "德国")
    assert "李思源" not in text(theirs.client, f"/portal/r/{key}/")
    for one, word, found in ((mine, "李思源", 1), (theirs, "李思源", 0), (mine, "机密", 0), (theirs, "机密", 1)):
        assert len(one.client.get("/portal/search", {"q": word}).context["lines"]) == found, word


@both_engines
@pytest.mark.req("POR-20", part="unreviewed records")
@pytest.mark.req("POR-21", part="review")
@pytest.mark.req("SRH-10", part="portal")
def test_what_waits_for_review_is_outside_only_for_those_who_entered_it(
    shop: Shop,
    settings_of: Settings,
    guest: Come,
    plugins_on: Callable[..., None],
    search_folder: Path,
) -> None:
    with tenant(shop.place):
        plugins_on("testplugin")
    place = find_by_slug("alpha")
    assert place is not None
    one, colleague_of = guest("川西能源", "何国栋"), guest("锐进仪器", "外人")
    settings_of.group("customer", **{TEST_ORDER: "read create update delete export print +name +state 5"})
    system = System("writes orders")
    with tenant(place):
        rows = [{"name": f"内部{state}单", "state": state, "customer": one.customer} for state in ("draft", "sent")]
        pks = records.save(system, TEST_ORDER, rows).demand().pks
    sent = one.client.post(f"/portal/r/{TEST_ORDER}/new", {"name": "自己填的单"})
    assert sent.status_code == 302, sent.content.decode()[:2000]
    own = int(sent["Location"].rpartition("/")[2])
    colleague = guest("", "同事", customer=one.customer)

    def seen(who: Guest) -> list[str]:
        return [line.title for line in who.client.get(f"/portal/r/{TEST_ORDER}/").context["lines"]]

    assert (seen(one), seen(colleague), seen(colleague_of)) == (["自己填的单"], ["自己填的单"], [])
    assert one.client.get("/portal/").context["parts"][0].total == 1
    for pk in pks:
        for part in ("", "/edit", "/delete", "/print"):
            assert one.client.get(f"/portal/r/{TEST_ORDER}/{pk}{part}").status_code == 404
        assert one.client.post(f"/portal/r/{TEST_ORDER}/{pk}/edit", {"name": "改"}).status_code == 404
    edited = one.client.post(f"/portal/r/{TEST_ORDER}/{own}/edit", {"name": "改过的单", "version": "1"})
    assert edited.status_code == 302

    with tenant(place):
        records.act(shop.boss.actor, TEST_ORDER, "approve", [pks[1]], {"approver": "周敏"}).demand()
        keeping.rebuild(engine())
    assert sorted(seen(one)) == ["内部sent单", "改过的单"]
    found = one.client.get("/portal/search", {"q": "单"})
    assert [line.hit.pk for line in found.context["lines"]] == [pks[1]]
    assert found.context["result"].total == 1


def test_each_group_counts_the_accounts_that_it_is_for(settings_of: Settings, guest: Come) -> None:
    for name, values in (
        ("甲", {}),
        ("乙", {"category": "vip"}),
        ("丙", {"category": "vip"}),
        ("丁", {"kind": "agent"}),
    ):
        guest(f"{name}公司", name, **values)
    settings_of.group("customer", "vip", **{CONTACT: "read 1"})

    groups = settings_of.client.get("/settings/portal").context["groups"]

    assert [(group.title, group.accounts) for group in groups] == [("客户", 1), ("客户 · VIP客户", 2)]


def test_nobody_is_given_a_form_that_can_never_be_sent(shop: Shop, settings_of: Settings) -> None:
    with tenant(shop.place):
        pk = Group.objects.get(kind="customer", category="").pk
    posted = {f"o:{CONTACT}": ["read", "create"], f"l:{CONTACT}": "customer", f"f:{CONTACT}:mobile": "edit"}

    refused = settings_of.client.post(f"/settings/portal/{pk}", posted)

    assert refused.status_code == 422
    assert "“联系人”要能新建，必填的“姓名”就要设成可填。" in refused.content.decode()
    assert settings_of.client.post(f"/settings/portal/{pk}", {**posted, f"f:{CONTACT}:name": "edit"}).status_code == 302

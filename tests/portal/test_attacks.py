"""What somebody tries who was let in once, or never: old codes, links, sessions and looks; wrong input at the door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from kezhou import records
from kezhou.access.models import Account
from kezhou.testing.access import MemberFactory, SignIn
from portal import users
from portal.models import Code, Group, PortalUser
from tenants.context import tenant
from tests.portal.conftest import CONTACT, CUSTOMER, ORDER, Guest, Shop, accepted, code_in
from tests.portal.test_entering import fresh, path_of

LOGIN = "he@example.com"
Letters = Callable[..., Any]


@pytest.mark.req("POR-22", part="code")
def test_a_code_on_its_way_opens_nothing_after_a_reset_or_a_new_password(
    shop: Shop, guest: Callable[..., Guest], letters_of: Letters
) -> None:
    one = guest("川西能源集团", "何国栋", email=LOGIN)

    def sent() -> str:
        with tenant(shop.place):
            Code.objects.all().delete()
        return code_in(letters_of(lambda: fresh().post("/portal/code", {"login": LOGIN}))[0].subject)

    first = sent()
    fields = {"old": "portal-pass-7", "password": "another-pass-8", "password_again": "another-pass-8"}
    assert one.client.post("/portal/me/password", fields).status_code == 302
    assert fresh().post("/portal/code", {"login": LOGIN, "code": first}).status_code == 422
    second = sent()
    with tenant(shop.place):
        users.reset(shop.boss.actor, one.user)
    assert fresh().post("/portal/code", {"login": LOGIN, "code": second}).status_code == 422


def test_a_link_on_its_way_opens_nothing_after_a_new_password(shop: Shop, guest: Callable[..., Guest]) -> None:
    one = guest("川西能源集团", "何国栋", email=LOGIN)
    with tenant(shop.place):
        way = users.invite(shop.boss.actor, one.user)

    fields = {"old": "portal-pass-7", "password": "another-pass-8", "password_again": "another-pass-8"}
    assert one.client.post("/portal/me/password", fields).status_code == 302

    assert fresh().get(path_of(way.link)).status_code == 410


@pytest.mark.req("POR-23", part="account")
def test_a_login_that_was_ended_does_not_come_back_with_the_account(shop: Shop, guest: Callable[..., Guest]) -> None:
    one = guest("川西能源集团", "何国栋")
    with tenant(shop.place):
        users.enable(shop.boss.actor, one.user, enabled=False)
        users.enable(shop.boss.actor, one.user, enabled=True)

    assert one.client.get("/portal/").status_code == 302


@pytest.mark.req("POR-01", part="contact file")
def test_an_address_corrected_in_the_contact_file_is_where_the_next_link_goes(
    shop: Shop, guest: Callable[..., Guest], letters_of: Letters
) -> None:
    one = guest("川西能源集团", "何国栋", email="wrong@example.com")
    with tenant(shop.place):
        records.save(shop.boss.actor, CONTACT, [{"pk": one.contact, "email": LOGIN}], twins="allow").demand()
        sent = letters_of(lambda: users.reset(shop.boss.actor, one.user))
        account = Account.objects.get(pk=PortalUser.objects.get(pk=one.user).account_id)

    assert [letter.to for letter in sent] == [[LOGIN]]
    assert account.email == LOGIN


def test_nobody_turns_the_account_of_a_colleague_to_an_address_of_their_own(
    shop: Shop, give: Callable[..., int], guest: Callable[..., Guest]
) -> None:
    give("customer", {CONTACT: "read create update"})
    one = guest("川西能源集团", "何国栋", email=LOGIN)
    other = guest("", "李梅", email="li@example.com", customer=one.customer)
    address = f"/portal/r/{CONTACT}/{other.contact}/edit"

    def sent(**typed: str) -> Any:
        with tenant(shop.place):
            version = records.get(shop.boss.actor, CONTACT, other.contact).version
        return one.client.post(address, {"name": "李梅", "email": "li@example.com", "version": str(version), **typed})

    refused = sent(email="mine@example.com")
    assert refused.status_code == 422
    assert "只能由本人在“我的资料”里修改" in refused.content.decode()
    assert sent(name="李梅梅").status_code == 302
    with tenant(shop.place):
        values = records.get(shop.boss.actor, CONTACT, other.contact).values
    assert (values["name"], values["email"]) == ("李梅梅", "li@example.com")


@pytest.mark.req("POR-23", part="customer")
def test_who_goes_over_to_another_customer_comes_in_there_and_only_when_let_in_again(
    shop: Shop, give: Callable[..., int], guest: Callable[..., Guest], sign_in: SignIn
) -> None:
    give("customer", {CUSTOMER: "read"})
    one, other = guest("川西能源集团", "何国栋"), guest("蓉城商贸", "李梅")
    staff = sign_in(Client(), shop.boss)
    with tenant(shop.place):
        records.save(shop.boss.actor, CONTACT, [{"pk": one.contact, "customer": other.customer}], twins="allow")

    assert one.client.get("/portal/").status_code == 302
    assert "已换到别的客户" in staff.get(f"/r/{CONTACT}/{one.contact}").content.decode()
    with tenant(shop.place):
        way = users.open_for(shop.boss.actor, CONTACT, one.contact)

    assert one.client.get("/portal/").status_code == 302
    client = accepted(way.link)
    assert client.get(f"/portal/r/{CUSTOMER}/{other.customer}").status_code == 200
    assert client.get(f"/portal/r/{CUSTOMER}/{one.customer}").status_code == 404


def test_a_look_is_handed_over_once_and_ends_with_the_members_right(
    shop: Shop, guest: Callable[..., Guest], sign_in: SignIn, member_factory: MemberFactory
) -> None:
    one = guest("川西能源集团", "何国栋")
    with tenant(shop.place):
        member_factory("admin", name="另一位管理员", username="boss2")
    handed = sign_in(Client(), shop.boss).post(f"/r/{CONTACT}/{one.contact}/portal/preview").headers["Location"]
    looking, again = fresh(), fresh()

    assert [looking.get(handed).status_code, again.get(handed).status_code] == [302, 404]
    assert looking.get("/portal/").status_code == 200
    with tenant(shop.place):
        Account.objects.filter(member_id=shop.boss.pk).update(is_active=False)
    assert looking.get("/portal/").status_code == 302


@pytest.mark.parametrize("login", ["he\x00@example.com", "\x00", "１３８\x00", "=cmd()", "\u202ehe", "x" * 5000])
def test_whatever_is_typed_at_the_door_is_answered(shop: Shop, login: str) -> None:
    assert fresh().post("/portal/sign-in", {"login": login, "password": "x\x00"}).status_code == 422
    assert fresh().post("/portal/code", {"login": login, "code": "1\x00"}).status_code == 422
    assert fresh().post("/portal/code", {"login": login}).status_code in {200, 422}


def test_whatever_is_typed_in_the_settings_is_answered(shop: Shop, sign_in: SignIn) -> None:
    staff = sign_in(Client(), shop.boss)
    with tenant(shop.place):
        group = Group.objects.get().pk

    for field in ("name", "welcome"):
        answer = staff.post("/settings/portal", {field: "甲\x00\u202e乙"})
        assert (answer.status_code, "里面有看不见的字符" in answer.content.decode()) == (422, True)
    wrong = {f"o:{CONTACT}": "read", f"l:{CONTACT}": "customer", f"c:{CONTACT}": "\x00", f"f:{CONTACT}:\x00": "read"}
    assert staff.post(f"/settings/portal/{group}", wrong).status_code == 302


def test_a_negative_count_of_people_is_refused_in_words(
    shop: Shop, give: Callable[..., int], guest: Callable[..., Guest]
) -> None:
    give("customer", {ORDER: "read create"})
    one = guest("川西能源集团", "何国栋")

    answer = one.client.post(f"/portal/r/{ORDER}/new", {"name": "年会", "people": "-1"})

    assert answer.status_code == 422
    assert "参会人数不能小于 0，现在是 -1。" in answer.content.decode()


def test_a_wrong_password_keeps_what_was_being_saved(shop: Shop, guest: Callable[..., Guest]) -> None:
    guest("川西能源集团", "何国栋", email=LOGIN)
    typed = {
        "resume_login": LOGIN,
        "resume_password": "wrong",
        "resume_to": f"/portal/r/{ORDER}/new",
        "name": "打了很多字",
    }

    answer = fresh().post("/portal/resume", typed)

    assert answer.status_code == 401
    assert "打了很多字" in answer.content.decode()
    assert 'action="/portal/resume"' in answer.content.decode()

"""Coming in and going out: invitations, passwords, codes, lockout, and the two worlds of accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kezhou import parameters, records, switching
from kezhou.access.models import Invitation, SignInTries
from kezhou.files import attachments
from kezhou.notify.models import Notice
from kezhou.testing.access import MemberFactory, SignIn
from portal import acts, keeping, users
from portal.models import Act, PortalUser
from tenants import directory
from tenants.context import tenant
from tests.portal.conftest import CONTACT, CUSTOMER, ORDER, PASSWORD, Guest, Shop, code_in


def test_what_was_done_is_forgotten_in_time(shop: Shop, guest: Callable[..., Guest]) -> None:
    guest("川西能源集团", "何国栋")
    with tenant(shop.place):
        old, young = Act.objects.order_by("pk")[:2]
        Act.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=41))
        Act.objects.filter(pk=young.pk).update(at=timezone.now() - timedelta(days=39))

        keeping.forget_old()
        before = {*Act.objects.filter(pk__in=[old.pk, young.pk]).values_list("pk", flat=True)}
        parameters.change(shop.boss.actor, keeping.ACT_DAYS, "40")
        keeping.forget_old()

        assert (before, {*Act.objects.filter(pk__in=[old.pk, young.pk]).values_list("pk", flat=True)}) == (
            {old.pk, young.pk},
            {young.pk},
        )


@pytest.mark.req("POR-01")
def test_a_contact_is_let_in_by_invitation(shop: Shop, guest: Callable[..., Guest]) -> None:
    one = guest("川西能源集团", "何国栋")

    page = one.client.get("/portal/")

    assert page.status_code == 200
    assert "何国栋，你好" in page.content.decode()
    assert Client(HTTP_HOST="alpha.localhost").get("/portal/").headers["Location"].startswith("/portal/sign-in")


def test_the_contact_tells_the_day_of_the_last_sign_in_as_the_company_counts_days(
    shop: Shop, guest: Callable[..., Guest], sign_in: SignIn
) -> None:
    one = guest("川西能源集团", "何国栋")
    with tenant(shop.place):
        PortalUser.objects.update(last_seen_at=datetime(2026, 3, 1, 17, tzinfo=UTC))

    page = sign_in(Client(), shop.boss).get(f"/r/{CONTACT}/{one.contact}").content.decode()

    assert "最近登录 2026-03-02" in page


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


def sign_in_page(client: Client, name: str, password: str) -> int:
    return client.post("/portal/sign-in", {"login": name, "password": password}).status_code


def fresh() -> Client:
    return Client(HTTP_HOST="alpha.localhost")


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


@pytest.mark.req("POR-22", part="invitations expire")
def test_an_invitation_is_good_once_until_it_expires_or_is_replaced(shop: Shop, guest: Callable[..., Guest]) -> None:
    one = guest("川西能源集团", "何国栋")
    with tenant(shop.place):
        first = users.invite(shop.boss.actor, one.user)
        second = users.invite(shop.boss.actor, one.user)

    assert fresh().get(path_of(first.link)).status_code == 410
    assert fresh().get(path_of(second.link)).status_code == 200
    with tenant(shop.place):
        Invitation.objects.update(expires_at=timezone.now())
    assert fresh().get(path_of(second.link)).status_code == 410
    assert fresh().get("/portal/invitation/unknown").status_code == 404
    assert fresh().get(path_of(second.link).replace("/portal", "")).status_code == 404


@pytest.mark.req("POR-22")
def test_wrong_passwords_lock_the_door_and_a_code_leads_to_a_new_password(
    shop: Shop, guest: Callable[..., Guest], letters_of: Callable[..., Any]
) -> None:
    guest("川西能源集团", "何国栋", email="he@example.com")
    client = fresh()

    assert sign_in_page(client, "he@example.com", PASSWORD) == 302
    assert client.get("/portal/").status_code == 200
    told: list[int] = []
    for name in ("nobody@x.cn", "he@example.com"):
        sent = letters_of(lambda name=name: told.append(fresh().post("/portal/code", {"login": name}).status_code))
    assert (told, len(sent)) == ([200, 200], 1)
    wrong = fresh().post("/portal/code", {"login": "he@example.com", "code": "000000"})
    assert wrong.status_code == 422
    other = fresh()
    assert (
        other.post(
            "/portal/code", {"login": "he@example.com", "code": code_in(sent[0].subject), "forgotten": "1"}
        ).status_code
        == 302
    )
    fields = {"password": "another-pass-8", "password_again": "another-pass-8"}
    assert other.post("/portal/me/password", fields).status_code == 302
    assert client.get("/portal/").status_code == 302
    for _try in range(5):
        sign_in_page(fresh(), "he@example.com", "wrong")
    assert sign_in_page(fresh(), "he@example.com", "another-pass-8") == 429


@pytest.mark.req("POR-22", part="every act is logged")
def test_each_act_stands_in_the_log_of_the_account(
    shop: Shop,
    give: Callable[..., int],
    guest: Callable[..., Guest],
    sign_in: SignIn,
    letters_of: Callable[..., Any],
    tmp_path: Path,
) -> None:
    give("customer", {CONTACT: "read create update delete export print"})
    one, staff = guest("川西能源集团", "何国栋", email="he@example.com"), sign_in(Client(), shop.boss)
    base, client = f"/portal/r/{CONTACT}", one.client
    own = f"{base}/{one.contact}"
    with tenant(shop.place):
        file = attachments.attach(shop.boss.actor, CONTACT, one.contact, "行程.txt", BytesIO(b"1")).pk
        attachments.release(shop.boss.actor, CONTACT, one.contact, file, released=True)

    made = client.post(f"{base}/new", {"name": "李梅"}).headers["Location"]
    client.post(f"{made}/edit", {"name": "李梅梅", "version": "1"})
    client.post(f"{made}/delete")
    for address in (f"{own}/print", f"{base}/export", f"{own}/files/{file}"):
        assert client.get(address).status_code == 200
    version = client.get("/portal/me/profile").context["version"]
    client.post("/portal/me/profile", {"name": "何国栋", "email": "guodong@example.com", "version": version})
    client.post(
        "/portal/me/password",
        {"old": PASSWORD, "password": "another-pass-8", "password_again": "another-pass-8"},
    )
    letters_of(lambda: fresh().post("/portal/code", {"login": "guodong@example.com"}))
    sign_in_page(fresh(), "guodong@example.com", "wrong")
    client.post("/portal/sign-out")
    staff.post(f"/r/{CONTACT}/{one.contact}/portal/kind", {"kind": "agent"})
    staff.post(f"/r/{CONTACT}/{one.contact}/portal/preview")
    with tenant(shop.place):
        for enabled in (False, True):
            users.enable(shop.boss.actor, one.user, enabled=enabled)
        users.reset(shop.boss.actor, one.user)

        assert {act.kind for act in acts.of_user(one.user)} == set(acts.KINDS)


@pytest.mark.req("POR-22", part="own profile")
def test_the_profile_is_the_contact_file_and_what_was_done_is_kept(shop: Shop, guest: Callable[..., Guest]) -> None:
    one = guest("川西能源集团", "何国栋", email="he@example.com")
    page = one.client.get("/portal/me/profile")
    row = {"name": "何国栋", "email": "guodong@example.com", "version": page.context["version"]}

    assert one.client.post("/portal/me/profile", row).status_code == 302  # the invitation has just shown who it is

    with tenant(shop.place):
        assert records.get(shop.boss.actor, CONTACT, one.contact).values["email"] == "guodong@example.com"
        kinds = [act.kind for act in acts.of_user(one.user)]
    assert sign_in_page(fresh(), "guodong@example.com", PASSWORD) == 302
    assert {"opened", "invited", "accepted", "signed_in", "updated", "profile"} <= set(kinds)


@pytest.mark.req("POR-22", part="own profile")
def test_an_open_browser_alone_gives_nobody_another_sign_in_name(
    shop: Shop, guest: Callable[..., Guest], letters_of: Callable[..., Any]
) -> None:
    _one, client = guest("川西能源集团", "何国栋", email="he@example.com"), fresh()
    assert sign_in_page(client, "he@example.com", PASSWORD) == 302
    code = code_in(letters_of(lambda: fresh().post("/portal/code", {"login": "he@example.com"}))[0].subject)
    row = {"name": "何国栋总", "email": "thief@example.com", "version": "1"}

    def posted(**more: str) -> tuple[int, str]:
        answer = client.post("/portal/me/profile", {**row, **more})
        return answer.status_code, answer.content.decode()

    plain, wrong = posted(), posted(old="wrong-pass-1")
    same = posted(email="he@example.com")

    assert (plain[0], wrong[0], same[0]) == (422, 422, 302)
    assert "你用手机和邮箱登录，改它们要填现在的密码。" in plain[1]
    assert "原密码不对。" in wrong[1]
    assert all(typed in wrong[1] for typed in ('value="thief@example.com"', 'value="何国栋总"'))
    for _try in range(4):
        posted(old="wrong-pass-1", version="2")
    assert "原密码错误次数太多" in posted(old=PASSWORD, version="2")[1]
    with tenant(shop.place):
        SignInTries.objects.all().delete()
    assert posted(old=PASSWORD, version="2")[0] == 302
    assert sign_in_page(fresh(), "he@example.com", PASSWORD) == 422
    assert fresh().post("/portal/code", {"login": "thief@example.com", "code": code}).status_code == 422


CUTS: dict[str, Callable[[Shop, Guest], object]] = {
    "account": lambda shop, one: users.enable(shop.boss.actor, one.user, enabled=False),
    "customer": lambda shop, one: users.block(shop.boss.actor, CUSTOMER, one.customer, blocked=True),
    "contact deleted": lambda shop, one: records.delete(shop.boss.actor, CONTACT, [one.contact]),
    "customer deleted": lambda shop, one: records.delete(shop.boss.actor, CUSTOMER, [one.customer]),
    "password reset": lambda shop, one: users.reset(shop.boss.actor, one.user),
}


@pytest.mark.req("POR-23")
@pytest.mark.parametrize("cut", CUTS)
def test_access_ends_at_once_in_open_sessions(shop: Shop, guest: Callable[..., Guest], cut: str) -> None:
    one, other = guest("川西能源集团", "何国栋"), guest("别的公司", "乙")
    assert one.client.get("/portal/").status_code == 200

    with tenant(shop.place):
        CUTS[cut](shop, one)

    assert one.client.get("/portal/").status_code == 302
    assert sign_in_page(fresh(), "nobody", PASSWORD) == 422
    assert other.client.get("/portal/").status_code == 200
    with tenant(shop.place):
        assert PortalUser.objects.filter(pk=one.user).exists()


@pytest.mark.req("POR-23", part="plugin")
def test_without_the_module_there_is_no_door(shop: Shop, guest: Callable[..., Guest]) -> None:
    one = guest("川西能源集团", "何国栋")

    with tenant(shop.place):
        switching.switch_off(shop.boss.actor, "portal")

    assert [one.client.get(path).status_code for path in ("/portal/", "/portal/sign-in", "/settings/portal")] == [
        404,
        404,
        302,
    ]


@pytest.mark.req("POR-21", part="source, owner, message")
def test_what_is_entered_outside_says_so_and_reaches_the_owner(
    shop: Shop, give: Callable[..., int], guest: Callable[..., Guest], member_factory: MemberFactory
) -> None:
    give("customer", {ORDER: "read create"})
    with tenant(shop.place):
        seller = member_factory("sales", name="陈嘉禾")
    one = guest("川西能源集团", "何国栋", owner=seller.pk)

    answer = one.client.post(f"/portal/r/{ORDER}/new", {"name": "年会", "people": "30", "customer": "1", "owner": "1"})

    assert answer.status_code == 302
    with tenant(shop.place):
        entry = records.get(shop.boss.actor, ORDER, int(answer.headers["Location"].rpartition("/")[2]))
        step = records.history(shop.boss.actor, ORDER, entry.pk)[0]
        told = [(notice.kind, notice.values["title"]) for notice in Notice.objects.filter(member=seller.pk)]
    assert (entry.owner, entry.values["customer"], entry.values["channel"]) == (seller.pk, one.customer, "portal")
    assert (step.source, step.name) == ("portal", "何国栋（川西能源集团）")
    assert told == [("portal", "年会")]


def test_a_look_at_the_portal_changes_nothing_and_is_noted(
    shop: Shop, give: Callable[..., int], guest: Callable[..., Guest], sign_in: SignIn
) -> None:
    give("customer", {CONTACT: "read create update print"})
    one = guest("川西能源集团", "何国栋")
    staff = sign_in(Client(), shop.boss)

    handed = staff.post(f"/r/{CONTACT}/{one.contact}/portal/preview").headers["Location"]
    looking = fresh()
    assert looking.get(handed).status_code == 302

    page = looking.get("/portal/").content.decode()
    assert "预览：你看到的就是" in page
    assert looking.get(f"/portal/r/{CONTACT}/{one.contact}").status_code == 200
    for path in (f"/portal/r/{CONTACT}/new", "/portal/me/profile", "/portal/me/sessions"):
        assert looking.post(path, {"name": "不行"}).status_code == 403
    assert looking.get(f"/portal/r/{CONTACT}/{one.contact}/print").status_code == 200
    with tenant(shop.place):
        noted = [(act.kind, act.name) for act in acts.of_user(one.user)[:2]]
    assert noted == [("printed", "周敏"), ("preview", "周敏")]


@pytest.mark.req("TEN-04", part="portal")
def test_each_state_of_the_company_has_its_effect_on_the_portal(
    shop: Shop, give: Callable[..., int], guest: Callable[..., Guest]
) -> None:
    give("customer", {CONTACT: "read create"})
    one = guest("川西能源集团", "何国栋", email="he@example.com")
    address = f"/portal/r/{CONTACT}/new"

    def answers() -> tuple[int, int, int]:
        looked = one.client.get("/portal/").status_code
        written = one.client.post(address, {"name": "新人"}).status_code
        return looked, written, sign_in_page(fresh(), "he@example.com", PASSWORD)

    found = {}
    for state in ("trial", "overdue", "suspended", "closed"):
        directory.set_state(shop.place.pk, state, why="试一试")
        found[state] = answers()

    assert found == {
        "trial": (200, 302, 302),
        "overdue": (200, 402, 302),
        "suspended": (402, 402, 422),
        "closed": (402, 402, 402),
    }


def test_a_person_is_offered_what_fits_the_account_and_all_of_it_is_asked_once(
    shop: Shop, guest: Callable[..., Guest]
) -> None:
    one = guest("川西能源", "何国栋")

    def offered(key: str, pk: int) -> list[str]:
        return [offer.key for offer in records.actions(boss, key, records.get(boss, key, pk))]

    with tenant(shop.place):
        boss = shop.boss.actor
        new = records.save(boss, CONTACT, [{"name": "李思源", "customer": one.customer}]).demand().pk
        empty = records.save(boss, CUSTOMER, [{"name": "锐进仪器"}]).demand().pk
        assert offered(CONTACT, new) == ["portal_open"]
        assert offered(CONTACT, one.contact) == ["portal_resend", "portal_reset", "portal_off"]
        assert (offered(CUSTOMER, one.customer), offered(CUSTOMER, empty)) == (["portal_block"], [])
        entry = records.get(boss, CONTACT, one.contact)
        with CaptureQueriesContext(connection) as asked:
            records.actions(boss, CONTACT, entry)
        assert sum('FROM "portal_portaluser"' in query["sql"] for query in asked.captured_queries) == 1

        records.act(boss, CONTACT, "portal_off", [one.contact]).demand()
        records.act(boss, CUSTOMER, "portal_block", [one.customer]).demand()
        assert offered(CONTACT, one.contact) == ["portal_reset", "portal_on"]
        assert offered(CUSTOMER, one.customer) == ["portal_unblock"]
        refused = records.act(boss, CONTACT, "portal_off", [one.contact])
        assert [problem.sentence for problem in refused.problems] == ["现在还不能“停用门户账号”。"]

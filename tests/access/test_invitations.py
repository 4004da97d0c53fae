"""Inviting, resending, revoking, accepting (TEN-06, BIL-06)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kezhou import records
from kezhou.access import admission, invitations, members, roles
from kezhou.access.entitlements import NotEntitled, used
from kezhou.access.invitations import Acceptance, InvitationProblem, Invite
from kezhou.access.models import Invitation, MemberState
from kezhou.testing.access import PASSWORD
from tenants.context import tenant


@pytest.fixture
def actor(in_alpha, admin):
    return admin.actor


def token_of(link):
    return link.rsplit("/", 1)[1]


def by_mail(name="孙悦", address="sun@example.com", **more):
    return Invite(channel="email", address=address, name=name, **more)


@pytest.mark.req("TEN-06", part="invited members set their own password by a link that expires")
def test_an_invited_person_sets_name_and_password_and_is_in(alpha, admin, admin_client, letters_of):
    with tenant(alpha):
        sales = roles.role_pk("sales")
    form = {"name": "孙悦", "channel": "email", "address": "Sun@Example.com", "roles": [sales]}

    (letter,) = letters_of(lambda: admin_client.post("/settings/members/invite", form))
    link = re.search(r"http://alpha\.localhost(?::\d+)?(/invitation/\S+)", letter.body)[1]
    guest = Client(HTTP_HOST="alpha.localhost")
    page = guest.get(link).content.decode()
    answer = guest.post(link, {"name": "孙小悦", "password": "kezhou-2026", "password_again": "kezhou-2026"})

    assert letter.to == ["sun@example.com"]
    assert "钱总 邀请你加入" in letter.subject
    assert 'value="孙悦"' in page
    assert "sun@example.com" in page
    assert answer["Location"] == "/"
    assert guest.get("/session").status_code == 204
    with tenant(alpha):
        (row,) = [row for row in members.members() if row.email == "sun@example.com"]
        assert (row.name, row.state, [name for _pk, name in row.roles]) == ("孙小悦", "active", ["销售"])
    fresh = Client(HTTP_HOST="alpha.localhost")
    again = fresh.post("/account/sign-in", {"login": "sun@example.com", "password": "kezhou-2026"})
    assert again.status_code == 302


def test_the_link_works_once(actor):
    invited = invitations.invite(actor, by_mail())
    given = Acceptance(name="孙悦", password="kezhou-2026")
    invitations.accept(token_of(invited.link), given)

    with pytest.raises(InvitationProblem, match="已经用过了"):
        invitations.accept(token_of(invited.link), given)


@pytest.mark.req("TEN-06", part="the link expires")
def test_the_link_expires_after_seven_days(actor, alpha):
    invited = invitations.invite(actor, by_mail())
    assert timedelta(days=6, hours=23) < invited.expires_at - timezone.now() <= timedelta(days=7)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    page = Client(HTTP_HOST="alpha.localhost").get(f"/invitation/{token_of(invited.link)}")

    assert page.status_code == 410
    assert "已经过期" in page.content.decode()
    with pytest.raises(InvitationProblem, match="已经过期"):
        invitations.accept(token_of(invited.link), Acceptance(name="孙悦", password="kezhou-2026"))


def test_resending_makes_a_new_link_and_kills_the_old_one(actor):
    first = invitations.invite(actor, by_mail())

    second = invitations.resend(actor, first.member_pk)

    assert "取代" in invitations.guest(token_of(first.link)).problem
    assert invitations.guest(token_of(second.link)).problem == ""
    assert used("seats") == 2


def test_revoking_frees_the_seat_and_keeps_the_member(actor):
    invited = invitations.invite(actor, by_mail())
    assert used("seats") == 2

    invitations.revoke(actor, invited.member_pk)

    assert used("seats") == 1
    assert members.member(invited.member_pk).state == MemberState.NOT_INVITED
    assert "撤回" in invitations.guest(token_of(invited.link)).problem
    with pytest.raises(InvitationProblem, match="没有待接受的邀请"):
        invitations.revoke(actor, invited.member_pk)


def test_a_link_of_another_company_opens_nothing(alpha, beta, admin):
    with tenant(alpha):
        invited = invitations.invite(admin.actor, by_mail())

    assert Client(HTTP_HOST="beta.localhost").get(f"/invitation/{token_of(invited.link)}").status_code == 404


@pytest.mark.parametrize(
    ("wanted", "field", "sentence"),
    [
        (by_mail(address="no-address"), "address", "请填写正确的邮箱"),
        (by_mail(name=""), "name", "请填写姓名"),
        (Invite(channel="sms", address="13800138000", name="孙悦"), "channel", "没有配置短信"),
    ],
)
def test_what_cannot_be_invited_is_told_by_field(actor, wanted, field, sentence):
    with pytest.raises(InvitationProblem, match=sentence) as caught:
        invitations.invite(actor, wanted)

    assert caught.value.field == field
    assert used("seats") == 1


def test_a_refused_form_keeps_what_was_typed(alpha, admin_client):
    response = admin_client.post("/settings/members/invite", {"name": "孙悦", "channel": "email", "address": "wrong"})

    html = response.content.decode()
    assert response.status_code == 422
    assert 'value="孙悦"' in html
    assert 'value="wrong"' in html
    assert "请填写正确的邮箱" in html


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"password": "short1", "password_again": "short1"}, "至少 8 位"),
        ({"password": "onlyletters", "password_again": "onlyletters"}, "两种"),
        ({"password": "password1", "password_again": "password1"}, "很常见"),
        ({"password": "kezhou-2026", "password_again": "kezhou-2027"}, "不一样"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_stays_good(alpha, admin, given, field):
    with tenant(alpha):
        invited = invitations.invite(admin.actor, by_mail())
    guest = Client(HTTP_HOST="alpha.localhost")

    refused = guest.post(f"/invitation/{token_of(invited.link)}", {"name": "孙小悦", **given})

    assert refused.status_code == 422
    assert field in refused.content.decode()
    assert 'value="孙小悦"' in refused.content.decode()
    with tenant(alpha):
        assert invitations.guest(token_of(invited.link)).problem == ""


def test_members_not_yet_invited_cost_no_seat_and_cannot_sign_in(actor, plugins_on):
    plugins_on("customers")
    row = {"name": "吴昊", "mobile": "13900139000"}
    pk = records.save(actor, "core.member", [row]).pk
    records.save(actor, "customers.customer", [{"name": "云南远行", "owner": pk}]).demand()

    answer = Client(HTTP_HOST="alpha.localhost").post(
        "/account/sign-in", {"login": "13900139000", "password": PASSWORD}
    )

    assert members.member(pk).state == MemberState.NOT_INVITED
    assert used("seats") == 1
    assert answer.status_code == 422


def test_inviting_one_of_them_keeps_the_records(actor, plugins_on):
    plugins_on("customers")
    pk = records.save(actor, "core.member", [{"name": "吴昊"}]).pk
    records.save(actor, "customers.customer", [{"name": "云南远行", "owner": pk}]).demand()
    sales = [roles.role_pk("sales")]

    invited = invitations.invite(actor, Invite(channel="link", member_pk=pk, role_pks=sales))
    assert invitations.guest(token_of(invited.link)).needs_username
    invitations.accept(token_of(invited.link), Acceptance(name="吴昊", password="kezhou-2026", username="wuhao"))

    from kezhou.access.actors import actor_for

    assert invited.member_pk == pk
    assert [row.name for row in records.query(actor_for(pk), "customers.customer")] == ["云南远行"]


@pytest.mark.req("BIL-06", part="seats")
def test_the_plan_decides_how_many_can_be_invited(actor, member_factory):
    for _seat in range(9):
        member_factory("sales")
    assert used("seats") == 10

    with pytest.raises(NotEntitled, match="10 个席位，已用 10 个") as caught:
        invitations.invite(actor, by_mail())

    assert (caught.value.entitlement.limit, caught.value.entitlement.upgrade_url) == (10, "/settings/plan")
    assert not [row for row in members.members() if row.email == "sun@example.com"]


def test_two_who_ask_to_be_let_in(actor, letters_of):
    told = letters_of(lambda: admission.request(name="马丽", address="ma@example.com", message="我在散客部"))
    assert not admission.request(name="马丽", address="MA@example.com")
    admission.request(name="陌生人", address="stranger@example.com")
    first, second = admission.waiting()

    invited = admission.admit(actor, first.pk)
    admission.ignore(actor, second.pk)

    assert told == []
    assert members.member(invited.member_pk).email == "ma@example.com"
    assert admission.waiting() == ()
    with pytest.raises(LookupError, match="已经处理过了"):
        admission.ignore(actor, second.pk)

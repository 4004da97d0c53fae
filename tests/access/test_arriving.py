"""A new company's administrator, and the one-time token that brings them in (TEN-02)."""

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from kezhou.access import members, roles
from kezhou.access.accounts import AccountProblem, NewAccount, create_account, find_account, knows
from kezhou.access.administrator import add_administrator
from kezhou.access.departments import fresh_tree
from tenants import handover
from tenants.context import tenant
from tenants.provisioning import NewAdministrator


@pytest.fixture
def founder(in_alpha):
    wanted = NewAdministrator(
        name="马丽", password_hash=make_password("kezhou-2026"), mobile="13800138000", email="Ma@Example.com"
    )
    return add_administrator(wanted, department_pk=None)


def test_the_company_begins_with_its_root_department(in_alpha):
    assert [node.name for _depth, node in fresh_tree().in_order()] == [in_alpha.name]


def test_the_first_administrator_is_in_office_and_signs_in_by_both_addresses(founder):
    (row,) = members.members()

    assert (row.name, row.state, [name for _pk, name in row.roles]) == ("马丽", "active", ["管理员"])
    assert roles.administrators() == (row.pk,)
    for login in ("ma@example.com", "138 0013 8000"):
        client = Client(HTTP_HOST="alpha.localhost")
        assert client.post("/account/sign-in", {"login": login, "password": "kezhou-2026"}).status_code == 302


def test_a_handover_signs_in_once_and_goes_on(founder):
    token = handover.issue(founder, next="/settings/plugins")
    client, late = Client(HTTP_HOST="alpha.localhost"), Client(HTTP_HOST="alpha.localhost")

    first, second = client.get(f"/handover/{token}"), late.get(f"/handover/{token}")

    assert (first["Location"], second["Location"]) == ("/settings/plugins", "/account/sign-in")
    assert client.get("/session").status_code == 204
    assert late.get("/session").status_code == 401


def test_a_handover_of_another_company_opens_nothing(alpha, beta):
    with tenant(alpha):
        wanted = NewAdministrator(name="马丽", password_hash=make_password("x"), mobile="13800138000")
        token = handover.issue(add_administrator(wanted, department_pk=None))

    answer = Client(HTTP_HOST="beta.localhost").get(f"/handover/{token}")

    assert answer["Location"] == "/account/sign-in"


def test_which_addresses_are_known(founder):
    assert [knows(address) for address in ("MA@example.com", "+8613800138000", "13900139000")] == [True, True, False]
    account = find_account("ma@example.com")
    assert account is not None
    assert account.pk == founder


@pytest.mark.parametrize(
    ("wanted", "field", "sentence"),
    [
        (NewAccount(password="kezhou-2026"), "username", "至少给一个登录名"),
        (NewAccount(username="13800138001", password="kezhou-2026"), "username", "不能是手机号"),
        (NewAccount(username="a@b", password="kezhou-2026"), "username", "不含空格和 @"),
        (NewAccount(email="nobody", password="kezhou-2026"), "email", "不是邮箱地址"),
        (NewAccount(mobile="abc", password="kezhou-2026"), "mobile", "不是手机号"),
        (NewAccount(email="MA@example.com", password="kezhou-2026"), "email", "已是另一个账号的登录名"),
        (NewAccount(username="new", password="12345678"), "password", "太简单"),
    ],
)
def test_what_an_account_cannot_be(founder, member_factory, wanted, field, sentence):
    person = member_factory("sales")

    with pytest.raises(AccountProblem, match=sentence) as caught:
        create_account(person.pk, wanted)

    assert caught.value.field == field

"""Signing in by three names, refusals that tell nothing, the lock after five wrong tries (UIX-01)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kezhou.access.models import SignInTries
from kezhou.testing.access import PASSWORD
from tenants.context import tenant

WRONG = "账号或密码不对。还可以试 4 次，之后锁定 15 分钟。"


@pytest.fixture
def client(alpha):
    return Client(HTTP_HOST="alpha.localhost")


@pytest.fixture
def zhou(alpha, member_factory):
    with tenant(alpha):
        return member_factory(
            "sales", name="周敏", username="zhoumin", email="zhou@example.com", mobile="138 0013 8000"
        )


def try_in(client, login, password=PASSWORD, **more):
    return client.post("/account/sign-in", {"login": login, "password": password, **more})


@pytest.mark.req("UIX-01")
def test_the_page_shows_company_system_name_time_and_both_buttons(client, alpha):
    html = client.get("/account/sign-in").content.decode()

    assert f"<h1>{alpha.name}</h1>" in html
    assert 'name="login"' in html
    assert 'type="password"' in html
    assert re.search(r">登录</button>", html)
    assert re.search(r">取消</a>", html)
    assert "由客舟提供" in html
    now = timezone.localtime()
    assert f"{now.year}年{now.month}月{now.day}日 {now:%H}:" in html


@pytest.mark.req("UIX-01")
@pytest.mark.parametrize("login", ["nobody", "zhoumin", "zhou@example.com", "13800138000", "stranger@example.com"])
def test_wrong_input_never_tells_which_part_was_wrong(client, zhou, login):
    response = try_in(client, login, "not-the-password-1")

    assert response.status_code == 422
    html = response.content.decode()
    assert WRONG in html
    assert f'value="{login}"' in html
    assert "not-the-password-1" not in html


@pytest.mark.parametrize(
    "login", ["zhoumin", "ZhouMin", " zhou@example.com ", "13800138000", "+86 138-0013-8000", "１３８００１３８０００"]
)
def test_user_name_mobile_and_mail_open_the_account(client, zhou, login):
    response = try_in(client, login, next="/search?q=成都")

    assert response.status_code == 302
    assert response["Location"].startswith("/search?q=")
    assert client.get("/session").status_code == 204


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_after_the_sign_in_one_stays_on_this_host(client, zhou, target):
    assert try_in(client, "zhoumin", next=target)["Location"] == "/"


def test_five_wrong_tries_lock_the_name_for_a_quarter_of_an_hour(client, zhou):
    for _attempt in range(4):
        assert try_in(client, "zhoumin", "wrong").status_code == 422

    fifth = try_in(client, "zhoumin", "wrong")
    right = try_in(client, "zhoumin")

    assert fifth.status_code == right.status_code == 429
    assert "请 15 分钟后再试" in right.content.decode()
    assert client.get("/session").status_code == 401


def test_a_name_that_does_not_exist_locks_alike(client, zhou):
    for _attempt in range(5):
        last = try_in(client, "nobody", "wrong")

    assert last.status_code == 429
    assert "请 15 分钟后再试" in last.content.decode()
    assert try_in(client, "zhoumin").status_code == 302


def test_the_lock_opens_after_its_time_and_counts_anew(client, zhou, alpha):
    for _attempt in range(5):
        try_in(client, "zhoumin", "wrong")
    with tenant(alpha):
        SignInTries.objects.update(locked_until=timezone.now() - timedelta(seconds=1))

    wrong = try_in(client, "zhoumin", "wrong")

    assert WRONG in wrong.content.decode()
    assert try_in(client, "zhoumin").status_code == 302


def test_a_right_password_forgets_the_wrong_tries(client, zhou):
    for _attempt in range(4):
        try_in(client, "zhoumin", "wrong")
    assert try_in(client, "zhoumin").status_code == 302
    client.post("/account/sign-out")

    assert WRONG in try_in(client, "zhoumin", "wrong").content.decode()


def test_the_cookie_is_of_this_host_alone_and_lasts_as_wished(client, zhou):
    cookie = try_in(client, "zhoumin").cookies["sessionid"]
    kept = try_in(client, "zhoumin", remember="1").cookies["sessionid"]

    assert (cookie["domain"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == ("", True, "Lax", "")
    assert kept["max-age"] == 7 * 24 * 3600


def test_signing_in_gives_a_new_session(client, zhou):
    try_in(client, "zhoumin")
    first = client.cookies["sessionid"].value
    client.post("/account/sign-out")
    try_in(client, "zhoumin")

    assert client.cookies["sessionid"].value != first


def test_signing_out_ends_the_session(client, zhou):
    try_in(client, "zhoumin")

    response = client.post("/account/sign-out")

    assert response["Location"] == "/account/sign-in"
    assert client.get("/session").status_code == 401


def test_a_cookie_of_another_company_is_no_session(client, zhou, beta):
    try_in(client, "zhoumin")

    thief = Client(HTTP_HOST="beta.localhost")
    thief.cookies["sessionid"] = client.cookies["sessionid"].value

    assert thief.get("/session").status_code == 401
    assert thief.get("/").status_code == 302
    assert client.get("/session").status_code == 204


def test_the_same_name_in_another_company_is_another_account(client, zhou, beta):
    response = client.post("/account/sign-in", {"login": "zhoumin", "password": PASSWORD}, HTTP_HOST="beta.localhost")

    assert response.status_code == 422
    assert WRONG in response.content.decode()


def test_sign_in_takes_no_more_than_a_handful_of_statements(client, zhou, sign_in, django_assert_num_queries):
    sign_in(client, zhou)
    client.get("/session")

    with django_assert_num_queries(1):
        assert client.get("/session").status_code == 204

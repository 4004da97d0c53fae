"""Forgotten, reset and changed passwords; signing out everywhere (ORG-09)."""

import re

import pytest
from django.test import Client

from kezhou.access.passwords import password_problem
from kezhou.testing.access import PASSWORD
from tenants.context import tenant

NEW = "kezhou-2026"


@pytest.fixture
def zhou(alpha, member_factory):
    with tenant(alpha):
        return member_factory("sales", name="周敏", username="zhoumin", email="zhou@example.com", mobile="13800138000")


@pytest.fixture
def client(alpha):
    return Client(HTTP_HOST="alpha.localhost")


def enters(password, login="zhoumin"):
    answer = Client(HTTP_HOST="alpha.localhost").post("/account/sign-in", {"login": login, "password": password})
    return answer.status_code == 302


@pytest.mark.parametrize("login", ["zhoumin", "zhou@example.com", "138 0013 8000"])
def test_a_forgotten_password_is_set_anew_by_a_letter(client, zhou, letters_of, login):
    (letter,) = letters_of(lambda: client.post("/account/forgot", {"login": login}))
    link = re.search(r"http://alpha\.localhost(?::\d+)?(/account/reset/\S+)", letter.body)[1]

    page = client.get(link)
    done = client.post(link, {"password": NEW, "password_again": NEW})

    assert letter.to == ["zhou@example.com"]
    assert page.status_code == 200
    assert done["Location"] == "/account/sign-in"
    assert enters(NEW)
    assert not enters(PASSWORD)
    assert client.get(link).status_code == 410


def test_the_answer_is_the_same_for_a_name_that_does_not_exist(client, zhou, letters_of):
    answers = {}

    def ask(login):
        answers[login] = client.post("/account/forgot", {"login": login}).content

    assert letters_of(lambda: ask("nobody@example.com")) == []
    assert len(letters_of(lambda: ask("zhou@example.com"))) == 1

    strip = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"|<time.*?</time>')
    assert strip.sub(b"", answers["nobody@example.com"]) == strip.sub(b"", answers["zhou@example.com"])


def test_a_reset_ends_every_login_and_opens_the_lock(client, zhou, sign_in, letters_of):
    elsewhere = sign_in(Client(), zhou)
    for _attempt in range(5):
        client.post("/account/sign-in", {"login": "zhoumin", "password": "wrong"})
    (letter,) = letters_of(lambda: client.post("/account/forgot", {"login": "zhoumin"}))
    link = re.search(r"(/account/reset/\S+)", letter.body)[1]

    client.post(link, {"password": NEW, "password_again": NEW})

    assert elsewhere.get("/session").status_code == 401
    assert enters(NEW)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"password": "kurz1", "password_again": "kurz1"}, "至少 8 位"),
        ({"password": NEW, "password_again": NEW + "x"}, "两次输入的新密码不一样"),
    ],
)
def test_a_bad_new_password_leaves_the_link_good(client, zhou, letters_of, given, sentence):
    (letter,) = letters_of(lambda: client.post("/account/forgot", {"login": "zhoumin"}))
    link = re.search(r"(/account/reset/\S+)", letter.body)[1]

    refused = client.post(link, given)

    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert client.get(link).status_code == 200
    assert enters(PASSWORD)


def test_the_link_is_good_for_as_long_as_the_letter_says(client, zhou, letters_of, settings):
    (letter,) = letters_of(lambda: client.post("/account/forgot", {"login": "zhoumin"}))
    link = re.search(r"(/account/reset/\S+)", letter.body)[1]
    assert "2 小时内有效" in letter.body
    assert settings.PASSWORD_RESET_TIMEOUT == 2 * 3600

    settings.PASSWORD_RESET_TIMEOUT = -1

    assert client.get(link).status_code == 410


@pytest.mark.parametrize("path", ["/account/reset/1/abc-def", "/account/reset/999999/abc-def"])
def test_a_made_up_link_opens_nothing(client, zhou, path):
    assert client.get(path).status_code == 410


def test_changing_the_password_ends_other_logins_and_keeps_this_one(zhou, sign_in):
    here, elsewhere = sign_in(Client(), zhou), sign_in(Client(), zhou)

    done = here.post("/account/password", {"old": PASSWORD, "password": NEW, "password_again": NEW})

    assert done.status_code == 302
    assert here.get("/session").status_code == 204
    assert elsewhere.get("/session").status_code == 401
    assert enters(NEW)


def test_a_wrong_old_password_changes_nothing_and_locks_after_five(zhou, sign_in):
    here = sign_in(Client(), zhou)

    def change(old):
        return here.post("/account/password", {"old": old, "password": NEW, "password_again": NEW})

    answers = [change("wrong") for _attempt in range(5)]

    assert {answer.status_code for answer in answers} == {422}
    assert "原密码不对" in answers[0].content.decode()
    assert "请 15 分钟后再试" in change(PASSWORD).content.decode()
    assert enters(PASSWORD)


def test_signing_out_everywhere_ends_this_login_too(zhou, sign_in):
    here, elsewhere = sign_in(Client(), zhou), sign_in(Client(), zhou)

    answer = here.post("/account/sessions")

    assert answer["Location"] == "/account/sign-in"
    assert here.get("/session").status_code == elsewhere.get("/session").status_code == 401
    assert enters(PASSWORD)


def test_an_administrator_passes_a_reset_link_on_by_hand(admin_client, client, zhou):
    page = admin_client.post(f"/settings/members/{zhou.pk}/password", {"do": "link"}).content.decode()
    link = re.search(r"(/account/reset/[^\"]+)", page)[1]

    assert client.post(link, {"password": NEW, "password_again": NEW}).status_code == 302
    assert enters(NEW)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "至少 8 位，现在是 0 位"),
        ("abcdefgh", "两种"),
        ("12345678", "两种"),
        ("password1", "很常见"),
        ("zhoumin1!", "几乎只有名字"),
        ("x" * 129 + "1", "最多 128 位"),
        ("kezhou-2026", None),
        ("客舟密码很长很长1", None),
    ],
)
def test_what_a_password_must_be(password, sentence):
    problem = password_problem(password, words=["zhoumin"])

    assert problem is None if sentence is None else sentence in problem

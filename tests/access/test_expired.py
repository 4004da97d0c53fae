"""A sign-in that expired during a save: the password is asked, then the save goes on (BAS-03)."""

import pytest
from django.test import Client

from kezhou.access.sign_in import sign_out_everywhere
from kezhou.testing.access import PASSWORD
from tenants.context import tenant


@pytest.fixture
def zhou(alpha, member_factory):
    with tenant(alpha):
        return member_factory("sales", username="zhoumin")


@pytest.fixture
def client(zhou, sign_in):
    return sign_in(Client(), zhou)


def expire(zhou, alpha):
    with tenant(alpha):
        sign_out_everywhere(zhou.account_pk)


def test_a_page_leads_to_the_sign_in_and_back(client, zhou, alpha):
    expire(zhou, alpha)

    response = client.get("/account/password")

    assert response["Location"] == "/account/sign-in?next=/account/password"


def test_a_save_is_answered_by_a_page_that_keeps_what_was_typed(client, zhou, alpha):
    expire(zhou, alpha)

    response = client.post("/preferences", {"theme": "dark", "next": "/search"})

    assert response.status_code == 401
    assert response["X-Kezhou-Session"] == "expired"
    html = response.content.decode()
    assert 'name="theme" value="dark"' in html
    assert 'name="resume_to" value="/preferences"' in html


def test_the_right_password_sends_the_save_again(client, zhou, alpha):
    expire(zhou, alpha)
    kept = {"theme": "dark", "next": "/search", "resume_to": "/preferences", "resume_login": "zhoumin"}

    wrong = client.post("/account/resume", {**kept, "resume_password": "wrong"})
    right = client.post("/account/resume", {**kept, "resume_password": PASSWORD})

    assert wrong.status_code == 401
    assert 'name="theme" value="dark"' in wrong.content.decode()
    assert 'name="resume_to" value="/preferences"' in wrong.content.decode()
    assert (right.status_code, right["Location"]) == (302, "/search")
    assert 'data-theme="dark"' in client.get("/account/password").content.decode()


def test_the_dialog_signs_in_over_the_untouched_page(client, zhou, alpha):
    expire(zhou, alpha)

    assert client.get("/session")["X-Kezhou-Session"] == "expired"
    wrong = client.post("/account/again", {"login": "zhoumin", "password": "wrong"})
    right = client.post("/account/again", {"login": "zhoumin", "password": PASSWORD})

    assert wrong.status_code == 422
    assert "账号或密码不对" in wrong.content.decode()
    assert right.status_code == 204
    assert client.get("/session").status_code == 204


def test_resuming_cannot_be_sent_elsewhere(client, zhou, alpha):
    expire(zhou, alpha)

    response = client.post(
        "/account/resume",
        {"resume_to": "https://evil.example/preferences", "resume_login": "zhoumin", "resume_password": PASSWORD},
    )

    assert "evil" not in response.headers.get("Location", "")

"""The public site's plain pages."""

from __future__ import annotations

import pytest
from django.test import Client

from tenants.context import Current


@pytest.mark.parametrize("address", ["/", "/terms", "/privacy", "/signin", "/signup", "/find"])
def test_every_page_of_the_site_is_shown(site: Client, address: str) -> None:
    answer = site.get(address)

    assert answer.status_code == 200
    assert "客舟" in answer.content.decode()


def test_front_page_lists_the_installed_modules(site: Client) -> None:
    text = site.get("/").content.decode()

    assert "客户档案与联系人：所有业务共用的一份客户资料。" in text


def test_sign_in_leads_to_the_company(site: Client, alpha: Current) -> None:
    answer = site.post("/signin", {"slug": "http://Alpha.localhost:8000/r/"})

    assert answer.status_code == 302
    assert answer["Location"] == "http://alpha.localhost:8000/account/sign-in"


def test_sign_in_at_an_unknown_address_keeps_what_was_typed(site: Client) -> None:
    answer = site.post("/signin", {"slug": "nobody"})

    assert answer.status_code == 422
    assert 'value="nobody"' in answer.content.decode()
    assert "没有这个网址的公司" in answer.content.decode()


def test_an_unknown_page_says_so_on_the_sites_own_ground(site: Client) -> None:
    answer = site.get("/nothing-here")

    assert answer.status_code == 404
    assert "这里没有内容" in answer.content.decode()


def test_a_visitor_chooses_english_and_stays_on_the_page(site: Client) -> None:
    answer = site.post("/language", {"to": "en", "next": "/find"})

    assert answer["Location"] == "/find"
    text = site.get("/signup").content.decode()
    assert "Open a company" in text
    assert "开通公司" not in text


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_a_choice_of_language_never_leads_elsewhere(site: Client, back: str) -> None:
    assert site.post("/language", {"to": "en", "next": back})["Location"] == "/"

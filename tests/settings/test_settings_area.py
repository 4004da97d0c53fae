"""The settings area (CFG-01): eight groups, one home with a search over everything, administrators only."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from kezhou.pages import routes
from kezhou.web.settings import menu

pytestmark = pytest.mark.usefixtures("customers_on")


@pytest.mark.req("CFG-01")
def test_the_groups_are_those_of_the_requirement_and_each_holds_what_works(admin: Client) -> None:
    page = admin.get("/settings/").content.decode()

    shown = re.findall(r'<section class="kz-set-group" id="\w+"><h2>(.*?)</h2>', page)
    assert [str(title) for title in menu.GROUPS.values()] == [
        "机构设置",
        "成员管理",
        "流程设置",
        "模版设置",
        "分类设置",
        "参数设置",
        "字典设置",
        "服务设置",
    ]
    assert shown == [str(group.title) for group in menu.groups()]
    for group in menu.groups():
        for entry in group.entries:
            assert admin.get(entry.url, follow=True).status_code == 200, entry.url


@pytest.mark.req("CFG-01")
def test_only_administrators_reach_settings(seller: Client, client: Client, admin: Client) -> None:
    refused = {}
    for route in routes():
        if route.path.startswith("settings/") and "<" not in route.path and route.path != "settings/tokens":
            method = "get" if "GET" in route.methods else "post"
            refused[route.path] = getattr(seller, method)(f"/{route.path}").status_code
    assert refused
    assert set(refused.values()) == {403}
    assert "/settings/" not in seller.get("/").content.decode()


@pytest.mark.parametrize(
    ("text", "title", "url"),
    [
        ("邀请", "机构与成员", "/settings/members"),
        ("cs", "参数", "/settings/parameters"),
        ("zdtc", "自动退出登录", "/settings/parameters#access-idle_minutes"),
        ("葡萄酒", "行业", "/settings/dictionaries/customers.industry"),
        ("khly", "客户来源", "/settings/dictionaries/customers.source"),
        ("统一社会", "统一社会信用代码", "/settings/fields/customers.customer?q=统一社会信用代码"),
        ("客户 行业细分", "行业细分", "/settings/fields/customers.customer?q=行业细分"),
    ],
)
def test_a_setting_is_found_by_its_name_other_words_and_pinyin(admin: Client, text: str, title: str, url: str) -> None:
    page = admin.get("/settings/", {"q": text}).content.decode()

    hits = re.findall(r'<a class="kz-set-hit" href="([^"]*)".*?<b class="kz-ell">(.*?)</b>', page, re.DOTALL)
    assert (url, title) in hits


def test_nothing_found_says_so_and_leads_back(admin: Client) -> None:
    page = admin.get("/settings/", {"q": "<script>没有这种</script>"}).content.decode()

    assert "没有这样的设置" in page
    assert "<script>没有" not in page

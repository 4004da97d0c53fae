"""The menu: what a module adds is there while it is on, in its group, for those who may use it, as the administrator arranged it (UIX-02)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from kezhou import switching
from kezhou.access.actor import System
from kezhou.testing.access import MemberFactory, SignIn

pytestmark = pytest.mark.usefixtures("in_alpha")
SETTINGS = "/settings/menu"


@pytest.fixture
def person(plugins_on: Callable[..., None], member_factory: MemberFactory, sign_in: SignIn) -> Callable[[str], Client]:
    """``person("reader")`` is the client of a new member with this role, in a company with three modules."""
    plugins_on("customers", "sales", "meetings")
    return lambda role: sign_in(Client(), member_factory(role))


def rail(client: Client) -> list[str]:
    html = client.get("/").content.decode()
    return re.findall(r"<span>([^<]+)</span>", html.split('class="kz-rail"')[1].split("</nav>")[0])


def groups(client: Client) -> dict[str, list[str]]:
    """The main menu: entries by group."""
    html = client.get("/menu", headers={"HX-Request": "true"}).content.decode()
    parts = re.findall(r"<h2>([^<]+)</h2>(.*?)</section>", html, re.DOTALL)
    return {title: re.findall(r"</svg>(?:<span[^>]*>)?([^<]+)<", inside) for title, inside in parts}


@pytest.mark.req("UIX-02")
def test_the_menu_has_what_is_on_and_may_be_used(person: Callable[[str], Client]) -> None:
    people = {role: person(role) for role in ("admin", "reader", "")}
    before = {role: rail(client) for role, client in people.items()}
    menus = {role: groups(client) for role, client in people.items()}
    switching.switch_off(System("test"), "meetings")

    assert before == {
        "admin": ["首页", "客户", "销售", "会务", "全部", "设置"],
        "reader": ["首页", "客户", "销售", "会务", "全部"],
        "": ["首页", "全部"],
    }
    assert list(menus["admin"]) == ["文件管理", "系统设置", "客户档案", "客户管理", "事务管理", "会务", "帮助系统"]
    assert menus["admin"]["文件管理"][:2] == ["新建客户", "新建会议订单"]
    assert menus["admin"]["系统设置"][:2] == ["机构设置", "成员管理"]
    assert menus["reader"] == {
        "文件管理": ["我的草稿", "修改密码", "退出系统"],
        "系统设置": ["偏好设置", "快捷方式", "通知偏好", "我的权限"],
        "客户档案": ["客户", "联系人"],
        "客户管理": ["销售机会"],
        "事务管理": ["待办", "搜索"],
        "会务": ["会议订单", "会议室日历", "会议场地", "会议室", "会议服务"],
        "帮助系统": ["帮助与快捷键", "手册"],
    }
    assert list(menus[""]) == ["文件管理", "系统设置", "事务管理", "帮助系统"]
    assert rail(people["admin"]) == ["首页", "客户", "销售", "全部", "设置"]
    assert "会务" not in groups(people["reader"])


@pytest.mark.req("UIX-02")
def test_the_administrator_arranges_it_for_everybody(person: Callable[[str], Client]) -> None:
    boss, reader = person("admin"), person("reader")
    order = {"module": ["sales", "customers", "meetings"], "entry": ["customers.contact", "customers.customer"]}
    shown = {f"shown:module:{key}": "on" for key in order["module"]}
    shown |= {f"shown:entry:{key}": "on" for key in ("customers.customer", "customers.contact", "meetings.order")}
    form = {
        **order,
        **shown,
        "title:module:customers": "客户中心",
        "within:module:customers": "affairs",
        "within:module:sales": "own",
        "within:entry:meetings.order": "customers",
    }

    boss.post(SETTINGS, {**form, "do": "up:module:customers"})

    # 销售 and what else of 会务 was not ticked are off the menu; the order moved one further up
    assert rail(reader) == ["首页", "客户中心", "全部"]
    assert groups(reader)["事务管理"] == ["联系人", "客户", "会议订单", "待办", "搜索"]
    assert reader.get("/r/meetings.room/").status_code == 200

    hidden = {key: value for key, value in form.items() if key != "shown:module:customers"}
    boss.post(SETTINGS, {**hidden, "shown:entry:sales.opportunity": "on", "do": "save"})
    assert (rail(reader), "客户中心" in rail(boss)) == (["首页", "销售", "全部"], False)
    assert reader.get("/r/customers.customer/").status_code == 200

    refused = boss.post(SETTINGS, {**form, "title:module:sales": "很" * 21})
    assert refused.status_code == 422
    assert "有 21 个字，最多 20 个" in refused.content.decode()
    assert "很" * 21 in refused.content.decode()
    assert reader.post(SETTINGS, form).status_code == 403

    boss.post(SETTINGS, {"do": "reset"})
    assert rail(reader) == ["首页", "客户", "销售", "会务", "全部"]

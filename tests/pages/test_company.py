"""The settings home and the company page."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from kezhou.access.models import Account
from kezhou.testing.access import Person, SignIn
from tenants import company, directory
from tenants.context import Current, tenant
from tenants.provisioning import NewAdministrator, NewTenant, provision


@pytest.mark.parametrize(
    ("words", "title"), [("邀请", "机构与成员"), ("插件", "业务模块"), ("自定义字段", "字段"), ("LOGO", "公司形象")]
)
def test_settings_are_found_by_other_words(admin: Client, words: str, title: str) -> None:
    text = admin.get("/settings/", {"q": words}).content.decode()

    assert f'<b class="kz-ell">{title}</b>' in text


def test_a_search_without_result_leads_back(admin: Client) -> None:
    assert "没有这样的设置" in admin.get("/settings/", {"q": "不存在的"}).content.decode()


def test_name_seal_and_zone_are_changed(admin: Client, alpha: Current) -> None:
    answer = admin.post(
        "/settings/company", {"name": "甲方国际旅行社", "seal": "甲", "timezone": "Asia/Tokyo"}, follow=True
    )

    with tenant(alpha):
        now = company.company()
    assert (now.name, now.seal, now.timezone) == ("甲方国际旅行社", "甲", "Asia/Tokyo")
    assert "甲方国际旅行社" in answer.content.decode()


def test_a_refused_name_is_kept_in_the_form(admin: Client, alpha: Current) -> None:
    answer = admin.post("/settings/company", {"name": "甲", "seal": "印", "timezone": "Asia/Tokyo"})

    assert answer.status_code == 422
    assert "公司名称要有 2 到 120 个字。" in answer.content.decode()
    assert 'value="甲"' in answer.content.decode()
    with tenant(alpha):
        assert company.company().name == "甲方旅行社有限公司"


def test_only_the_demo_company_can_be_deleted_here(admin: Client) -> None:
    assert "示例数据" not in admin.get("/settings/company").content.decode()
    assert admin.post("/settings/company/demo").status_code == 404


@pytest.mark.committed
def test_the_demo_company_is_deleted_after_one_question(database: None, sign_in: SignIn) -> None:
    boss = NewAdministrator(name="周敏", password_hash=make_password("correct-horse-7"), username="zhoumin")
    place = provision(NewTenant(slug="demo", name="锦城商旅", is_demo=True, administrator=boss))
    with tenant(place):
        account = Account.objects.get()
    person = Person(account.member_id, account.pk, "周敏", "zhoumin", "demo")
    browser = sign_in(Client(SERVER_NAME="demo.localhost"), person)
    assert "删除演示公司和全部示例数据" in browser.get("/settings/company").content.decode()

    asked = browser.get("/settings/company/demo")
    answer = browser.post("/settings/company/demo")

    assert "不能撤回" in asked.content.decode()
    assert answer["Location"] == "http://localhost:8000/"
    assert directory.find_by_slug("demo") is None

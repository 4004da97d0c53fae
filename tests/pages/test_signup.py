"""Sign-up from the first page to the company's own address (TEN-01, TEN-02)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kezhou.access.models import Account, AdmissionRequest
from tenants import directory, provisioning, signups
from tenants.context import Current, control_plane, tenant
from tenants.models import PendingSignup, Tenant
from tests.pages.conftest import Code, finish_jobs

ADDRESS = "zhoumin@example.com"
COMPANY = {
    "do": "open",
    "company": "锦城商旅服务有限公司",
    "slug": "jincheng",
    "name": "周敏",
    "size": "21-50",
    "industry": "business_travel",
    "region": "四川",
    "other": "138 0819 2276",
    "password": "Cheng-du-2027",
    "business": ["air", "hotel"],
    "consent": "1",
}


def verified(site: Client, codes: Code, address: str = ADDRESS) -> Client:
    site.post("/signup", {"do": "send", "address": address})
    answer = site.post("/signup", {"do": "verify", "address": address, "code": codes(address)})
    assert answer["Location"] == "/signup/company"
    return site


@pytest.mark.req("TEN-01")
@pytest.mark.req("TEN-02")
def test_a_company_signs_up_and_its_administrator_is_in(site: Client, codes: Code) -> None:
    verified(site, codes)

    answer = site.post("/signup/company", COMPANY)

    assert answer.status_code == 302
    assert answer["Location"].startswith("http://jincheng.localhost:8000/handover/")
    place = directory.find_by_slug("jincheng")
    assert place is not None
    with control_plane():
        row = Tenant.objects.get(slug="jincheng")
    assert (row.name, row.size, row.industry, row.region) == (
        "锦城商旅服务有限公司",
        "21-50",
        "business_travel",
        "四川",
    )
    with tenant(place):
        account = Account.objects.get()
        assert (account.email, account.mobile) == (ADDRESS, "+8613808192276")
        assert account.check_password("Cheng-du-2027")
    company = Client(SERVER_NAME="jincheng.localhost")
    first = company.get(answer["Location"].removeprefix("http://jincheng.localhost:8000"), follow=True)
    assert first.status_code == 200
    assert "周敏" in first.content.decode()


def test_the_sign_up_is_over_once_the_company_is_there(site: Client, codes: Code) -> None:
    verified(site, codes).post("/signup/company", COMPANY)

    with control_plane():
        assert PendingSignup.objects.count() == 0
    assert site.get("/signup/company")["Location"] == "/signup"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "请填邮箱。"),
        ("zhou@", "“zhou@”不像邮箱，请检查有没有写错。"),
        ("hello", "“hello”不像手机号或邮箱，请检查有没有写错。"),
        ("13808192276", "这里还没有配置短信通道，请改用邮箱。"),
    ],
)
def test_an_address_that_cannot_be_reached_is_refused_and_kept(site: Client, address: str, sentence: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(signups._senders, "sms", raising=False)
        answer = site.post("/signup", {"do": "send", "address": address})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert f'value="{address}"' in answer.content.decode()


def test_sms_is_a_choice_where_it_is_configured(site: Client, codes: Code) -> None:
    assert "手机号或邮箱" in site.get("/signup").content.decode()

    site.post("/signup", {"do": "send", "address": "138 0819 2276"})
    site.post("/signup", {"do": "verify", "address": "138 0819 2276", "code": codes("13808192276")})

    assert "138 0819 2276 已验证" in site.get("/signup/company").content.decode()


def test_a_wrong_code_tells_how_many_tries_are_left(site: Client, codes: Code) -> None:
    site.post("/signup", {"do": "send", "address": ADDRESS})
    wrong = "000000" if codes(ADDRESS) != "000000" else "111111"

    answer = site.post("/signup", {"do": "verify", "address": ADDRESS, "code": wrong})

    assert answer.status_code == 422
    assert "验证码不对，还可以试 4 次。" in answer.content.decode()
    assert f'value="{ADDRESS}"' in answer.content.decode()


def test_an_expired_code_is_refused(site: Client, codes: Code) -> None:
    site.post("/signup", {"do": "send", "address": ADDRESS})
    with control_plane():
        PendingSignup.objects.update(code_sent_at=timezone.now() - timedelta(minutes=11))

    answer = site.post("/signup", {"do": "verify", "address": ADDRESS, "code": codes(ADDRESS)})

    assert answer.status_code == 422
    assert "验证码已过期，请重新获取。" in answer.content.decode()


def test_a_second_code_within_a_minute_has_to_wait(site: Client, codes: Code) -> None:
    site.post("/signup", {"do": "send", "address": ADDRESS})

    answer = site.post("/signup", {"do": "send", "address": ADDRESS})

    assert answer.status_code == 429
    assert "秒后再试" in answer.content.decode()
    assert 'name="code"' in answer.content.decode()


def test_the_second_step_asks_for_the_first(site: Client, database: None) -> None:
    assert site.get("/signup/company")["Location"] == "/signup"
    assert site.post("/signup/company", COMPANY)["Location"] == "/signup"
    assert site.post("/signup/check/slug", {"slug": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"company": "锦"}, "请填公司全称，至少 2 个字。"),
        ({"slug": ""}, "请给公司起一个网址。"),
        ({"slug": "Jin_cheng"}, "网址短名只能用小写字母"),
        ({"slug": "admin"}, "是保留的名字"),
        ({"slug": "alpha"}, "“alpha”已被使用"),
        ({"name": ""}, "请填你的姓名。"),
        ({"password": "abc"}, "密码至少 8 位，现在是 3 位。"),
        ({"password": "password1"}, "这个密码很常见"),
        ({"other": "不是号码"}, "不像手机号或邮箱"),
        ({"other": "second@example.com"}, "这里填手机号。"),
        ({"consent": ""}, "请先阅读并同意服务条款与隐私说明。"),
        ({"company": "甲方旅行社"}, "这家公司已经开通。"),
    ],
)
@pytest.mark.req("TEN-01", part="refusals")
def test_the_second_step_refuses_with_a_reason_and_loses_nothing(
    site: Client, codes: Code, change: dict[str, str], sentence: str
) -> None:
    verified(site, codes)
    typed = COMPANY | change

    answer = site.post("/signup/company", typed)

    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text
    for name in ("company", "slug", "name", "other", "password"):
        assert f'value="{typed[name]}"' in text
    assert '<option value="21-50" selected>' in text
    assert '<option value="四川" selected>' in text
    assert text.count('name="business" value="air" checked') == 1
    with control_plane():
        assert Tenant.objects.filter(slug="jincheng").count() == 0


def test_leaving_and_coming_back_finds_everything_but_the_password(site: Client, codes: Code) -> None:
    verified(site, codes).post("/signup/company", COMPANY | {"slug": "alpha"})

    text = site.get("/signup/company").content.decode()

    assert 'value="锦城商旅服务有限公司"' in text
    assert 'value="周敏"' in text
    assert "Cheng-du-2027" not in text
    with control_plane():
        assert "Cheng-du-2027" not in str(PendingSignup.objects.get().answers)


def test_a_taken_name_comes_with_free_ones_that_can_be_pressed(site: Client, codes: Code) -> None:
    verified(site, codes)
    refused = site.post("/signup/company", COMPANY | {"slug": "alpha"}).content.decode()
    assert 'name="slug_idea" value="alpha-cn"' in refused

    answer = site.post("/signup/company", COMPANY | {"slug": "alpha", "slug_idea": "alpha-cn"})

    assert answer.status_code == 200
    assert 'value="alpha-cn"' in answer.content.decode()
    assert 'value="Cheng-du-2027"' in answer.content.decode()


def test_fields_are_checked_while_typing(site: Client, codes: Code) -> None:
    verified(site, codes)

    taken = site.post("/signup/check/slug", {"slug": "alpha"}).content.decode()
    free = site.post("/signup/check/slug", {"slug": "jincheng"}).content.decode()
    twin = site.post("/signup/check/company", {"company": "甲方旅行社 有限公司"}).content.decode()
    weak = site.post("/signup/check/password", {"password": "12345678"}).content.decode()
    strong = site.post("/signup/check/password", {"password": "Cheng-du-2027"}).content.decode()

    assert "“alpha”已被使用" in taken
    assert "jincheng.localhost:8000 可以用" in free
    assert "请它的管理员让我加入" in twin
    assert 'data-strength="1"' in weak
    assert 'data-strength="4"' in strong


@pytest.mark.req("TEN-01", part="repeated sign-up")
def test_a_company_that_exists_can_be_asked_for_admission(site: Client, codes: Code, alpha: Current) -> None:
    verified(site, codes)

    answer = site.post("/signup/company", COMPANY | {"company": "甲方旅行社", "do": "admission"})

    assert "已告诉它的管理员" in answer.content.decode()
    with tenant(alpha):
        entry = AdmissionRequest.objects.get()
        assert (entry.name, entry.address, entry.handled_at) == ("周敏", ADDRESS, None)


def test_a_company_of_the_same_name_opens_when_it_is_said_to_be_another(site: Client, codes: Code) -> None:
    verified(site, codes)

    answer = site.post("/signup/company", COMPANY | {"company": "甲方旅行社", "another": "1"})

    assert answer["Location"].startswith("http://jincheng.localhost:8000/handover/")


@pytest.mark.req("TEN-02", part="failure and retry")
def test_a_failed_provisioning_leaves_nothing_and_can_be_retried(
    site: Client, codes: Code, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(request: object) -> None:
        raise RuntimeError("the disk is full")

    verified(site, codes)
    monkeypatch.setitem(provisioning._steps, "zz-broken", (999, broken))

    failed = site.post("/signup/company", COMPANY)

    text = failed.content.decode()
    assert failed.status_code == 503
    assert "公司还没有建好" in text
    with control_plane():
        assert Tenant.objects.filter(slug="jincheng").count() == 0
    for name in ("company", "slug", "name", "password"):
        assert f'name="{name}" value="{COMPANY[name]}"' in text

    monkeypatch.delitem(provisioning._steps, "zz-broken")
    answer = site.post("/signup/company", COMPANY)

    assert answer["Location"].startswith("http://jincheng.localhost:8000/handover/")


def test_chosen_businesses_switch_their_modules_on(site: Client, codes: Code) -> None:
    verified(site, codes).post("/signup/company", COMPANY)
    place = directory.find_by_slug("jincheng")
    assert place is not None

    jobs = finish_jobs(place)

    assert [(job.kind, job.state, job.result) for job in jobs] == [
        ("plugins.switch", "done", {"names": ["customers", "sales"]})
    ]


def test_without_a_business_nothing_is_switched_on(site: Client, codes: Code) -> None:
    verified(site, codes).post("/signup/company", COMPANY | {"business": []})
    place = directory.find_by_slug("jincheng")
    assert place is not None

    assert finish_jobs(place) == []

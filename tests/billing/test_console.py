"""The operator's console: who may see it, what it shows of companies, what it does to them, and how the installation is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing.console import health
from billing.models import Bill, Plan, Price, Subscription, Terms
from kezhou import records
from kezhou.jobs.models import Job
from kezhou.notify.models import Notice
from kezhou.pages import routes
from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants import directory, outbox, provisioning
from tenants.context import Current, control_plane, tenant
from tenants.models import OutboxCursor, Tenant, TenantPlugin
from tenants.provisioning import NewAdministrator, NewTenant
from tests.matrix.world import TYPE, calls, send


@pytest.fixture
def console(operator: Person, sign_in: SignIn, cache: None) -> Client:
    return sign_in(Client(), operator)


def state(slug: str) -> str:
    found = directory.find_by_slug(slug)
    assert found is not None
    return found.state


def do(console: Client, place: Current, deed: str, **values: Any) -> tuple[int, str]:
    """Press a button beside a company; the status, and the page that stands then."""
    answer = console.post(f"/ops/companies/{place.pk}", {"do": deed, **values})
    page = answer if answer.status_code != 302 else console.get(answer["Location"])
    return answer.status_code, page.content.decode()


def operator_calls() -> Iterator[Any]:
    return (call for call in calls({"pk": 1, "key": "free"}) if call.route.access.kind == "operator")


@pytest.mark.req("TEN-05", part="operators alone")
def test_the_console_is_there_for_operators_alone(
    alpha: Current, operator: Person, boss: Person, member_factory: MemberFactory, sign_in: SignIn
) -> None:
    with tenant(provisioning.ensure_ops()):
        helper = member_factory("sales", username="helper")
    seen = {}
    for who in (boss, helper):
        client = sign_in(Client(), who)
        seen[who.username] = {send(client, call) for call in operator_calls()}
    stranger = Client(HTTP_HOST="ops.localhost")
    outside = {send(stranger, call) for call in operator_calls() if call.method == "GET"}

    assert len([route for route in routes() if route.access.kind == "operator"]) == 7
    assert seen == {"boss": {404}, "helper": {404}}
    assert outside == {302}
    assert "/ops/companies" not in sign_in(Client(), boss).get("/").content.decode()
    assert "/ops/companies" in sign_in(Client(), operator).get("/").content.decode()


@pytest.mark.req("TEN-05", part="list; no business data")
def test_companies_are_listed_with_what_they_use_and_nothing_of_their_business(
    alpha: Current, beta: Current, boss: Person, console: Client, plugins_on: Callable[..., None]
) -> None:
    with tenant(alpha):
        plugins_on("customers")
        records.save(boss.actor, TYPE, [{"name": "川西能源集团有限公司"}]).demand()
        Job.objects.create(kind="exchange.import", state="failed", finished_at=timezone.now(), message="川西能源重复")
    with control_plane():
        broken = {"state": "failed", "error": "relation is missing"}
        TenantPlugin.objects.update_or_create(tenant_id=beta.pk, name="sales", defaults=broken)
        until = timezone.now() + timedelta(days=9, hours=1)
        Subscription.objects.filter(tenant_id=alpha.pk).update(paid_until=until)

    page = console.get("/ops/companies").content.decode()
    one = console.get(f"/ops/companies/{alpha.pk}").content.decode()
    other = console.get(f"/ops/companies/{beta.pk}").content.decode()

    assert all(
        words in page for words in ("甲方旅行社有限公司", "免费版", "1 / 10", "还剩 9 天", "7 天内 1 项后台工作失败")
    )
    assert ("模块“销售”没有启用成功" in page, "relation is missing" in other, "客户" in one) == (True, True, True)
    assert "川西能源" not in page + one + other + console.get("/ops/health").content.decode()
    assert [page.count(name) for name in ("ops.localhost", "Kezhou</a>")] == [0, 0]


def test_the_list_takes_as_many_statements_for_one_company_as_for_all(
    alpha: Current, beta: Current, console: Client
) -> None:
    console.get("/ops/companies")
    taken = []
    for query in ("?state=active", "?q=甲方"):
        with CaptureQueriesContext(connection) as seen:
            console.get(f"/ops/companies{query}")
        taken.append(len(seen))

    assert taken[0] == taken[1] - 1  # looking for words counts what was found
    assert taken[1] <= 12


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?q=甲方", ["alpha"]),
        ("?q=BET", ["beta"]),
        ("?state=overdue", []),
        ("?state=active&sort=name", ["alpha", "beta"]),
        ("?state=nonsense&sort=nonsense&page=x", ["alpha", "beta"]),
        ("?page=999999999999", ["alpha", "beta"]),
        ("?q=%00%27%3Cscript%3E", []),
    ],
)
def test_companies_are_found(console: Client, query: str, names: list[str]) -> None:
    answer = console.get(f"/ops/companies{query}")

    page = answer.content.decode()
    assert (answer.status_code, sorted(slug for slug in ("alpha", "beta") if f">{slug}</span>" in page)) == (200, names)
    assert "<script>" not in page.replace('<script src="', "")


@pytest.mark.req("TEN-05", part="suspend, reopen, extend")
@pytest.mark.req("TEN-04", part="transitions by the operator")
def test_an_operator_suspends_reopens_extends_and_closes(alpha: Current, console: Client) -> None:
    with control_plane():
        Subscription.objects.filter(tenant_id=alpha.pk).update(paid_until=timezone.now() - timedelta(days=20))
    until = (timezone.localdate() + timedelta(days=30)).isoformat()

    steps = []
    for deed, values in (
        ("suspend", {"why": "  "}), ("suspend", {"why": "发垃圾短信"}), ("reopen", {}), ("extend", {"until": until}),
        ("close", {"slug": "beta", "close_why": "合同终止"}), ("close", {"slug": "alpha", "close_why": "合同终止"}), ("reopen", {}),
    ):  # fmt: skip
        status, page = do(console, alpha, deed, **values)
        steps.append((deed, status, state("alpha")))

    assert steps == [
        ("suspend", 422, "active"), ("suspend", 302, "suspended"), ("reopen", 302, "overdue"), ("extend", 302, "active"),
        ("close", 422, "active"), ("close", 302, "closed"), ("reopen", 302, "active"),
    ]  # fmt: skip
    assert [page.count(words) for words in ("发垃圾短信", f"延长到 {until}。", "合同终止")] == [1, 1, 1]
    assert "知秋" in page


@pytest.mark.parametrize(
    ("deed", "values", "sentence"),
    [
        ("extend", {"until": "2020-01-01"}, "要在明天到三年之内"),
        ("extend", {"until": "明天"}, "请选一个日期"),
        ("extend", {"until": "9999-12-31"}, "要在明天到三年之内"),
        ("extend", {"until": "tomorrow"}, "已付的日期比"),
        ("reopen", {}, "没有被停用"),
        ("confirm", {}, "不在待确认状态"),
        ("plan", {"plan": "gold"}, "没有这个套餐"),
        ("plan", {"plan": "team", "plan_until": "2020-01-01"}, "要在明天到十年之内"),
        ("plan", {"plan": "team", "plan_until": "9999-12-31"}, "要在明天到十年之内"),
        ("order", {"order_plan": "team", "order_period": "year", "order_seats": "3"}, "没有这种付款周期的价格"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(
    alpha: Current, console: Client, deed: str, values: dict[str, str], sentence: str
) -> None:
    with control_plane():
        Subscription.objects.filter(tenant_id=alpha.pk).update(paid_until=timezone.now() + timedelta(days=99))

    if values.get("until") == "tomorrow":
        values = {"until": (timezone.localdate() + timedelta(days=1)).isoformat()}
    before = facts(alpha)

    status, page = do(console, alpha, deed, **values)

    assert (status, sentence in page, state("alpha")) == (422, True, "active")
    assert facts(alpha) == before


def facts(place: Current) -> dict[str, Any]:
    with control_plane():
        return Subscription.objects.filter(tenant_id=place.pk).values().get()


@pytest.mark.req("TEN-04", part="transitions by the operator")
def test_what_is_stopped_or_closed_is_not_stopped_again_and_a_running_payment_is_told(
    alpha: Current, console: Client
) -> None:
    with control_plane():
        Subscription.objects.filter(tenant_id=alpha.pk).update(source="stripe", stripe_status="active")
    do(console, alpha, "suspend", why="发垃圾短信")
    told = console.get("/ops/companies?state=trouble").content.decode()
    refused = [
        do(console, alpha, "suspend", why="再停"),
        do(console, alpha, "close", slug="alpha", close_why="合同终止"),
    ]
    with control_plane():
        Subscription.objects.filter(tenant_id=alpha.pk).update(stripe_status="canceled")
    do(console, alpha, "close", slug="alpha", close_why="合同终止")
    refused += [do(console, alpha, "suspend", why="再停"), do(console, alpha, "close", slug="alpha", close_why="再来")]

    assert "Stripe 订阅还在扣款" in told
    assert [status for status, _page in refused] == [422] * 4
    sentences = ("不用再停用", "先在 Stripe 取消", "已经注销了")
    told_then = [next(words for words in sentences if words in page) for _status, page in refused]
    assert told_then == ["不用再停用", "先在 Stripe 取消", "不用再停用", "已经注销了"]
    assert (state("alpha"), facts(alpha)["hold"]) == ("closed", "closed")


@pytest.mark.req("TEN-04", part="pending confirmation, trial")
def test_a_new_company_waits_for_the_operator_and_then_tries(console: Client, alpha: Current) -> None:
    saved = console.post(
        "/ops/plans",
        {"do": "terms", "trial_days": "14", "trial_plan": "team", "grace_days": "3", "read_only_days": "4", "kept_days": "5",
         "confirm_signups": "1", "contact": "400-820-6688"},
    )  # fmt: skip
    administrator = NewAdministrator(name="何雨桐", password_hash="!", username="he")
    place = provisioning.provision(NewTenant(slug="gamma", name="丙方会展有限公司", administrator=administrator))
    waiting = (state("gamma"), Client(HTTP_HOST="gamma.localhost").get("/account/sign-in").status_code)

    status, page = do(console, place, "confirm")

    assert (saved.status_code, waiting, status) == (302, ("pending", 402), 302)
    assert (state("gamma"), "团队版" in page, "还剩" in page) == ("trial", True, True)
    found = directory.find_by_slug("gamma")
    assert found is not None
    assert found.entitlements["seats"] == 50
    with tenant(found):
        assert [notice.sentence for notice in Notice.objects.all()] == ["公司可以正常使用"]


@pytest.mark.req("BIL-01", part="plans kept by the operator")
def test_plans_are_made_priced_and_act_at_once(alpha: Current, console: Client) -> None:
    plan = {"key": "agency", "name": "商旅版", "summary": "给商旅公司", "month": "￥ 88", "year": "880.50", "seats": "30",
            "plugins": ["customers"], "is_offered": "1"}  # fmt: skip
    made = console.post("/ops/plans/new", plan)
    do(console, alpha, "plan", plan="agency")
    cheaper = console.post("/ops/plans/agency", {**plan, "month": "80", "seats": "20"})
    addon = console.post("/ops/plans", {"do": "addon", "plugin": "sales", "year": "1200"})

    with control_plane():
        prices = sorted(Price.objects.filter(plan__key="agency").values_list("period", "amount", "active"))
        alone = Price.objects.get(addon__plugin="sales").amount
    found = directory.find_by_slug("alpha")
    assert found is not None
    assert (made.status_code, cheaper.status_code, addon.status_code, alone) == (302, 302, 302, 120_000)
    assert prices == [("month", 8000, True), ("month", 8800, False), ("year", 88_050, True)]
    assert dict(found.entitlements) == {
        "seats": 20, "fields": None, "own_types": None, "storage": None, "plugin:*": 0, "plugin:customers": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"key": "Größe"}, "key"), ({"key": "free"}, "key"), ({"name": ""}, "name"), ({"name": "长" * 41}, "name"),
        ({"seats": "-1"}, "seats"), ({"seats": "一百"}, "seats"), ({"month": "0"}, "month"), ({"month": "1e99"}, "month"),
        ({"month": "NaN"}, "month"), ({"year": "8.001"}, "year"), ({"plugins": "nothing"}, "plugins"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_keeps_what_was_typed(console: Client, given: dict[str, str], field: str) -> None:
    answer = console.post("/ops/plans/new", {"key": "agency", "name": "商旅版", "is_offered": "1", **given})

    page = answer.content.decode()
    assert (answer.status_code, f'id="{field}-error"' in page, "商旅版" in page or field == "name") == (422, True, True)
    with control_plane():
        assert Plan.objects.count() == 3


@pytest.mark.req("BIL-02", part="payment recorded by the operator")
def test_the_operator_bills_and_records_the_transfer(alpha: Current, prices: None, console: Client) -> None:
    do(console, alpha, "order", order_plan="team", order_period="month", order_seats="3")
    with control_plane():
        bill = Bill.objects.get()
    day = timezone.localdate().isoformat()
    wrong = console.post(
        f"/ops/bills/{bill.pk}", {"do": "receive", "amount": "贰佰", "received_on": day, "reference": "ICBC2026001"}
    )
    paid = console.post(
        f"/ops/bills/{bill.pk}",
        {"do": "receive", "amount": "１４４.00", "received_on": day, "reference": "ICBC2026001"},
    )

    with control_plane():
        row = Subscription.objects.select_related("plan").get(tenant_id=alpha.pk)
        found = Bill.objects.select_related("payment").get()
    assert (wrong.status_code, "不是金额" in wrong.content.decode(), "ICBC2026001" in wrong.content.decode()) == (
        422,
        True,
        True,
    )
    assert (paid.status_code, found.state, found.payment.by, row.plan.key, row.seats) == (
        302,
        "paid",
        "知秋",
        "team",
        3,
    )


def test_after_a_smaller_plan_those_who_are_there_stay_and_no_other_comes(
    alpha: Current, boss: Person, console: Client, member_factory: MemberFactory, sign_in: SignIn
) -> None:
    with tenant(alpha):
        second = member_factory("sales", username="second")
    with control_plane():
        Plan.objects.create(key="one", name="一人版", seats=1)
    do(console, alpha, "plan", plan="one")

    listed = console.get("/ops/companies").content.decode()
    invited = {"name": "孙", "channel": "email", "address": "sun@example.com"}
    refused = sign_in(Client(), boss).post("/settings/members/invite", invited).content.decode()

    assert ("席位超 1 个" in listed, "含 1 个席位，已用 2 个" in refused) == (True, True)
    assert sign_in(Client(), second).get("/").status_code == 200


def test_a_company_whose_tables_are_not_whole_hides_no_other(alpha: Current, beta: Current, console: Client) -> None:
    with tenant(alpha):
        Job.objects.create(kind="exchange.import", state="failed", finished_at=timezone.now())
    with tenant(beta), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jobs_job RENAME TO jobs_gone")

    pages = [console.get(path) for path in ("/ops/companies", f"/ops/companies/{beta.pk}", "/ops/health")]

    assert [page.status_code for page in pages] == [200, 200, 200]
    texts = [page.content.decode() for page in pages]
    assert ("7 天内 1 项后台工作失败" in texts[0], "数据表不全" in texts[1], alpha.name in texts[2]) == (
        True,
        True,
        True,
    )


# -- health ------------------------------------------------------------------------------------------------------------------


@pytest.mark.req("PLT-16")
def test_the_health_page_says_what_runs_what_stopped_and_tries_again(
    alpha: Current, beta: Current, console: Client, settings: Any
) -> None:
    settings.KEZHOU_HOME.mkdir(parents=True, exist_ok=True)
    with control_plane():
        Terms.objects.update_or_create(pk=1, defaults={"beat_at": timezone.now() - timedelta(minutes=9)})
        OutboxCursor.objects.update_or_create(
            consumer="search", lane=0, defaults={"problem": "OSError: no space", "not_before": timezone.now() + timedelta(hours=1)}
        )  # fmt: skip
    with tenant(alpha):
        over = {"state": "failed", "finished_at": timezone.now()}
        again = Job.objects.create(kind="exchange.export", attempts=3, **over)
    directory.set_state(beta.pk, "suspended", why="试一试")
    with tenant(beta):
        stopped = Job.objects.create(kind="exchange.export", **over)
    with tenant(alpha):
        once = Job.objects.create(kind="gone.kind", **over)

    page = console.get("/ops/health").content.decode()
    console.post("/ops/health", {"deed": "consumer:search"})
    console.post("/ops/health", {"company": str(alpha.pk), "job": str(again.pk)})
    console.post("/ops/health", {"company": str(alpha.pk), "job": str(once.pk)})
    console.post("/ops/health", {"company": str(beta.pk), "job": str(stopped.pk)})
    health.beat()
    better = console.get("/ops/health").content.decode()

    expected = (
        "有东西停了",
        "PostgreSQL 18",
        "任务队列里有",
        "没有动静",
        "搜索索引停在",
        "磁盘还剩",
        "同一版本",
        "没有接 Stripe",
    )
    assert [words for words in expected if words not in page] == []
    assert ("秒前还在干活" in better, "这种工作已经没有了" in better) == (True, True)
    assert better.count("公司停用时后台不做事，恢复后再重试") == 1
    with tenant(beta):
        assert Job.objects.get().state == "failed"
    with control_plane():
        assert OutboxCursor.objects.get(consumer="search", lane=0).not_before is None
    with tenant(alpha):
        states = dict(Job.objects.values_list("kind", "state"))
    assert states == {"exchange.export": "queued" if _resumable("exchange.export") else "failed", "gone.kind": "failed"}
    assert outbox.consumers() == ("search",)


def _resumable(kind: str) -> bool:
    from kezhou.jobs.registry import kind_of

    return kind_of(kind).resumable


def test_the_list_costs_as_much_for_thirty_companies_as_for_three(console: Client) -> None:
    with control_plane():
        schema = Tenant.objects.get(slug="alpha").schema_name
    console.get("/ops/companies")
    counts = []
    for number in (3, 30):
        with control_plane():
            plan = Plan.objects.get(key="free")
            for place in range(Subscription.objects.count(), number):
                made = Tenant(
                    slug=f"c{place}",
                    schema_name=f"t_c{place}",
                    name=f"公司{place}",
                    status="closed",
                )
                made.save(force_insert=True)
                Subscription.objects.create(tenant=made, plan=plan, hold="closed")
                with connection.cursor() as cursor:
                    cursor.execute(f'CREATE SCHEMA "t_c{place}"')
                    for table in ("access_member", "files_file", "access_account", "jobs_job"):
                        cursor.execute(f'CREATE VIEW "t_c{place}".{table} AS SELECT * FROM "{schema}".{table}')
        with CaptureQueriesContext(connection) as seen:
            assert console.get("/ops/companies").status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1]
    assert counts[0] <= 14

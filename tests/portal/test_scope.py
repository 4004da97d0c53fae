"""Partners see what is theirs and nothing else: by pages, addresses, search, files, export and forms (POR-17 to POR-20, I17)."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from openpyxl import load_workbook

from kezhou import records
from kezhou.files import attachments
from kezhou.files.models import Attachment
from kezhou.finding import SearchRequest, find
from kezhou.jobs import running
from kezhou.jobs.models import Job
from kezhou.testing import contract
from kezhou.testing.access import MemberFactory, SignIn
from portal import exporting, users
from portal.actor import actor_from, facts_of_user
from search import keeping
from search.engines import engine
from tenants.context import Current, tenant
from tests.engines import both_engines
from tests.matrix.test_access import closed, refused
from tests.matrix.world import UNKNOWN, Call, calls
from tests.portal.conftest import (
    CONTACT,
    CUSTOMER,
    INTERNAL,
    OPPORTUNITY,
    ORDER,
    SECRET,
    Guest,
    Shop,
    accepted,
    body,
    pks,
)

Give = Callable[..., int]
Come = Callable[..., Guest]


@pytest.mark.req("POR-19")
@pytest.mark.req("POR-20")
def test_a_hostile_crawl_hears_nothing_of_another_customer(shop: Shop, world: tuple[Guest, Guest]) -> None:
    """Every address there is, of both entrances, with every key there is: not a word of the other customer, nothing internal."""
    mine, _theirs = world
    files = [attachment.pk for attachment in _attachments(shop)]
    told: list[str] = []
    leaks = []

    for key in (CUSTOMER, CONTACT, OPPORTUNITY, ORDER, "core.member", "meetings.booking"):
        for pk in (*pks(shop, key), UNKNOWN):
            places = {"type_key": key, "pk": pk, "key": "name", "name": "sales", "file": files[pk % len(files)]}
            doors = ("staff", "portal") if key in {CUSTOMER, ORDER} else ("portal",)
            for call in calls(places, *doors):
                if call.method == "GET" and not call.path.startswith(("/portal/sign-in", "/portal/invitation")):
                    text = body(mine.client.get(call.path))
                    told += [call.path] if "年会" in text else []
                    leaks += [call.path for word in (SECRET, INTERNAL) if word in text]

    assert leaks == []
    assert {f"/portal/r/{key}/" for key in (ORDER, OPPORTUNITY)} <= set(told)
    assert len(told) > 10


def _attachments(shop: Shop) -> list[Attachment]:
    with tenant(shop.place):
        return list(Attachment.objects.order_by("pk"))


WORDS = {"年会": 2, SECRET: 0, INTERNAL: 0, "商贸": 0, "会议": 1, "川西": 3, "周敏": 0, "客户:乙方": 0, "何国栋": 1}
"""What somebody of the first customer finds by each of these."""


@both_engines
@pytest.mark.req("POR-20")
def test_search_counts_nothing_that_may_not_be_opened(
    shop: Shop, search_folder: Path, world: tuple[Guest, Guest]
) -> None:
    mine, _theirs = world
    with tenant(shop.place):
        keeping.rebuild(engine())

    found = {}
    for words in WORDS:
        page = mine.client.get("/portal/search", {"q": words})
        found[words] = (len(page.context["lines"]), page.context["result"].total)

    assert found == {words: (count, count) for words, count in WORDS.items()}
    with tenant(shop.place):
        facts = facts_of_user(mine.user)
        actor = actor_from(facts) if facts is not None else None
        assert actor is not None
        wide = {words: find(actor, SearchRequest(words)) for words in ("川西", SECRET, INTERNAL, f"{SECRET}会仪")}
    told = {words: sum(group.count for group in result.groups) for words, result in wide.items()}
    assert told == {"川西": 3, SECRET: 0, INTERNAL: 0, f"{SECRET}会仪": 0}
    for words, result in wide.items():
        facets = (result.owners, result.departments, result.categories, result.dates)
        assert all(facet.count <= result.total for facets_of in facets for facet in facets_of), words
        assert SECRET not in str((result.hits, result.groups, facets))
        assert SECRET not in result.notice.replace(words, "")


@pytest.mark.req("POR-19", part="guessed identifiers")
def test_guessed_identifiers_are_not_there(shop: Shop, world: tuple[Guest, Guest]) -> None:
    mine, theirs = world
    others = [(key, pk) for key in (ORDER, OPPORTUNITY) for pk in pks(shop, key)[1:]]

    for key, pk in [(CUSTOMER, theirs.customer), (CONTACT, theirs.contact), *others]:
        for address in (f"/portal/r/{key}/{pk}", f"/portal/r/{key}/{pk}/edit", f"/portal/r/{key}/{pk}/print"):
            assert mine.client.get(address).status_code in {403, 404}, address
        assert mine.client.post(f"/portal/r/{key}/{pk}/delete").status_code in {403, 404}
    assert mine.client.get(f"/portal/r/{CONTACT}/{mine.contact}").status_code == 200


@pytest.mark.req("POR-18")
def test_each_operation_is_there_only_where_it_is_granted(give: Give, guest: Come) -> None:
    give("customer", {CONTACT: "read"})
    one = guest("川西能源集团", "何国栋")
    base = f"/portal/r/{CONTACT}"
    addresses = {
        "create": f"{base}/new",
        "update": f"{base}/{one.contact}/edit",
        "delete": f"{base}/{one.contact}/delete",
        "export": f"{base}/export",
        "print": f"{base}/{one.contact}/print",
    }

    def open_ones() -> set[str]:
        return {name for name, address in addresses.items() if one.client.get(address).status_code == 200}

    assert open_ones() == set()
    for name in addresses:
        give("customer", {CONTACT: f"read {name}"})
        assert open_ones() == {name}
    give("customer", {CUSTOMER: "read"})
    assert one.client.get(f"{base}/").status_code == 404


@pytest.mark.req("POR-17")
@pytest.mark.req("POR-18", part="partner class")
def test_a_partner_with_one_right_sees_and_makes_its_own_and_nothing_else(
    shop: Shop, give: Give, guest: Come, opened: None
) -> None:
    """I17, on opportunities: query and create only."""
    give("agent", {OPPORTUNITY: "read create"}, links={OPPORTUNITY: "partner"})
    agent = guest("蓉城代理", "代理人", kind="agent")
    with tenant(shop.place):
        client = records.save(shop.boss.actor, CUSTOMER, [{"name": f"{SECRET}客户"}]).pk
        rows = [
            {"name": "给代理的机会", "customer": client, "partner": agent.customer},
            {"name": SECRET, "customer": client},
        ]
        given, other = records.save(shop.boss.actor, OPPORTUNITY, rows).demand().pks

    listed = body(agent.client.get(f"/portal/r/{OPPORTUNITY}/"))

    assert "给代理的机会" in listed
    assert SECRET not in listed
    assert agent.client.get(f"/portal/r/{OPPORTUNITY}/{given}").status_code == 200
    assert agent.client.get(f"/portal/r/{OPPORTUNITY}/{other}").status_code == 404
    assert agent.client.get(f"/portal/r/{OPPORTUNITY}/{given}/edit").status_code == 403
    for key in (CUSTOMER, CONTACT, ORDER):
        assert agent.client.get(f"/portal/r/{key}/").status_code == 404
    assert SECRET not in body(agent.client.get("/portal/"))


@pytest.mark.req("POR-18", part="customer classes")
def test_a_class_of_customers_has_what_is_set_for_it(give: Give, guest: Come) -> None:
    give("customer", {CONTACT: "read"})
    give("customer", {CUSTOMER: "read"}, category="vip")
    plain, important = guest("普通公司", "甲"), guest("重要公司", "乙", category="vip")

    assert plain.client.get(f"/portal/r/{CONTACT}/").status_code == 200
    assert important.client.get(f"/portal/r/{CONTACT}/").status_code == 404
    assert important.client.get(f"/portal/r/{CUSTOMER}/{important.customer}").status_code == 200


@pytest.mark.req("POR-19", part="customer classes")
def test_of_a_type_only_the_granted_classes_are_there(shop: Shop, give: Give, guest: Come) -> None:
    give("customer", {CUSTOMER: "read update"}, classes={CUSTOMER: ["vip"]})
    plain, important = guest("普通公司", "甲"), guest("重要公司", "乙", category="vip")

    def answers(one: Guest) -> list[int]:
        here = f"/portal/r/{CUSTOMER}/{one.customer}"
        return [one.client.get(address).status_code for address in (here, f"{here}/edit")]

    assert (answers(plain), answers(important)) == ([404, 404], [200, 200])
    with tenant(shop.place):
        records.save(shop.boss.actor, CUSTOMER, [{"pk": important.customer, "category": "company"}], twins="allow")
    assert answers(important) == [404, 404]


@pytest.mark.req("POR-19", part="export")
def test_an_export_holds_the_own_records_and_shown_fields(world: tuple[Guest, Guest]) -> None:
    mine, _theirs = world

    answer = mine.client.get(f"/portal/r/{OPPORTUNITY}/export")
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]

    assert [row[0] for row in rows] == ["机会名称", "年会机会"]
    assert SECRET not in str(rows)
    assert "竞争对手" not in rows[0]


@pytest.mark.req("POR-18", part="a long export")
@pytest.mark.req("POR-19", part="export")
def test_a_long_export_is_made_by_a_worker_with_the_rights_of_then_for_its_person_only(
    shop: Shop, world: tuple[Guest, Guest], give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    mine, theirs = world
    address = f"/portal/r/{OPPORTUNITY}/export"

    def worked() -> int:
        with tenant(shop.place):
            row = Job.objects.filter(kind=exporting.KIND).latest("pk")
            running.take_up(row.pk)
            return row.pk

    asked = mine.client.get(address)
    started = [mine.client.post(address, {"q": ""}) for _twice in range(2)]
    waiting = body(mine.client.get("/portal/exports"))
    made = worked()
    answer = mine.client.get(f"/portal/exports/{made}")
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]

    assert "超过 0 条" in body(asked)
    assert [one["Location"] for one in started] == ["/portal/exports"] * 2
    assert waiting.count("正在准备…") == 1
    assert [row[0].value for row in sheet.iter_rows()] == ["机会名称", "年会机会"]
    assert "导出了 1 行。" in body(mine.client.get("/portal/exports"))
    assert theirs.client.get(f"/portal/exports/{made}").status_code == 404
    assert "导出销售机会" not in body(theirs.client.get("/portal/exports"))

    mine.client.post(address, {"q": "年\x00会"})
    monkeypatch.setattr(exporting, "MOST", 2)
    enough = mine.client.post(address, {"q": "机会"})
    assert (enough.status_code, "已有 2 份导出的文件" in body(enough)) == (422, True)

    give("customer", {OPPORTUNITY: "read"})
    worked()
    assert "要导出的内容已不再对你开放。" in body(mine.client.get("/portal/exports"))


@pytest.mark.req("POR-19", part="export")
def test_what_was_exported_for_a_partner_stays_behind_when_its_person_goes_over_to_another(
    shop: Shop, world: tuple[Guest, Guest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    mine, theirs = world
    for q in ("", "年会"):
        mine.client.post(f"/portal/r/{OPPORTUNITY}/export", {"q": q})
    with tenant(shop.place):
        made, waiting = Job.objects.filter(kind=exporting.KIND).order_by("pk")
        running.take_up(made.pk)
        actor = shop.boss.actor
        records.save(actor, CONTACT, [{"pk": mine.contact, "customer": theirs.customer}], twins="allow").demand()
        link = users.open_for(actor, CONTACT, mine.contact).link
        running.take_up(waiting.pk)
        made.refresh_from_db()
        waiting.refresh_from_db()
    there = accepted(link)

    assert (made.state, waiting.state, waiting.file) == ("done", "failed", None)
    assert "导出销售机会" not in body(there.get("/portal/exports"))
    assert there.get(f"/portal/exports/{made.pk}").status_code == 404


@pytest.mark.req("POR-19", part="files")
def test_a_file_opens_when_it_was_released(shop: Shop, world: tuple[Guest, Guest]) -> None:
    mine, _theirs = world
    file = _attachments(shop)[0]
    address = f"/portal/r/{file.type}/{file.record}/files/{file.pk}"
    assert mine.client.get(address).status_code == 404

    with tenant(shop.place):
        attachments.release(shop.boss.actor, file.type, file.record, file.pk, released=True)

    assert body(mine.client.get(address)) == INTERNAL
    assert file.name in body(mine.client.get(f"/portal/r/{file.type}/{file.record}"))


@pytest.mark.req("POR-01", part="other companies")
def test_a_member_of_another_company_is_nobody_here(
    shop: Shop, world: tuple[Guest, Guest], beta: Current, member_factory: MemberFactory, sign_in: SignIn
) -> None:
    with tenant(beta):
        foreigner = member_factory("admin", name="外人", username="boss")
    client = sign_in(Client(), foreigner)
    client.defaults["HTTP_HOST"] = "alpha.localhost"
    client.cookies["kezhou_portal"] = client.cookies["sessionid"].value

    for path in ("/portal/", f"/portal/r/{CUSTOMER}/", "/portal/search?q=川西"):
        assert client.get(path).headers["Location"].startswith("/portal/sign-in")


def test_lists_take_the_same_few_statements_whatever_their_length(shop: Shop, opened: None, guest: Come) -> None:
    one = guest("川西能源集团", "何国栋")

    def people(count: int) -> None:
        with tenant(shop.place):
            rows = [{"name": f"同事{number}", "customer": one.customer} for number in range(count)]
            records.save(shop.boss.actor, CONTACT, rows, twins="allow").demand()

    def counted() -> int:
        address = f"/portal/r/{CONTACT}/"
        one.client.get(address)
        with tenant(shop.place):
            return contract.statements(lambda: one.client.get(address))

    people(2)
    few = counted()
    people(27)

    assert counted() == few
    assert few <= 12


@pytest.mark.req("POR-01", part="separate accounts")
@pytest.mark.req("POR-19", part="every other address")
def test_the_access_matrix_holds_for_somebody_of_a_customer(shop: Shop, give: Give, guest: Come) -> None:
    """A member's page is a stranger's; of the portal's what was not granted is refused; nothing leaves a trace."""
    give("customer", {CONTACT: "read"})
    one = guest("川西能源集团", "何国栋")
    places: dict[str, object] = {"type_key": CONTACT, "pk": one.contact, "key": "name", "name": "sales"}

    def expected(call: Call) -> set[int]:
        if call.route.entrance.key == "staff":
            page = call.method == "GET" and (call.path == "/api/v1/docs" or not call.path.startswith("/api/"))
            return {302} if page else {401, 403}
        return {403, 404}

    wanted = (
        (call, expected(call))
        for call in calls(places, "staff", "portal")
        if (call.route.entrance.key == "staff" and closed(call))
        or (call.route.access.kind == "operation" and call.route.access.operation != "read")
    )
    assert refused(one.client, shop.place, wanted) == []

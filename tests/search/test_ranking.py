"""What makes a hit stand where it stands beside its words, and the sentences that say so (SRH-05)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from kezhou import parameters
from kezhou.access.actor import Actor, MemberActor
from kezhou.access.models import RoleField
from kezhou.access.roles import role_pk
from kezhou.finding import SearchRequest, find
from kezhou.finding.model import Explanation
from kezhou.plugins import hooks
from kezhou.records import shape
from kezhou.testing.access import MemberFactory, SignIn
from search import freshness, keeping
from search.engines import engine
from tenants.context import current
from tests.search import staff
from tests.search.staff import CUSTOMER, OPPORTUNITY, SYSTEM

pytestmark = pytest.mark.usefixtures("company")
PARAMETERS = ("search.recency", "search.importance", "search.relation")


def _aged(pk: int, moment: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_customer SET changed_at = %s WHERE id = %s", [moment, pk])


def _indexed() -> None:
    keeping.rebuild(engine())
    freshness.beat(engine(), 0.0)


def _found(actor: Actor, **more: object) -> list[int]:
    return [hit.pk for hit in find(actor, SearchRequest("川西", **more)).hits]  # type: ignore[arg-type]  # passed through


@pytest.fixture
def five(company: object) -> dict[str, int]:
    """Five customers whose names say the same of 川西, told apart by what else they are. The reader sees all."""
    place = staff.department("成都分公司")
    reader = staff.member("罗欣", "reader", department=place)
    rows = {
        "old": {}, "lately": {}, "vip": {"category": "vip"}, "mine": {"owner": reader.member_pk},
        "ours": {"department": place},
    }  # fmt: skip
    pks = {key: staff.saved(CUSTOMER, name=f"川西{at}号", **row) for at, (key, row) in enumerate(rows.items())}
    for key in pks.keys() - {"lately"}:
        _aged(pks[key], "2020-05-06T00:00:00Z")
    _indexed()
    return pks | {"reader": reader.member_pk}


def _reader(five: dict[str, int]) -> MemberActor:
    from kezhou.access.actors import actor_for

    found = actor_for(five["reader"])
    assert found is not None
    return found


@pytest.mark.req("SRH-05", part="recency, record importance, personal relation")
def test_lately_changed_important_and_own_records_stand_before_others_as_far_as_the_company_wants(
    five: dict[str, int],
) -> None:
    names = {pk: key for key, pk in five.items() if key != "reader"}
    reader = _reader(five)
    assert [names[pk] for pk in _found(SYSTEM)][:2] == ["vip", "lately"]
    assert [names[pk] for pk in _found(reader)] == ["vip", "mine", "lately", "ours", "old"]
    assert [names[pk] for pk in _found(reader, opened=((CUSTOMER, five["old"]),))][3:] == ["lately", "ours"]
    assert _found(reader, sort="oldest")[-1] == five["lately"]

    for key in PARAMETERS:
        parameters.change(SYSTEM, key, "0")
    scores = {hit.score for hit in find(_reader(five), SearchRequest("川西")).hits}
    assert len(scores) == 1
    parameters.change(SYSTEM, "search.relation", "5")
    assert names[_found(_reader(five))[0]] == "mine"


def _why(actor: Actor, text: str, pk: int, type: str = CUSTOMER) -> Explanation | None:
    found: Explanation | None = hooks().explain_hit(actor=actor, request=SearchRequest(text), type=type, pk=pk)
    return found


@pytest.mark.req("SRH-05", part="why this hit")
def test_the_reasons_of_a_hit_are_told_in_sentences_and_add_up(five: dict[str, int]) -> None:
    boss, reader = staff.member("周敏", "admin"), _reader(five)
    explained = _why(reader, "川西", five["vip"])

    assert explained is not None
    assert [reason.text for reason in explained.words] == ["“川西”在客户名称里；你能找到的记录里 5 条有它，常见"]
    assert {reason.text: reason.points for reason in explained.bonuses} == pytest.approx(
        {"“客户”是靠前的种类": 3.7, "重要：客户分类是“VIP客户”": 7.5}
    )
    total = sum(reason.points or 0 for reason in (*explained.words, *explained.bonuses))
    assert explained.score == pytest.approx(total, rel=0.01)
    assert [reason.text for reason in _why(reader, "chuanxi", five["mine"]).words] == [  # type: ignore[union-attr]
        "“chuanxi”指的是客户名称里的“川西”（拼音或同义词）；你能找到的记录里 5 条有它，常见"
    ]
    assert "由你负责" in str(_why(reader, "川西", five["mine"]))
    assert "由你负责" not in str(_why(boss, "川西", five["mine"]))

    RoleField.objects.create(role_id=role_pk("reader"), type=CUSTOMER, field="category", level="hide")
    shape.bump()
    assert "重要" not in str(_why(_reader(five), "川西", five["vip"]))
    assert "重要" in str(_why(staff.again(boss), "川西", five["vip"]))
    seller = staff.member("李思源", "sales")
    assert _why(seller, "川西", five["vip"]) is None
    deal = staff.saved(OPPORTUNITY, name="年会", customer=five["vip"])
    _indexed()
    assert _why(seller, "川西", deal, OPPORTUNITY) is None


@pytest.mark.req("SRH-05")
def test_score_date_counts_and_what_is_searched_for(
    five: dict[str, int], member_factory: MemberFactory, sign_in: SignIn
) -> None:
    """Weight of the field, rarity of the word, recency, importance; two orders; counts per kind; the report."""
    named = staff.saved(CUSTOMER, name="青城会馆", remark="川西")
    noted = staff.saved(CUSTOMER, name="锦江商贸", remark="青城山下的会馆")
    deal = staff.saved(OPPORTUNITY, name="川西年会", customer=noted)
    for pk in (named, noted):
        _aged(pk, "2020-05-06T00:00:00Z")
    _indexed()
    boss = member_factory("admin", name="周敏")

    def pks(text: str, **more: object) -> list[int]:
        hits = find(boss.actor, SearchRequest(text, kinds=(CUSTOMER,), **more)).hits  # type: ignore[arg-type]
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True) or more
        return [hit.pk for hit in hits]

    assert pks("会馆") == [named, noted], "a title weighs more than a remark"
    assert pks("川西")[:2] == [five["vip"], five["lately"]], "importance, recency"
    assert pks("川西", sort="newest")[0] == five["lately"]
    explained = _why(boss.actor, "川西 会馆", named)
    assert explained is not None
    rare, common = (next(r.points or 0 for r in explained.words if f"“{word}”" in r.text) for word in ("会馆", "川西"))
    assert rare > common, "a rare word counts more (and stands in the title)"
    counts = {group.type: group.count for group in find(boss.actor, SearchRequest("川西")).groups}
    assert counts == {CUSTOMER: 6, OPPORTUNITY: 1}
    assert deal

    client = sign_in(Client(), boss)
    for text in ("川西", "川西", "南极"):
        client.get("/search", {"q": text})
    report = re.sub(r"<[^>]+>", " ", client.get("/settings/search/report").content.decode())
    assert ("川西" in report, "南极" in report) == (True, True)
    in_vain = client.get("/settings/search/report", {"show": "in_vain"}).content.decode()
    assert ("南极" in in_vain, ">川西<" in in_vain) == (True, False)


@pytest.mark.req("SRH-04", part="suggestions while typing, from one character")
@pytest.mark.req("SRH-06", part="suggestions, ways on")
def test_the_page_suggests_says_why_keeps_searches_and_leads_on_from_nothing(
    five: dict[str, int], member_factory: MemberFactory, sign_in: SignIn
) -> None:
    boss, seller = member_factory("admin", name="周敏"), member_factory("sales", name="李思源")
    staff.saved(CUSTOMER, name="锦江酒店", owner=seller.pk, remark="靠窗座位")
    _indexed()
    client, other = sign_in(Client(), boss), sign_in(Client(), seller)

    def text(answer: object) -> str:
        return re.sub(r"<[^>]+>", "", answer.content.decode())  # type: ignore[attr-defined]

    client.get("/search", {"q": "川西能源"})
    client.post("/shortcuts", {"do": "add", "url": "/search?q=%E5%B7%9D%E8%A5%BF&sort=newest", "title": "川西最近"})
    one = client.get("/search/suggest", {"q": "川"})
    assert all(said in text(one) for said in ("川西最近", "存过的搜索", "川西能源", "最近搜过", "川西0号"))
    assert text(other.get("/search/suggest", {"q": "川"})).strip() == ""
    assert "VIP客户" in text(client.get("/search/suggest", {"q": "v"}))
    assert "周敏" in text(client.get("/search/suggest", {"q": "周"}))
    client.cookies["kz_seen"] = f"{CUSTOMER}:{five['vip']},nonsense:1,{CUSTOMER}:x"
    assert "川西2号" in text(client.get("/search/suggest", {"q": "c"}))
    assert "川西2号" in text(client.get("/palette", {"q": "川", "results": "1"}))

    page = client.get("/search?q=%E5%B7%9D%E8%A5%BF&sort=newest").content.decode()
    assert ("已存" in page, "川西最近" in page) == (True, True)
    why = client.get(f"/r/{CUSTOMER}/{five['vip']}/why", {"q": "川西"}, headers={"HX-Request": "true"})
    assert "“川西”在客户名称里" in text(why)
    assert other.get(f"/r/{CUSTOMER}/{five['vip']}/why", {"q": "川西"}).status_code == 404

    nothing = client.get("/search", {"q": "锦江 火星", "since": "7"}).content.decode()
    assert re.findall(r'href="([^"]+)" data-way>.*?>(不[^<]+)<.*?(\d+) 条', nothing) == [
        ("?q=%E9%94%A6%E6%B1%9F&amp;since=7", "不要“火星”", "1")
    ]
    new = client.get("/search", {"q": "锦江 火星"}).content.decode()
    assert f"/quick/{CUSTOMER}?name=%E9%94%A6%E6%B1%9F+%E7%81%AB%E6%98%9F" in new
    elsewhere = client.get("/search", {"q": "锦江", "kind": OPPORTUNITY}).content.decode()
    assert re.findall(r'data-elsewhere>.*?kz-ell">([^<]+)<.*?(\d+) 条', elsewhere) == [("客户", "1")]
    assert "data-close" in client.get("/search", {"q": "金江酒店"}).content.decode()
    filtered = client.get("/search", {"category": f"{CUSTOMER}:vip"}).content.decode()
    assert filtered.count("<article") == 1


@pytest.mark.req("SRH-06", part="field permission: the day of the last change")
@pytest.mark.parametrize("indexed", [True, False], ids=["index", "database"])
def test_whoever_is_not_shown_the_last_change_is_not_told_by_order_filter_or_count(
    five: dict[str, int], indexed: bool
) -> None:
    since = timezone.localdate() - timedelta(days=6)
    boss = staff.member("周敏", "admin")
    RoleField.objects.create(role_id=role_pk("reader"), type=CUSTOMER, field="changed_at", level="hide")
    shape.bump()
    if not indexed:
        engine().remove(current())

    for actor, lately in ((staff.again(boss), 1), (_reader(five), 0)):
        assert len(find(actor, SearchRequest("川西")).hits) == 5
        found = find(actor, SearchRequest("川西", since=since))
        assert (len(found.hits), found.total) == (lately, lately)
        newest, oldest = (
            [hit.pk for hit in find(actor, SearchRequest("川西", sort=sort)).hits] for sort in ("newest", "oldest")
        )
        assert (newest[0] == five["lately"] == oldest[-1]) is bool(lately)
        assert (newest == oldest) is not bool(lately)
        if indexed:
            assert next(facet.count for facet in find(actor, SearchRequest("川西")).dates) == lately
            assert ("改动过" in str(_why(actor, "川西", five["lately"]))) is bool(lately)

"""Searching in a company: kinds, rights, facets, excerpts; what may not be seen is neither found nor counted."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from kezhou import records
from kezhou.access.actor import Actor, MemberActor
from kezhou.access.policy import Policy
from kezhou.finding import SearchRequest, SearchResult, find
from kezhou.records.spec import Level
from search import freshness, keeping
from search.engines import engine
from tenants.context import Current, NoTenant, within
from tests.search import staff
from tests.search.staff import CONTACT, CUSTOMER, OPPORTUNITY, SYSTEM

pytestmark = pytest.mark.usefixtures("company")


def _indexed() -> None:
    keeping.rebuild(engine())
    freshness.beat(engine(), 0.0)


def _find(text: str, actor: Actor = SYSTEM, **more: object) -> SearchResult:
    return find(actor, SearchRequest(text, **more))  # type: ignore[arg-type]  # parameters are passed through


def _pks(result: SearchResult) -> set[tuple[str, int]]:
    return {(hit.type, hit.pk) for hit in result.hits}


@pytest.mark.req("SRH-09", part="kind, title, excerpt, owner, date, counts")
def test_hits_show_kind_title_excerpt_owner_and_date() -> None:
    seller = staff.member("周敏", "sales")
    pk = staff.saved(CUSTOMER, name="川西能源集团", owner=seller.member_pk, remark="客户希望航变时改签到早班机")
    staff.saved(CONTACT, name="刘浩功", customer=pk, mobile="13812345678")
    staff.saved(OPPORTUNITY, name="年会 <b>", customer=pk)
    _indexed()

    result = _find("川西")

    assert [(group.type, group.title, group.count) for group in result.groups] == [
        (CUSTOMER, "客户", 1), (OPPORTUNITY, "销售机会", 1), (CONTACT, "联系人", 1),
    ]  # fmt: skip
    first = result.hits[0]
    assert (first.type, first.pk, first.kind, first.title, first.owner) == (
        CUSTOMER,
        pk,
        "客户",
        "川西能源集团",
        "周敏",
    )
    assert first.heading == "<mark>川西</mark>能源集团"
    assert first.date is not None
    assert timezone.now() - first.date < datetime.timedelta(minutes=5)
    assert result.notice == ""
    assert (result.total, result.pages) == (3, 1)
    excerpt = _find("改签").hits[0].excerpts[0]
    assert (excerpt.label, excerpt.text) == ("备注", "客户希望航变时<mark>改签</mark>到早班机")
    assert _find("年会").hits[0].heading == "<mark>年会</mark> &lt;b&gt;"


@pytest.mark.parametrize(
    "text", ["13812345678", "138 1234 5678", "5678", "345678", "lhg", "liuhaogong", "劉浩功", "浩功"]
)
def test_a_contact_is_found_by_telephone_tails_and_spellings(text: str) -> None:
    customer = staff.saved(CUSTOMER, name="川西能源")
    pk = staff.saved(CONTACT, name="刘浩功", customer=customer, mobile="138-1234-5678")
    _indexed()

    assert _pks(_find(text)) == {(CONTACT, pk)}


def test_a_record_is_found_by_its_number() -> None:
    pk = staff.saved(CUSTOMER, name="川西能源")
    number = str(records.get(SYSTEM, CUSTOMER, pk).values["number"])
    _indexed()

    assert _pks(_find(number)) == {(CUSTOMER, pk)}
    assert _pks(_find(number.lower().replace("-", ""))) == {(CUSTOMER, pk)}


@pytest.mark.req("SRH-06", part="own and department scope, change of owner and role")
def test_a_seller_finds_only_own_records_in_hits_and_counts() -> None:
    mine, other = staff.member("周敏", "sales"), staff.member("罗欣", "sales")
    own = staff.saved(CUSTOMER, name="川西能源", owner=mine.member_pk)
    staff.saved(CUSTOMER, name="川西航空", owner=other.member_pk)
    _indexed()

    result = _find("川西", mine)

    assert _pks(result) == {(CUSTOMER, own)}
    assert result.total == 1
    assert [(group.type, group.count) for group in result.groups] == [(CUSTOMER, 1)]
    assert [(facet.title, facet.count) for facet in result.owners] == [("周敏", 1)]
    assert [facet.count for facet in result.dates] == [1, 1, 1]


@pytest.mark.req("SRH-06", part="own and department scope, change of owner and role")
def test_a_change_of_owner_hides_the_hit_before_the_index_knows() -> None:
    mine, other = staff.member("周敏", "sales"), staff.member("罗欣", "sales")
    pk = staff.saved(CUSTOMER, name="川西能源", owner=mine.member_pk)
    _indexed()

    records.save(SYSTEM, CUSTOMER, [{"pk": pk, "owner": other.member_pk}], source="system").demand()

    assert _pks(_find("川西", staff.again(mine))) == set()
    assert _find("川西", staff.again(mine)).total == 0


@pytest.mark.req("SRH-06", part="own and department scope, change of owner and role")
def test_a_change_of_role_acts_at_once() -> None:
    from kezhou.access.roles import role_pk, set_roles

    mine = staff.member("周敏", "sales")
    pk = staff.saved(CUSTOMER, name="川西能源")
    _indexed()
    assert _pks(_find("川西", mine)) == set()

    set_roles(mine.member_pk, [role_pk("reader")])

    assert _pks(_find("川西", staff.again(mine))) == {(CUSTOMER, pk)}


def test_a_member_without_a_role_finds_nothing() -> None:
    nobody = staff.member("新人")
    staff.saved(CUSTOMER, name="川西能源")
    _indexed()

    result = _find("川西", nobody)

    assert (result.hits, result.total, result.groups, result.owners) == ((), 0, (), ())


def test_the_name_of_a_linked_record_that_may_not_be_seen_finds_nothing() -> None:
    mine, other = staff.member("周敏", "sales"), staff.member("罗欣", "sales")
    hidden = staff.saved(CUSTOMER, name="秘密客户", owner=other.member_pk)
    chance = staff.saved(OPPORTUNITY, name="年会", customer=hidden, owner=mine.member_pk)
    _indexed()

    assert _pks(_find("年会", mine)) == {(OPPORTUNITY, chance)}
    assert (_pks(_find("秘密", mine)), _find("秘密", mine).total, _find("秘密", mine).groups) == (set(), 0, ())
    assert _pks(_find("秘密", other)) == {(CUSTOMER, hidden)}


def test_a_linked_record_that_may_be_seen_helps_to_find() -> None:
    mine = staff.member("周敏", "sales")
    customer = staff.saved(CUSTOMER, name="川西能源", owner=mine.member_pk)
    chance = staff.saved(OPPORTUNITY, name="年会", customer=customer, owner=mine.member_pk)
    _indexed()

    assert _pks(_find("川西", mine)) == {(CUSTOMER, customer), (OPPORTUNITY, chance)}


@pytest.mark.req("SRH-09", part="filter by kind, owner, department, date; pages")
def test_filters_and_facets_that_follow_the_other_filters() -> None:
    south = staff.department("华南")
    shenzhen = staff.department("深圳", south)
    one, two = staff.member("周敏", "manager", department=south), staff.member("罗欣", "manager", department=shenzhen)
    a = staff.saved(CUSTOMER, name="川西能源", owner=one.member_pk)
    b = staff.saved(CUSTOMER, name="川西航空", owner=two.member_pk)
    c = staff.saved(OPPORTUNITY, name="川西年会", customer=a, owner=one.member_pk)
    _indexed()

    kinds = _find("川西", kinds=(OPPORTUNITY,))
    owner = _find("川西", owner=(two.member_pk,))
    below = _find("川西", department=(south,))
    only = _find("川西", department=(shenzhen,))

    assert _pks(kinds) == {(OPPORTUNITY, c)}
    assert {(g.type, g.count) for g in kinds.groups} == {(CUSTOMER, 2), (OPPORTUNITY, 1)}
    assert _pks(owner) == {(CUSTOMER, b)}
    assert {(f.title, f.count) for f in owner.owners} == {("周敏", 2), ("罗欣", 1)}
    assert _pks(below) == {(CUSTOMER, a), (CUSTOMER, b), (OPPORTUNITY, c)}
    assert _pks(only) == {(CUSTOMER, b)}
    assert {(f.title, f.count) for f in below.departments} == {("华南", 3), ("深圳", 1)}
    today = timezone.localdate()
    assert _find("川西", since=today).total == 3
    assert _find("川西", until=today - datetime.timedelta(days=1)).total == 0


@pytest.mark.req("SRH-09", part="filter by kind, owner, department, date; pages")
def test_every_page_of_hits_is_reachable() -> None:
    wanted = {(CUSTOMER, staff.saved(CUSTOMER, name=f"川西{number}号店")) for number in range(25)}
    _indexed()

    pages = [_find("川西", page=page, size=10) for page in (1, 2, 3, 4)]

    assert [len(page.hits) for page in pages] == [10, 10, 5, 0]
    assert {key for page in pages for key in _pks(page)} == wanted
    assert {page.total for page in pages} == {25}
    assert pages[0].pages == 3


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_hits_sort_by_the_last_change(sort: str) -> None:
    pks = [staff.saved(CUSTOMER, name=f"川西{number}号店") for number in range(3)]
    _indexed()

    found = [hit.pk for hit in _find("川西", sort=sort).hits]

    assert found in (pks, pks[::-1]) or set(found) == set(pks)


@pytest.mark.parametrize("wrong", [{"page": 0}, {"size": 0}, {"size": 101}, {"page": 1001, "size": 10}, {"sort": "x"}])
def test_a_request_out_of_bounds_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"。$"):
        SearchRequest("川西", **wrong)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.req("SRH-11", part="text and choice, marked and unmarked")
def test_own_fields_marked_searchable_are_found_with_option_labels() -> None:
    from kezhou.records import custom

    text = custom.add_field(SYSTEM, CUSTOMER, label="品牌故事", kind="text", searchable=True)
    plain = custom.add_field(SYSTEM, CUSTOMER, label="内部代号", kind="text")
    grade = custom.add_field(
        SYSTEM, CUSTOMER, label="酒店星级", kind="choice", searchable=True, options=[{"label": "铂金白鹭"}]
    )
    key = _field(grade.key).options[0].key
    pk = staff.saved(CUSTOMER, name="甲公司", **{text.key: "源于青城山", plain.key: "灰狼计划", grade.key: key})
    _indexed()

    assert _pks(_find("青城山")) == {(CUSTOMER, pk)}
    assert _pks(_find("白鹭")) == {(CUSTOMER, pk)}
    assert _pks(_find("灰狼")) == set()

    custom.change_field(SYSTEM, CUSTOMER, plain.key, searchable=True)
    assert keeping.follow_fields(engine()) == (CUSTOMER,)

    assert _pks(_find("灰狼")) == {(CUSTOMER, pk)}
    assert keeping.follow_fields(engine()) == ()


def _field(key: str) -> records.spec.FieldSpec:  # type: ignore[name-defined]  # a submodule
    return next(f for f in records.fields_for(CUSTOMER, SYSTEM, "read") if f.key == key)


def test_a_switched_off_plugin_vanishes_at_once_and_comes_back(company: Current) -> None:
    customer = staff.saved(CUSTOMER, name="川西能源")
    chance = staff.saved(OPPORTUNITY, name="川西年会", customer=customer)
    _indexed()

    staff.off("sales")

    assert _pks(_find("川西")) == {(CUSTOMER, customer)}
    assert [group.type for group in _find("川西").groups] == [CUSTOMER]
    staff.plugins()
    assert _pks(_find("川西")) == {(CUSTOMER, customer), (OPPORTUNITY, chance)}


@pytest.mark.req("SRH-08", part="the database answers with a notice")
@pytest.mark.parametrize("text", ["川西", "川西 能源", "西能", "川西能源"])
def test_without_an_index_the_database_answers_with_a_notice(text: str) -> None:
    mine, other = staff.member("周敏", "sales"), staff.member("罗欣", "sales")
    own = staff.saved(CUSTOMER, name="川西能源", owner=mine.member_pk)
    staff.saved(CUSTOMER, name="川西能源二厂", owner=other.member_pk)

    result = _find(text, mine)

    assert result.notice.startswith("全文搜索暂时不可用")
    assert _pks(result) == {(CUSTOMER, own)}
    assert (result.total, [(g.type, g.count) for g in result.groups]) == (1, [(CUSTOMER, 1)])
    assert "<mark>" in result.hits[0].heading


@pytest.mark.req("SRH-08", part="the database answers with a notice")
def test_a_silent_indexer_is_told(search_folder: object) -> None:
    staff.saved(CUSTOMER, name="川西能源")
    keeping.rebuild(engine())

    assert _find("川西").notice == "索引程序没有运行，最近的改动可能还没出现。"
    freshness.beat(engine(), 90.0)
    assert _find("川西").notice == "搜索正在追赶，最近 90 秒的改动可能还没出现。"
    freshness.beat(engine(), 0.0)
    assert _find("川西").notice == ""


def test_an_index_to_which_nothing_waits_is_as_fresh_as_its_indexer_however_old_the_last_write(
    search_folder: object,
) -> None:
    staff.saved(CUSTOMER, name="川西能源")
    keeping.rebuild(engine())
    built = timezone.now()
    freshness.beat(engine(), 0.0)

    told = _find("川西").indexed_at
    assert told is not None
    assert told >= built
    freshness.beat(engine(), 3600.0)
    behind = _find("川西").indexed_at
    assert behind is not None
    assert behind < built
    assert built - behind < datetime.timedelta(minutes=10)


@pytest.mark.req("SRH-12")
def test_a_check_finds_and_repairs_differences_and_a_rebuild_interrupts_nobody() -> None:
    kept = staff.saved(CUSTOMER, name="川西能源")
    gone = staff.saved(CUSTOMER, name="川西航空")
    _indexed()
    records.save(SYSTEM, CUSTOMER, [{"pk": kept, "name": "川南能源"}], source="system").demand()
    records.delete(SYSTEM, CUSTOMER, [gone], source="system")
    new = staff.saved(CUSTOMER, name="川北能源")

    found = keeping.check(engine(), repair=False)
    keeping.check(engine(), repair=True)

    assert (found.missing, found.outdated, found.surplus) == (1, 1, 1)
    assert keeping.check(engine(), repair=False).right
    assert _pks(_find("能源")) == {(CUSTOMER, kept), (CUSTOMER, new)}
    assert _pks(_find("川西")) == set()

    rest = keeping.check(engine(), repair=False)
    with engine().rebuild([]):
        assert _pks(_find("能源")) == {(CUSTOMER, kept), (CUSTOMER, new)}, "the live index answers meanwhile"
    assert rest.right
    assert _pks(_find("能源")) == set(), "the new one, made empty on purpose, is in its place"
    keeping.rebuild(engine())
    assert _pks(_find("能源")) == {(CUSTOMER, kept), (CUSTOMER, new)}


@pytest.mark.req("SRH-07", part="no tenant no data")
def test_searching_without_a_tenant_is_an_error() -> None:
    with within(None), pytest.raises(NoTenant):
        _find("川西")


def test_a_renamed_customer_is_found_at_its_contacts() -> None:
    customer = staff.saved(CUSTOMER, name="旧名公司")
    chance = staff.saved(OPPORTUNITY, name="年会", customer=customer)
    _indexed()
    records.save(SYSTEM, CUSTOMER, [{"pk": customer, "name": "新名公司"}], source="system").demand()

    keeping.apply(engine(), {CUSTOMER: {customer}})

    assert _pks(_find("新名")) == {(CUSTOMER, customer), (OPPORTUNITY, chance)}
    assert _pks(_find("旧名")) == set()


@pytest.mark.parametrize("rows", [3, 30])
def test_the_number_of_statements_does_not_grow_with_hits(django_assert_num_queries: Any, rows: int) -> None:
    seller = staff.member("周敏", "sales")
    for number in range(rows):
        staff.saved(CUSTOMER, name=f"川西{number}号店", owner=seller.member_pk)
    _indexed()
    _find("川西", seller, size=50)

    with django_assert_num_queries(2):  # records with the titles of their links, names in the facets
        assert len(_find("川西", seller, size=50).hits) == rows


class _Veiled:
    """A member whose policy shows some fields of customers less than the role does."""

    def __init__(self, member: MemberActor, **levels: Level) -> None:
        self._member = member
        self._levels = levels

    def __getattr__(self, name: str) -> Any:
        return getattr(self._member, name)

    def policy(self, type_key: str) -> Policy:
        policy = self._member.policy(type_key)
        return replace(policy, levels={**policy.levels, **self._levels}) if type_key == CUSTOMER else policy


@pytest.mark.req("SRH-06", part="field permission")
@pytest.mark.parametrize("level", [Level.HIDE, Level.MASK])
def test_a_field_that_may_not_be_seen_is_not_searched(level: Level) -> None:
    reader = staff.member("周敏", "reader")
    pk = staff.saved(CUSTOMER, name="川西能源", phone="02885331234", remark="密谈收购", owner=reader.member_pk)
    _indexed()
    assert _pks(_find("收购", reader)) == _pks(_find("02885331234", reader)) == {(CUSTOMER, pk)}

    body, code, owner = _Veiled(reader, remark=level), _Veiled(reader, phone=level), _Veiled(reader, owner=level)

    for actor, word in ((body, "收购"), (code, "02885331234"), (code, "1234")):
        hidden = _find(word, actor)
        assert (hidden.hits, hidden.total, hidden.groups) == ((), 0, ())
    assert _pks(_find("川西", body)) == {(CUSTOMER, pk)}
    assert "收购" not in str(_find("川西", body))
    veiled = _find("川西", owner)
    assert (veiled.hits[0].owner, veiled.hits[0].owner_pk, veiled.owners) == ("", None, ())
    assert _find("川西", owner, owner=(reader.member_pk,)).total == 0


@pytest.mark.req("SRH-09", part="filter by class")
def test_hits_are_filtered_and_counted_by_class() -> None:
    options = _field("category").options
    vip, other = options[0], options[1]
    a = staff.saved(CUSTOMER, name="川西能源", category=vip.key)
    staff.saved(CUSTOMER, name="川西航空", category=other.key)
    staff.saved(CUSTOMER, name="川西铁路")
    staff.saved(OPPORTUNITY, name="川西年会", customer=a)
    asked = f"{CUSTOMER}:{vip.key}"
    plain = _find("川西", category=(asked,))
    assert plain.notice
    assert _pks(plain) == {(CUSTOMER, a)}
    _indexed()

    chosen = _find("川西", category=(asked,))

    assert _pks(chosen) == {(CUSTOMER, a)}
    assert {(f.value, f.title, f.count) for f in chosen.categories} == {
        (asked, str(vip.label), 1), (f"{CUSTOMER}:{other.key}", str(other.label), 1),
    }  # fmt: skip
    assert {(g.type, g.count) for g in chosen.groups} == {(CUSTOMER, 1)}

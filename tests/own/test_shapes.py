"""States, line items and numbers of a tenant-made type work as those of a declared one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client

from kezhou import records
from kezhou.access import roles
from kezhou.access.actor import Actor
from kezhou.records import ListRequest, custom, indexing
from kezhou.records.fields import FieldError
from kezhou.records.lines.reading import line_tables
from kezhou.records.models import CustomField
from kezhou.records.own import defining, stating
from kezhou.records.own.defining import OwnTypeError
from kezhou.records.spec import RecordNotFound
from kezhou.testing.access import MemberFactory, Person
from tests.own import making
from tests.own.making import Made


@pytest.fixture
def whole(system: Actor) -> Made:
    return making.whole(system)


def states(system: Actor, made: Made) -> dict[str, str]:
    """State keys by label."""
    return {str(o.label): o.key for o in records.type_of(system, made.key).by_key[made.fields["state"]].options}


def test_a_new_record_begins_in_the_first_state_with_a_number(system: Actor, whole: Made) -> None:
    pk = records.save(system, whole.key, [{"name": "会议用投影"}]).pk

    values = records.get(system, whole.key, pk).values

    assert values[whole.fields["state"]] == states(system, whole)["申请"]
    assert values["number"].startswith("SB")


def test_only_the_moves_that_are_allowed_and_only_with_what_they_need(system: Actor, whole: Made) -> None:
    key, state, until = whole.key, whole.fields["state"], whole.fields["until"]
    known = states(system, whole)
    pk = records.save(system, key, [{"name": "会议用投影"}]).pk

    skipped = records.save(system, key, [{"pk": pk, state: known["归还"], until: "2026-05-01"}])
    lent = records.save(system, key, [{"pk": pk, state: known["借出"]}])
    empty = records.save(system, key, [{"pk": pk, state: known["归还"]}])
    back = records.save(system, key, [{"pk": pk, state: known["归还"], until: "2026-05-01"}])

    assert [result.ok for result in (skipped, lent, empty, back)] == [False, True, False, True]
    assert empty.problems[0].field == until


def test_lines_are_saved_inside_their_record_in_order(system: Actor, whole: Made) -> None:
    key, lines = whole.key, whole.lines
    within = lines.partition(".")[2]
    assert whole.line_fields is not None
    price = whole.line_fields["price"]
    rows = [{"name": "投影仪", price: "200"}, {"name": "音箱", price: "80.5"}]

    pk = records.save(system, key, [{"name": "会议用投影", within: rows}]).pk

    (table,) = line_tables(system, records.get(system, key, pk))
    assert [(row.values["name"], row.values[price]) for row in table.rows] == [
        ("投影仪", 200),
        ("音箱", Decimal("80.5")),
    ]
    assert table.totals == {price: Decimal("280.5")}
    assert records.delete(system, key, [pk]).ok
    assert records.count(system, lines, ListRequest()) == 0
    assert records.restore(system, key, [pk]).ok
    assert records.count(system, lines, ListRequest()) == 2


def test_lines_follow_the_rights_of_their_record_and_have_no_menu(system: Actor, whole: Made, client: Client) -> None:
    assert records.type_of(system, whole.lines).hidden
    assert f'href="/r/{whole.lines}/"' not in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"initial": []}, "请至少选一个起始状态：新建的记录从这里开始。"),
        ({"field": "name"}, "请选择一个单选字段来放状态。"),
        ({"field": "c_999"}, "请选择一个单选字段来放状态。"),
        ({"moves": {}}, "没有哪一步能走到“借出”。请给它加一条来路，或先停用这个选项。"),
        ({"required": {"借出": ["c_999"]}}, "必填项里选的字段“c_999”现在不能用，可能刚被停用。请刷新后重选。"),
    ],
)  # fmt: skip
def test_states_that_do_not_fit_are_told(system: Actor, whole: Made, given: dict[str, object], sentence: str) -> None:
    known = states(system, whole)
    wanted = {
        "field": whole.fields["state"],
        "initial": [known["申请"]],
        "moves": {known["申请"]: [known["借出"]], known["借出"]: [known["归还"]]},
    } | given  # fmt: skip
    if "required" in given:
        wanted["required"] = {known["借出"]: ["c_999"]}

    with pytest.raises(OwnTypeError, match=sentence):
        stating.set_states(system, whole.key, **wanted)  # type: ignore[arg-type]


def test_hiding_the_field_of_states_only_stops_them(system: Actor, whole: Made) -> None:
    pk = records.save(system, whole.key, [{"name": "会议用投影"}]).pk

    custom.hide_field(system, whole.key, whole.fields["state"])

    assert records.type_of(system, whole.key).states is None
    assert records.save(system, whole.key, [{"pk": pk, "remark": "照样能改"}]).ok
    custom.show_field(system, whole.key, whole.fields["state"])
    assert records.type_of(system, whole.key).states is not None


def test_a_record_without_a_name_is_called_by_its_number(system: Actor) -> None:
    key = defining.make(system, defining.Basics(title="用车单"))
    with pytest.raises(OwnTypeError, match="用编号称呼记录时，编号要有前缀"):
        defining.set_number(system, key, "", "number")
    defining.set_number(system, key, "YC", "number")

    pk = records.save(system, key, [{"remark": "接机"}]).pk

    entry = records.get(system, key, pk)
    assert (entry.title, "name" in entry.values) == (entry.values["number"], False)
    assert entry.title.startswith("YC")


def test_renaming_under_an_open_form_loses_nothing(system: Actor, client: Client) -> None:
    plain = making.plain(system)
    custom.change_field(system, plain.key, plain.fields["country"], label="目的地")
    defining.change(system, plain.key, defining.Basics(title="签证材料"))

    answer = client.post(f"/r/{plain.key}/new", {"name": "王建国", plain.fields["country"]: "法国"})

    assert answer.status_code == 302
    assert records.page(system, plain.key, ListRequest(columns=("name",))).rows[0].texts == ["王建国"]


def test_no_more_than_the_plan_allows(system: Actor) -> None:
    from kezhou.access.entitlements import NotEntitled

    for number in range(5):
        defining.make(system, defining.Basics(title=f"对象{number}"))

    with pytest.raises(NotEntitled, match="可以有 5 种自定义对象，已有 5 种"):
        defining.make(system, defining.Basics(title="第六种"))


def test_twins_of_the_chosen_field_are_told(system: Actor) -> None:
    plain = making.plain(system)
    row = {"name": "王建国", plain.fields["country"]: "法国"}
    records.save(system, plain.key, [row]).demand()

    again = records.save(system, plain.key, [row])

    assert again.sentence == "已有名称相同的签证资料“王建国”。"


def test_a_wrong_value_of_a_link_rule_is_no_field(system: Actor) -> None:
    plain = making.plain(system)

    with pytest.raises(FieldError):
        custom.add_field(
            system, plain.key, label="上级", kind="link", target=plain.key, rules={"on_delete": "delete everything"}
        )


@pytest.mark.committed
def test_an_index_on_a_shared_table_holds_only_the_rows_of_its_type(system: Actor) -> None:
    mine, other = making.plain(system), making.plain(system, "护照资料")
    fee = mine.fields["fee"]
    custom.change_field(system, mine.key, fee, indexed=True)
    rows = [{"name": f"第{n}份", mine.fields["country"]: "法国", fee: n} for n in range(30)]
    records.save(system, mine.key, rows, twins="allow").demand()
    records.save(system, other.key, [{"name": "E1", other.fields["country"]: "中国"}]).demand()

    assert indexing.build_all() == (1, 0)

    name = indexing.index_of(CustomField.objects.get(pk=int(fee[2:]))).name
    assert indexing.is_valid(name)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(i.indpred, i.indrelid) FROM pg_index i WHERE i.indexrelid = to_regclass(%s)",
            [f'"{name}"'],
        )
        assert cursor.fetchone()[0] == f"(own_type = {mine.key[6:]})"
    assert records.type_of(system, mine.key).by_key[fee].indexed
    assert len(records.pks(system, mine.key, ListRequest(sort=(f"-{fee}",), filter=[fee, "gte", 10]))) == 20


def test_a_member_sees_and_writes_lines_as_the_record_they_are_in(
    system: Actor, whole: Made, boss: Person, member_factory: MemberFactory
) -> None:
    seller = member_factory("sales", name="陈嘉禾")
    with_grants = {"read": "own", "create": "all", "update": "own", "delete": "own", "import": "none", "export": "none"}
    roles.set_cells(roles.role_pk("sales"), {whole.key: with_grants})
    within = whole.lines.partition(".")[2]
    theirs = records.save(boss.actor, whole.key, [{"name": "老板的", within: [{"name": "音箱"}]}]).pk
    mine = records.save(seller.actor, whole.key, [{"name": "我的", within: [{"name": "投影仪"}]}]).pk

    (table,) = line_tables(seller.actor, records.get(seller.actor, whole.key, mine))
    listed = [row.title for row in records.page(seller.actor, whole.lines, ListRequest())]

    assert ([row.title for row in table.rows], listed) == (["投影仪"], ["投影仪"])
    with pytest.raises(RecordNotFound):
        records.get(seller.actor, whole.key, theirs)


def test_a_locked_state_keeps_the_record_and_its_lines(system: Actor, whole: Made) -> None:
    known, state, until = states(system, whole), whole.fields["state"], whole.fields["until"]
    stating.set_states(
        system, whole.key, field=state, initial=[known["申请"]], final=[known["归还"]], locked_in=[known["归还"]],
        moves={known["申请"]: [known["借出"]], known["借出"]: [known["归还"]]}, reasons={known["归还"]: "已归档。"},
    )  # fmt: skip
    within = whole.lines.partition(".")[2]
    pk = records.save(system, whole.key, [{"name": "借", within: [{"name": "音箱"}]}]).pk
    (table,) = line_tables(system, records.get(system, whole.key, pk))
    line = table.rows[0].pk
    for label in ("借出", "归还"):
        records.save(system, whole.key, [{"pk": pk, state: known[label], until: "2026-05-01"}]).demand()

    changed = records.save(system, whole.key, [{"pk": pk, "name": "改"}])
    deleted = records.delete(system, whole.key, [pk])
    line_deleted = records.delete(system, whole.lines, [line])

    assert changed.sentence == "已归档。"
    assert deleted.problems[0].sentence == "设备借用在“归还”时不能删除。"
    assert line_deleted.problems[0].code == "refused"

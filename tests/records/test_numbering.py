"""Numbers by the company's own rules: composed, counted, never given twice (NUM-01..03)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kezhou import records
from kezhou.access.actor import System
from kezhou.records import dictionaries
from kezhou.records.numbering import assigning, counting, setting
from kezhou.records.numbering.models import NumberCounter
from kezhou.records.numbering.rules import NumberingError, Part, Rule
from kezhou.records.spec import NotAllowed, Purpose
from kezhou.testing.access import MemberFactory
from tenants.context import Current
from tests.records.test_together import at_once

PROJECT = "testplugin.project"
TEXT, TIME, SERIAL, CATEGORY = Part("text", "XM-"), Part("time", "YYYYMM"), Part("serial", "3"), Part("category")


@pytest.fixture
def kinds(projects: None, system: System) -> dict[str, str]:
    """The dictionary of the project's kind with two values; key by label."""
    for label in ("机票", "会务"):
        dictionaries.add(system, "testplugin.kind", label)
    return {value.label: value.key for value in dictionaries.values(system, "testplugin.kind")}


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Puts the clock of numbering to another moment."""
    real = assigning.assign

    def put(now: datetime) -> None:
        monkeypatch.setattr("kezhou.records.writing.assign", lambda spec, fresh, _now: real(spec, fresh, now))

    return put


def numbers(actor: Any, *rows: dict[str, Any]) -> list[str]:
    given = [{"name": f"项目{n}", **row} for n, row in enumerate(rows or ({},))]
    saved = records.save(actor, PROJECT, given, twins="allow").demand()
    found = records.get_many(actor, PROJECT, saved.pks)
    return [found[pk].values["number"] for pk in saved.pks]


@pytest.mark.req("NUM-01", part="composition")
@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ((TEXT, TIME, SERIAL), ["XM-202605001", "XM-202605002"]),
        ((SERIAL, Part("text", "/"), Part("time", "YY")), ["001/26", "002/26"]),
        ((Part("time", "YYYYMMDDHHmmss"), Part("serial", "1")), ["202605061530001", "202605061530002"]),
        ((CATEGORY, Part("text", "."), SERIAL), ["JP.001", "HW.002"]),
    ],
    ids=["text-time-serial", "serial first", "to the second", "category"],
)
def test_a_number_is_composed_of_its_parts_in_their_order(
    parts: tuple[Part, ...], wanted: list[str], kinds: dict[str, str], system: System, moment: Any
) -> None:
    setting.set_rule(system, PROJECT, Rule(parts=parts, category_field="kind"))
    moment(datetime(2026, 5, 6, 7, 30, 0, tzinfo=UTC))

    assert numbers(system, {"kind": kinds["机票"]}, {"kind": kinds["会务"]}) == wanted


@pytest.mark.req("NUM-03", part="restart")
@pytest.mark.parametrize(
    ("restart", "pattern", "moments"),
    [
        ("never", "YYYY", [("2026-05-06", "1"), ("2026-05-07", "2"), ("2026-06-01", "3"), ("2027-01-01", "4")]),
        ("year", "YYYY", [("2026-05-06", "1"), ("2026-05-07", "2"), ("2026-06-01", "3"), ("2027-01-01", "1")]),
        ("month", "YYYYMM", [("2026-05-06", "1"), ("2026-05-07", "2"), ("2026-06-01", "1"), ("2027-01-01", "1")]),
        ("day", "YYYYMMDD", [("2026-05-06", "1"), ("2026-05-07", "1"), ("2026-06-01", "1"), ("2027-01-01", "1")]),
    ],
)
def test_the_serial_starts_anew_as_the_rule_says(
    restart: str, pattern: str, moments: list[tuple[str, str]], projects: None, system: System, moment: Any
) -> None:
    rule = Rule(parts=(Part("time", pattern), Part("text", "-"), Part("serial", "1")), restart=restart)
    setting.set_rule(system, PROJECT, rule)

    for day, serial in moments:
        moment(datetime.fromisoformat(f"{day}T04:00:00+00:00"))
        assert numbers(system)[0].partition("-")[2] == serial, day


@pytest.mark.req("NUM-03", part="restart")
def test_the_period_is_that_of_the_companys_clock(projects: None, system: System, moment: Any) -> None:
    setting.set_rule(system, PROJECT, Rule(parts=(Part("time", "YYYYMMDD"), SERIAL), restart="day"))
    moment(datetime(2026, 5, 6, 16, 0, tzinfo=UTC))  # midnight in Shanghai

    assert numbers(system) == ["20260507001"]


@pytest.mark.req("NUM-03", part="restart")
def test_each_category_counts_by_itself_and_may_have_a_rule_of_its_own(kinds: dict[str, str], system: System) -> None:
    air, meeting = kinds["机票"], kinds["会务"]
    setting.set_rule(
        system, PROJECT, Rule(parts=(CATEGORY, SERIAL), category_field="kind", per_category=True, codes={air: "A"})
    )

    assert numbers(system, {"kind": air}, {"kind": meeting}, {"kind": air}, {}) == ["A001", "HW001", "A002", "001"]

    setting.set_rule(system, PROJECT, Rule(parts=(Part("text", "M"), SERIAL), category_field="kind", category=meeting))
    assert numbers(system, {"kind": meeting}, {"kind": air}) == ["M001", "A003"]
    setting.remove_rule(system, PROJECT, meeting)
    assert numbers(system, {"kind": meeting}) == ["HW002"]


@pytest.mark.req("NUM-03")
def test_numbers_are_not_used_again_and_a_changed_rule_counts_for_new_records_only(
    projects: None, system: System
) -> None:
    rule = setting.set_rule(system, PROJECT, Rule(parts=(TEXT, SERIAL)))
    assert numbers(system, {}, {}) == ["XM-001", "XM-002"]
    (last,) = records.query(system, PROJECT).filter(number="XM-002")

    records.delete(system, PROJECT, [last.pk])
    records.purge(system, PROJECT, [last.pk])
    assert numbers(system) == ["XM-003"]

    rule = setting.set_rule(system, PROJECT, replace(rule, parts=(Part("text", "P/"), Part("serial", "5"))))
    assert numbers(system) == ["P/00004"]
    assert sorted(records.query(system, PROJECT).values_list("number", flat=True)) == ["P/00004", "XM-001", "XM-003"]
    assert list(setting.preview(records.type_of(system, PROJECT), rule)) == ["P/00005", "P/00006", "P/00007"]
    assert numbers(system) == ["P/00005"], "a preview takes nothing"

    setting.remove_rule(system, PROJECT)
    assert numbers(system)[0].startswith("P0"), "without a rule it is the prefix and the row's serial again"


@pytest.mark.req("NUM-01", part="without a rule people type it")
def test_where_people_give_the_number_it_is_asked_for_and_must_be_free(
    projects: None, system: System, member_factory: MemberFactory
) -> None:
    setting.set_rule(system, PROJECT, Rule(mode="manual"))
    person = member_factory(role="admin").actor

    missing = records.save(person, PROJECT, [{"name": "甲"}])
    first = records.save(person, PROJECT, [{"name": "甲", "number": "ＨＴ－１"}]).demand()
    twice = records.save(person, PROJECT, [{"name": "乙", "number": "HT－1"}])
    both = records.save(person, PROJECT, [{"name": "丙", "number": "HT-2"}, {"name": "丁", "number": "HT-2"}])

    assert "number" in {field.key for field in records.fields_for(PROJECT, person, Purpose.WRITE)}
    assert [(p.field, p.sentence) for p in missing.problems] == [("number", "请填写编号。")]
    assert records.get(person, PROJECT, first.pk).values["number"] == "HT－1"
    sentence = "编号“{}”已经用过，请换一个；用过的编号删除后也不再用。"
    assert [(p.field, p.sentence) for p in twice.problems] == [("number", sentence.format("HT－1"))]
    assert [(p.position, p.sentence) for p in both.problems] == [(1, sentence.format("HT-2"))]
    changed = records.save(person, PROJECT, [{"pk": first.pk, "number": "HT-3"}]).demand()
    back = records.save(person, PROJECT, [{"pk": first.pk, "number": "HT－1"}])
    assert (changed.saved[0].kind, back.ok) == ("changed", True), "its own former number is still its own"
    assert not records.save(person, PROJECT, [{"name": "乙", "number": "HT-3"}]).ok


@pytest.mark.req("NUM-01", part="locked; imports may bring numbers")
def test_with_a_rule_only_an_import_may_bring_a_number(
    projects: None, system: System, member_factory: MemberFactory
) -> None:
    setting.set_rule(system, PROJECT, Rule(parts=(TEXT, SERIAL)))
    person = member_factory(role="admin").actor

    typed = records.save(person, PROJECT, [{"name": "甲", "number": "XM-009"}])
    brought = records.save(person, PROJECT, [{"name": "乙", "number": "XM-002"}], source="import").demand()
    again = records.save(person, PROJECT, [{"name": "丙", "number": "XM-002"}], source="import")
    other = records.save(person, PROJECT, [{"pk": brought.pk, "number": "XM-009"}], source="import")

    assert [p.sentence for p in typed.problems] == ["你不能修改“编号”。"]
    assert (brought.ok, again.ok) == (True, False)
    assert [p.sentence for p in other.problems] == ["已有记录的编号不能由导入修改。"]
    assert numbers(person, {}, {}) == ["XM-001", "XM-003"], "the number that came from outside is left out"


@pytest.mark.req("NUM-03", part="unique")
def test_a_number_brought_from_outside_never_meets_the_prefix_and_serial(projects: None, system: System) -> None:
    pk = records.save(system, PROJECT, [{"name": "先"}]).pk
    ahead = f"P{pk + 2:06d}"
    records.save(system, PROJECT, [{"name": "外", "number": ahead}], source="import").demand()

    (made,) = numbers(system)

    assert made == f"{ahead}-{pk + 2}"


@pytest.mark.req("NUM-03", part="a batch")
@pytest.mark.parametrize("gapless", [True], ids=["gapless"])
def test_a_batch_takes_as_many_statements_as_one_record(projects: None, system: System, gapless: bool) -> None:
    setting.set_rule(system, PROJECT, Rule(parts=(TEXT, Part("serial", "6")), gapless=gapless))
    numbers(system)

    with CaptureQueriesContext(connection) as one:
        records.save(system, PROJECT, [{"name": "一"}])
    with CaptureQueriesContext(connection) as many:
        records.save(system, PROJECT, [{"name": f"多{n}"} for n in range(500)])

    assert len(one) == len(many)


def test_a_row_that_is_refused_leaves_no_gap(projects: None, system: System) -> None:
    setting.set_rule(system, PROJECT, Rule(parts=(TEXT, SERIAL)))

    records.save(system, PROJECT, [{"name": "甲", "code": "X"}, {"name": "乙", "code": "X"}])
    assert numbers(system) == ["XM-001"]
    kept = records.save(
        system, PROJECT, [{"name": "丙", "code": "Y"}, {"name": "丁", "code": "Y"}, {"name": "戊"}], on_error="skip"
    )

    assert [item.position for item in kept.saved] == [0, 2]
    assert sorted(records.query(system, PROJECT).values_list("number", flat=True)) == ["XM-001", "XM-002", "XM-003"]


@pytest.mark.parametrize(
    ("rule", "field", "sentence"),
    [
        (Rule(parts=(TEXT,)), "parts", "编号里要有一个流水号，也只能有一个，现在有 0 个。"),
        (Rule(parts=(SERIAL, SERIAL)), "parts", "编号里要有一个流水号，也只能有一个，现在有 2 个。"),
        (Rule(parts=(Part("serial", "99"),)), "parts", "流水号的位数应是 1 到 12，“99”不是。"),
        (Rule(parts=(Part("serial", "三"),)), "parts", "流水号的位数应是 1 到 12，“三”不是。"),
        (Rule(parts=(Part("time", "%x"), SERIAL)), "parts", "没有时间格式“%x”，请从列表里选。"),
        (Rule(parts=(Part("text", "\u202e"), SERIAL)), "parts", "固定文字要有 1 到 20 个字，“\u202e”不行。"),
        (Rule(parts=(Part("eval", "x"), SERIAL)), "parts", "编号里没有“eval”这种部分。"),
        (
            Rule(parts=(SERIAL,), restart="year"),
            "restart",
            "流水号要重新开始，编号里就得有年，否则会和以前的重号。请加上时间部分，或改为不重新开始。",
        ),
        (
            Rule(parts=(Part("time", "YYYY"), SERIAL), restart="day"),
            "restart",
            "流水号要重新开始，编号里就得有月，否则会和以前的重号。请加上时间部分，或改为不重新开始。",
        ),
        (
            Rule(parts=(SERIAL,), per_category=True, category_field="kind"),
            "per_category",
            "流水号按类别各自计数，编号里就得有类别编号，否则不同类别会重号。",
        ),
        (Rule(parts=(CATEGORY, SERIAL)), "category_field", "请选择按哪个选项字段取类别编号。"),
        (
            Rule(parts=(CATEGORY, SERIAL), category_field="kind", per_category=True, codes={"v1": "A", "v2": "A"}),
            "codes",
            "两个类别的编号都是“A”，各自计数时会重号，请改成不同的。",
        ),
        (
            Rule(parts=(Part("text", "一二三四五六七八九十一二三四五六七八九十"),) * 2 + (SERIAL,)),
            "parts",
            "这样的编号有 43 位，最多 40 位，请缩短。",
        ),
    ],
)
def test_a_rule_that_could_double_or_is_no_rule_is_refused(
    rule: Rule, field: str, sentence: str, kinds: dict[str, str], system: System
) -> None:
    with pytest.raises(NumberingError) as refused:
        setting.set_rule(system, PROJECT, rule)

    assert (refused.value.field, str(refused.value)) == (field, sentence)
    assert setting.rules_of(system, PROJECT) == ()


def test_of_two_administrators_the_second_is_told(
    projects: None, system: System, member_factory: MemberFactory
) -> None:
    first = setting.set_rule(system, PROJECT, Rule(parts=(SERIAL,)))
    setting.set_rule(system, PROJECT, replace(first, parts=(TEXT, SERIAL)))

    with pytest.raises(NumberingError, match="刚被别人改过"):
        setting.set_rule(system, PROJECT, replace(first, parts=(Part("text", "Z"), SERIAL)))
    with pytest.raises(NotAllowed):
        setting.set_rule(member_factory(role="sales").actor, PROJECT, Rule(parts=(SERIAL,)))


@pytest.mark.committed
@pytest.mark.req("NUM-03", part="50 writers at once, without gap or twin")
def test_fifty_writers_at_once_leave_neither_gap_nor_twin(projects: None, in_alpha: Current, system: System) -> None:
    setting.set_rule(system, PROJECT, Rule(parts=(Part("text", "G"), Part("serial", "3"))))

    def write(number: int) -> Any:
        if number % 10 == 9:  # some are rolled back after their number was taken
            with transaction.atomic():
                records.save(system, PROJECT, [{"name": f"不要{number}"}]).demand()
                transaction.set_rollback(True)
            return None
        return records.save(system, PROJECT, [{"name": f"要{number}-{m}"} for m in range(2)]).demand()

    at_once([lambda n=n: write(n) for n in range(50)])

    made = sorted(records.query(system, PROJECT).values_list("number", flat=True))
    assert made == [f"G{n:03d}" for n in range(1, 91)]


@pytest.mark.committed
@pytest.mark.req("NUM-03", part="fast")
def test_a_fast_counter_lets_nobody_wait_and_gives_no_twin(projects: None, in_alpha: Current, system: System) -> None:
    rule = setting.set_rule(system, PROJECT, Rule(parts=(Part("text", "F"), Part("serial", "3")), gapless=False))

    with transaction.atomic():
        records.save(system, PROJECT, [{"name": "还没提交"}]).demand()
        (beside,) = at_once([lambda: records.save(system, PROJECT, [{"name": "旁边的"}]).demand()])
        transaction.set_rollback(True)
    at_once([lambda n=n: records.save(system, PROJECT, [{"name": f"{n}"}]).demand() for n in range(8)])

    made = sorted(records.query(system, PROJECT).values_list("number", flat=True))
    assert beside.ok
    assert made == ["F002", *(f"F{n:03d}" for n in range(3, 11))], "F001 was rolled back: a gap, no twin"
    assert NumberCounter.objects.get().key == f"{rule.pk}::"
    counting._apart._close()


@pytest.mark.req("PLT-10", part="numbering")
def test_two_companies_count_apart(projects: None, system: System, in_alpha: Current) -> None:
    setting.set_rule(system, PROJECT, Rule(parts=(TEXT, SERIAL)))
    assert numbers(system) == ["XM-001"]
    assert len(setting.rules_of(system, PROJECT)) == 1


def test_rules_do_not_leave_their_company(in_beta: Current, plugins_on: Any) -> None:
    plugins_on("testplugin")
    assert setting.rules_of(System("other company"), PROJECT) == ()

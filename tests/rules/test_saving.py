"""Rules at save: the same answer whatever the source."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.test import Client

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.catalogue import shaped
from kezhou.records.rules import keeping
from kezhou.records.rules.declared import hide, options, readonly, refuse, require, show
from kezhou.records.rules.outcome import outcome
from kezhou.records.spec import NotAllowed
from kezhou.testing.access import MemberFactory, SignIn
from tests.rules.conftest import PROJECT, Make

BIG = ["kind", "eq", "big"]


def save(system: System, **values: Any) -> records.SaveResult:
    return records.save(system, PROJECT, [{"name": "甲", **values}], twins="allow")


@pytest.mark.req("FLD-08", part="require")
def test_a_field_is_demanded_while_the_condition_holds(system: System, make_rule: Make) -> None:
    make_rule(BIG, require("budget people"), title="大项目要预算")

    refused = save(system, kind="big", people=3)
    allowed = save(system, kind="small")
    later = records.save(system, PROJECT, [{"pk": allowed.pk, "kind": "big"}])
    elsewhere = records.save(system, PROJECT, [{"pk": allowed.pk, "remark": "别的字段"}])

    assert refused.errors() == {"budget": ("请填写预算。（规则：大项目要预算）",)}
    assert later.errors() == {key: (f"请填写{label}。（规则：大项目要预算）",) for key, label in
                              (("budget", "预算"), ("people", "人数"))}  # fmt: skip
    assert elsewhere.ok
    assert save(system, kind="big", budget=1, people=1).ok


def test_old_gaps_wait_until_somebody_edits_them(system: System, make_rule: Make) -> None:
    pk = save(system).pk
    records.save(system, PROJECT, [{"pk": pk, "kind": "big"}]).demand()
    make_rule(BIG, require("budget"))

    assert records.save(system, PROJECT, [{"pk": pk, "remark": "批量改备注"}]).ok
    assert not records.save(system, PROJECT, [{"pk": pk, "budget": ""}]).ok


@pytest.mark.req("FLD-08", part="show: hidden fields keep their values and are not demanded")
def test_hidden_fields_keep_values_and_are_not_demanded(system: System, make_rule: Make) -> None:
    make_rule(BIG, show("budget"), title="大项目才有预算")
    make_rule(["people", "gt", 10], require("budget"), title="人多要预算")

    pk = save(system, kind="big", people=20, budget=5).pk
    records.save(system, PROJECT, [{"pk": pk, "kind": "small"}]).demand()

    assert records.get(system, PROJECT, pk).values["budget"] == 5
    assert save(system, kind="small", people=20).ok, "hidden, so not demanded"
    assert not save(system, kind="big", people=20).ok


def test_a_required_field_of_the_type_that_is_hidden_is_not_demanded(system: System, make_rule: Make) -> None:
    from kezhou.records import custom

    make_rule(BIG, require("budget"))
    key = custom.add_field(system, PROJECT, label="必填的", kind="text", required=True).key
    make_rule(["urgent", "eq", True], hide(key))

    assert save(system, urgent=True).ok
    assert save(system, urgent=True, **{key: ""}).ok
    assert save(system, urgent=False).errors() == {key: ("请填写必填的。",)}
    pk = save(system, **{key: "有"}).pk
    assert records.save(system, PROJECT, [{"pk": pk, key: ""}]).errors() == {key: ("请填写必填的。",)}


@pytest.mark.req("FLD-08", part="read-only")
def test_a_locked_field_is_not_changed(system: System, make_rule: Make) -> None:
    make_rule(BIG, readonly("budget"), title="定了就不改")

    pk = save(system, kind="big", budget=5).pk
    refused = records.save(system, PROJECT, [{"pk": pk, "budget": 6}])
    same = records.save(system, PROJECT, [{"pk": pk, "budget": "5.00", "people": 2}])
    freed = records.save(system, PROJECT, [{"pk": pk, "kind": "small", "budget": 6}])
    closing = records.save(system, PROJECT, [{"pk": pk, "kind": "big", "budget": 7}])

    assert refused.errors() == {"budget": ("预算现在不能修改。（规则：定了就不改）",)}
    assert (same.ok, freed.ok, closing.ok) == (True, True, True)


@pytest.mark.req("FLD-08", part="option sets")
def test_options_are_narrowed(system: System, make_rule: Make) -> None:
    make_rule(["urgent", "eq", True], options("tags", "air car"), title="紧急只订票和车")
    make_rule(["people", "gt", 5], options("tags", "car hotel"), title="人多")

    refused = save(system, urgent=True, tags="机票,酒店")
    both = save(system, urgent=True, people=9, tags="机票")
    pk = save(system, tags="酒店").pk
    turned = records.save(system, PROJECT, [{"pk": pk, "urgent": True}])

    assert refused.errors() == {"tags": ("标签现在只能选：机票、用车，不能选“酒店”。（规则：紧急只订票和车）",)}
    assert both.errors() == {"tags": ("标签现在只能选：用车，不能选“机票”。（规则：人多）",)}
    assert not turned.ok
    assert save(system, urgent=True, tags="机票").ok


@pytest.mark.req("FLD-08", part="validation")
def test_a_save_is_refused_with_the_rules_own_sentence(system: System, make_rule: Make) -> None:
    make_rule(
        ["and", [BIG, ["budget", "lt", 1000]]], refuse("大项目的预算不能低于 1000。", "budget"), refuse("请先找主管。")
    )

    refused = save(system, kind="big", budget=999)

    assert refused.errors() == {"budget": ("大项目的预算不能低于 1000。",), "": ("请先找主管。",)}
    assert [problem.code for problem in refused.problems] == ["refused", "refused"]
    assert save(system, kind="big", budget=1000).ok


@pytest.mark.req("FLD-08", part="the same in API, import and page")
def test_every_source_hears_the_same(
    system: System, make_rule: Make, member_factory: MemberFactory, sign_in: SignIn
) -> None:
    make_rule(BIG, require("budget"), title="要预算")
    boss = member_factory("admin")
    client = sign_in(Client(), boss)
    sentence = "请填写预算。（规则：要预算）"

    api = client.post(
        f"/api/v1/{PROJECT}/", orjson.dumps({"name": "乙", "kind": "big"}), content_type="application/json"
    )
    form = client.post(f"/r/{PROJECT}/new", {"name": "丙", "kind": "big"})
    imported = records.save(boss.actor, PROJECT, [{"name": "丁", "kind": "大项目"}], source="import", on_error="skip")

    assert (api.status_code, sentence in api.content.decode()) == (400, True)
    assert (form.status_code, sentence in form.content.decode()) == (422, True)
    assert imported.errors() == {"budget": (sentence,)}


@pytest.mark.parametrize(
    ("when", "effects", "field", "sentence"),
    [
        (BIG, (), "effect-0", "请至少给一个结果：显示、必填、只读、限定选项或不许保存。"),
        (BIG, (require("nothing"),), "effect-0", "“测试项目”没有字段“nothing”。"),
        (BIG, (hide("budget"), require("budget")), "effect-0", "“预算”既隐藏又必填，自相矛盾，请去掉一个。"),
        (BIG, (readonly("budget"), require("budget")), "effect-0", "“预算”既只读又必填，自相矛盾，请去掉一个。"),
        (BIG, (hide("kind"),), "effect-0", "条件里用到的“类别”不能被同一条规则隐藏，否则再也改不回来。"),
        (BIG, (options("tags", ""),), "effect-0", "请至少留一个启用的选项，否则这个字段没法填。"),
        (BIG, (options("tags", "nothing"),), "effect-0", "请至少留一个启用的选项，否则这个字段没法填。"),
        (BIG, (options("name", "a"),), "effect-0", "“项目名称”不是选项字段。"),
        (BIG, (require("created_at"),), "effect-0", "“录入时间”由系统填写，不用也不能这样限制。"),
        (BIG, (refuse(""),), "effect-0", "请写明不许保存时说的话，1 到 200 个字。"),
        ([], (refuse("不行"),), "when", "没有条件的“不许保存”会让什么都存不了，请加条件。"),
        (["x", "eq", 1], (hide("budget"),), "when", "“测试项目”没有字段“x”。"),
        (["kind", "gt", 1], (hide("budget"),), "when", None),
        (["kind", "eq", "没有的"], (hide("budget"),), "when", None),
        (["customer.name", "eq", "甲"], (hide("budget"),), "when", "“测试项目”没有字段“customer.name”。"),
        (["any", "testplugin.task:project"], (hide("budget"),), "when", "规则的条件只能用测试项目自己的字段。"),
        (["owner", "in", ["my_departments_below"]], (hide("budget"),), "when", "规则里的“负责人”只能选具体的成员或“我”。"),
        ("{", (hide("budget"),), "when", None),
    ],
)  # fmt: skip
def test_senseless_rules_are_refused_at_their_place(
    make_rule: Make, when: Any, effects: Any, field: str, sentence: str | None
) -> None:
    with pytest.raises(keeping.RuleError) as refused:
        make_rule(when, *effects)

    assert refused.value.field == field
    assert sentence is None or str(refused.value) == sentence


def test_rules_that_contradict_each_other(system: System, make_rule: Make) -> None:
    make_rule(BIG, hide("budget"), title="藏")
    make_rule(["urgent", "eq", True], options("tags", "air"), title="只订票")

    with pytest.raises(keeping.RuleError, match="与规则“藏”条件相同而结果相反：“预算”既隐藏又必填"):
        make_rule(BIG, require("budget"))
    with pytest.raises(keeping.RuleError, match="与规则“只订票”条件相同而结果相反：“标签”一个选项也不剩"):
        make_rule(["urgent", "eq", True], options("tags", "car"))
    make_rule(["people", "gt", 3], require("budget"), title="要")
    spec = shaped(system).types[PROJECT]
    assert keeping.warnings(spec, spec.rules[-1]) == ("“预算”可能被规则“藏”隐藏，那时不要求填写。",)


def test_rules_are_switched_moved_and_removed(system: System, make_rule: Make, member_factory: MemberFactory) -> None:
    one, two = make_rule(BIG, require("budget"), title="一"), make_rule(BIG, require("people"), title="二")

    keeping.move(system, PROJECT, two, up=True)
    assert [kept.rule.title for kept in keeping.kept(system, PROJECT)] == ["二", "一"]
    keeping.switch(system, PROJECT, one, on=False)
    assert save(system, kind="big", people=1).ok
    keeping.switch(system, PROJECT, one, on=True)
    keeping.remove(system, PROJECT, two)
    assert save(system, kind="big").errors() == {"budget": ("请填写预算。（规则：一）",)}
    with pytest.raises(keeping.RuleError, match="没有这条规则"):
        keeping.remove(system, PROJECT, two)
    with pytest.raises(NotAllowed):
        keeping.kept(member_factory("sales").actor, PROJECT)


def test_a_rule_on_a_hidden_field_rests(system: System, make_rule: Make) -> None:
    from kezhou.records import custom

    key = custom.add_field(system, PROJECT, label="会停用", kind="text").key
    make_rule([key, "not_empty"], require("budget"), title="会失效")
    assert not save(system, **{key: "有"}).ok

    custom.hide_field(system, PROJECT, key)

    assert save(system, kind="big").ok
    assert keeping.kept(system, PROJECT)[0].broken.startswith("“测试项目”没有字段")


def test_statements_stay_the_same(system: System, make_rule: Make) -> None:
    from kezhou.testing.contract import statements

    save(system)
    before = statements(lambda: save(system, name="乙"))
    make_rule(BIG, require("budget"))
    save(system)

    assert statements(lambda: save(system, name="丙")) == before


def test_conditions_may_ask_for_the_member_who_saves(
    system: System, make_rule: Make, member_factory: MemberFactory
) -> None:
    boss = member_factory("admin")
    make_rule(["owner", "eq", "me"], require("budget"))
    spec = shaped(boss.actor).types[PROJECT]

    mine = outcome(boss.actor, spec, {"owner": boss.actor.member_pk})
    others = outcome(boss.actor, spec, {"owner": 10**6})

    assert (set(mine.required), set(others.required)) == ({"budget"}, set())

"""Links of own fields: what deleting does, filters both ways, and the list on the linked record's page."""

from __future__ import annotations

import pytest
from django.test import Client

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.records import ListRequest, custom
from kezhou.records.custom import CustomFieldError
from kezhou.records.fields import FieldError
from tests.own import making

CUSTOMER = "customers.customer"


def linked(system: Actor, on_delete: str) -> tuple[str, str, int, int]:
    """A customer, and a 签证资料 that points to it: type, link field, customer, record."""
    plain = making.plain(system)
    link = custom.add_field(
        system, plain.key, label="客户", kind="link", target=CUSTOMER, rules={"on_delete": on_delete}, searchable=True
    ).key
    customer = records.save(system, CUSTOMER, [{"name": "川西能源集团有限公司"}]).pk
    country = plain.fields["country"]
    pk = records.save(system, plain.key, [{"name": "王建国", country: "法国", link: customer}]).pk
    records.save(system, plain.key, [{"name": "李思源", country: "德国"}]).demand()
    return plain.key, link, customer, pk


def test_refuse_names_who_refers(system: Actor) -> None:
    key, _link, customer, _pk = linked(system, "refuse")

    result = records.delete(system, CUSTOMER, [customer])

    assert [problem.sentence for problem in result.problems] == [
        "客户“川西能源集团有限公司”还有 1 条签证资料，不能删除。请先处理它们。"
    ]
    assert [(each.type.key, each.count) for each in records.references(system, CUSTOMER, customer)] == [(key, 1)]


def test_clear_empties_the_link_and_tells_it_in_the_history(system: Actor) -> None:
    key, link, customer, pk = linked(system, "clear")

    assert records.delete(system, CUSTOMER, [customer]).ok

    assert records.get(system, key, pk).values[link] is None
    change = records.history(system, key, pk)[0]
    assert [(each.field.key, each.old, each.new) for each in change.fields] == [(link, customer, None)]


def test_keep_goes_on_showing_the_title(system: Actor) -> None:
    key, link, customer, pk = linked(system, "keep")

    assert records.delete(system, CUSTOMER, [customer]).ok

    assert records.get(system, key, pk).text(link) == "川西能源集团有限公司"
    assert records.references(system, CUSTOMER, customer) == ()


def test_an_unknown_word_for_deleting_is_refused(system: Actor) -> None:
    plain = making.plain(system)

    with pytest.raises((FieldError, CustomFieldError), match="“explode”不是其中之一"):
        custom.add_field(system, plain.key, label="客户", kind="link", target=CUSTOMER, rules={"on_delete": "explode"})


def test_filters_walk_the_link_both_ways(system: Actor) -> None:
    key, link, customer, pk = linked(system, "keep")
    records.save(system, CUSTOMER, [{"name": "锐进精密仪器有限公司"}]).demand()

    through = records.pks(system, key, ListRequest(filter=[f"{link}.name", "contains", "川西"]))
    pointing = records.pks(system, CUSTOMER, ListRequest(filter=["any", f"{key}:{link}"]))
    narrowed = records.pks(system, CUSTOMER, ListRequest(filter=["any", f"{key}:{link}", ["name", "eq", "李思源"]]))
    without = records.count(system, CUSTOMER, ListRequest(filter=["not", ["any", f"{key}:{link}"]]))

    assert (through, pointing, narrowed, without) == ([pk], [customer], [], 1)


def test_the_linked_record_lists_them_and_adds_in_place(system: Actor, client: Client) -> None:
    key, link, customer, _pk = linked(system, "keep")

    text = client.get(f"/r/{CUSTOMER}/{customer}").content.decode()

    assert "签证资料" in text
    assert "王建国" in text
    assert f"/quick/{key}?{link}={customer}" in text


def test_two_links_of_one_type_are_two_lists(system: Actor) -> None:
    key, link, _customer, _pk = linked(system, "keep")
    second = custom.add_field(system, key, label="付款客户", kind="link", target=CUSTOMER).key

    panels = [panel for panel in records.type_of(system, CUSTOMER).layout if panel.type == key]

    assert [(panel.link, str(panel.title)) for panel in panels] == [
        (link, "签证资料（客户）"),
        (second, "签证资料（付款客户）"),
    ]


def test_own_types_link_to_each_other_and_to_themselves(system: Actor) -> None:
    mine, other = making.plain(system), making.plain(system, "护照资料")
    up = custom.add_field(system, mine.key, label="上一份", kind="link", target=mine.key).key
    across = custom.add_field(system, mine.key, label="护照", kind="link", target=other.key).key
    country = mine.fields["country"]
    passport = records.save(system, other.key, [{"name": "E123", other.fields["country"]: "中国"}]).pk
    first = records.save(system, mine.key, [{"name": "甲", country: "法国", across: "E123"}]).pk
    second = records.save(system, mine.key, [{"name": "乙", country: "法国", up: "甲"}]).pk

    assert records.get(system, mine.key, first).values[across] == passport
    assert records.get(system, mine.key, second).text(up) == "甲"
    stranger = records.save(system, mine.key, [{"name": "丙", country: "法国", across: first}])
    assert stranger.sentence == "护照不存在，或者你无权使用它，请重新选择。"


def test_a_hidden_type_takes_its_links_along_and_brings_them_back(system: Actor) -> None:
    from kezhou.records.own import defining

    mine, other = making.plain(system), making.plain(system, "护照资料")
    across = custom.add_field(system, mine.key, label="护照", kind="link", target=other.key).key
    country = mine.fields["country"]
    passport = records.save(system, other.key, [{"name": "E123", other.fields["country"]: "中国"}]).pk
    pk = records.save(system, mine.key, [{"name": "甲", country: "法国", across: passport}]).pk

    defining.remove(system, other.key)
    without = records.get(system, mine.key, pk).values
    defining.restore(system, other.key)

    assert across not in without
    assert records.get(system, mine.key, pk).values[across] == passport

"""设置 › 编号规则 (NUM-01..03): the list of what has numbers, the editor, its preview and its sentences."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from kezhou import records
from kezhou.records import dictionaries
from kezhou.testing.access import Person
from tenants.context import Current, tenant

PAGE = "/settings/numbering/customers.customer"
CUSTOMER = "customers.customer"
RULE = {
    "mode": "rule", "kind": ["text", "time", "serial"], "was": ["text", "time", "serial"],
    "value": ["HT-", "YYYY", "3"], "restart": "year", "gapless": "1", "version": "0",
}  # fmt: skip


def preview(text: str) -> list[str]:
    found = re.search(r'kz-num-preview kz-num">(.*?)</p>', text, re.DOTALL)
    return re.findall(r"<span>(.*?)</span>", found[1]) if found else []


@pytest.mark.req("NUM-02", part="every type has its own rule")
def test_everything_that_has_numbers_is_listed_with_its_next_one(admin: Client, customers_on: None) -> None:
    text = admin.get("/settings/numbering").content.decode()

    assert "编号规则" in text
    assert 'href="/settings/numbering/customers.customer"' in text
    assert 'href="/settings/numbering/customers.contact"' in text
    assert "KH000001" in text
    assert "core.member" not in text
    assert admin.get("/settings/numbering/core.member").status_code == 404
    assert admin.get("/settings/numbering/no.such").status_code == 404


@pytest.mark.req("NUM-03", part="preview")
def test_the_editor_shows_what_comes_before_anything_is_saved(
    admin: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    shown = admin.post(PAGE, RULE)

    assert (shown.status_code, len(preview(shown.content.decode()))) == (200, 3)
    assert preview(shown.content.decode())[0].startswith("HT-20")
    assert preview(shown.content.decode())[0].endswith("001")
    moved = admin.post(PAGE, RULE | {"do": "up:2"})
    assert preview(moved.content.decode())[0].startswith("HT-001")
    fewer = admin.post(PAGE, RULE | {"do": "drop:0"})
    assert preview(fewer.content.decode())[0].startswith("20")
    more = admin.post(PAGE, RULE | {"do": "add:text"})
    assert "固定文字要有 1 到 20 个字" in more.content.decode()
    with tenant(alpha):
        assert records.type_of(administrator.actor, CUSTOMER).numbering == ()


@pytest.mark.req("NUM-01", part="the administrator composes the rule")
def test_a_saved_rule_numbers_the_next_record_and_can_be_taken_back(
    admin: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    assert admin.post(PAGE, RULE | {"do": "save"})["Location"] == PAGE

    with tenant(alpha):
        pk = records.save(administrator.actor, CUSTOMER, [{"name": "川西能源集团有限公司"}]).demand().pk
        number = records.get(administrator.actor, CUSTOMER, pk).values["number"]
    assert re.fullmatch(r"HT-20\d\d001", number)
    assert number[:-1] + "2" in admin.get("/settings/numbering").content.decode(), "the list shows the next one"

    admin.post(PAGE, {"mode": "default", "do": "save", "version": "1"})
    with tenant(alpha):
        assert records.type_of(administrator.actor, CUSTOMER).numbering == ()


@pytest.mark.req("NUM-01")
def test_parts_in_any_order_make_the_number_and_without_a_rule_people_type_it(
    admin: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    with tenant(alpha):
        vip = next(value.key for value in dictionaries.values(administrator.actor, "customers.category"))
    kinds = ["serial", "category", "text", "time"]
    rule = {
        "kind": kinds,
        "was": kinds,
        "value": ["4", "", "/", "YYYYMM"],
        "category_field": "category",
        f"code:{vip}": "DK",
    }

    def numbered(row: dict[str, str]) -> str:
        with tenant(alpha):
            pk = records.save(administrator.actor, CUSTOMER, [row]).demand().pk
            return str(records.get(administrator.actor, CUSTOMER, pk).values["number"])

    assert admin.post(PAGE, RULE | rule | {"do": "save"})["Location"] == PAGE
    made = [numbered({"name": "川西能源", "category": vip}), numbered({"name": "锦江商贸", "category": vip})]
    assert [re.sub(r"20\d{4}$", "YYYYMM", number) for number in made] == ["0001DK/YYYYMM", "0002DK/YYYYMM"]

    kinds = ["text", "serial"]
    admin.post(
        PAGE,
        RULE | {"kind": kinds, "was": kinds, "value": ["C", "2"], "restart": "never", "version": "1", "do": "save"},
    )
    assert numbered({"name": "岷江航旅", "category": vip}) == "C01"

    admin.post(PAGE, {"mode": "manual", "do": "save", "version": "2"})
    missing = admin.post(f"/r/{CUSTOMER}/new", {"name": "青城旅行社"}).content.decode()
    assert "请填写编号。" in missing
    assert numbered({"name": "青城旅行社", "number": "自编-7"}) == "自编-7"


def test_a_category_may_be_numbered_by_itself(
    admin: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    with tenant(alpha):
        value = dictionaries.values(administrator.actor, "customers.category")[0]
    address = f"{PAGE}?category={value.key}"
    assert value.label in admin.get(PAGE).content.decode()

    answer = admin.post(address, RULE | {"do": "save", "category_field": "category", "value": ["D", "YYYY", "2"]})

    assert answer["Location"] == address
    with tenant(alpha):
        rows = [{"name": "大客户有限公司", "category": value.key}, {"name": "别的有限公司"}]
        pks = records.save(administrator.actor, CUSTOMER, rows).demand().pks
        numbers = [records.get(administrator.actor, CUSTOMER, pk).values["number"] for pk in pks]
    assert (numbers[0][0], numbers[1][:2]) == ("D", "KH")


def test_where_people_type_it_the_form_asks_for_it(admin: Client, customers_on: None) -> None:
    assert 'name="number"' not in admin.get("/r/customers.customer/new").content.decode()

    admin.post(PAGE, {"mode": "manual", "do": "save", "version": "0"})

    assert 'name="number"' in admin.get("/r/customers.customer/new").content.decode()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"value": ["HT-", "YYYY", "0"]}, "流水号的位数应是 1 到 12，“0”不是。"),
        ({"value": ["HT-", "%s%n", "3"]}, "没有时间格式“%s%n”，请从列表里选。"),
        ({"restart": "day"}, "流水号要重新开始，编号里就得有月"),
        ({"restart": "<script>"}, "没有这种编号方式“rule”。"),
        ({"kind": ["text"], "was": ["text"], "value": ["<script>alert(1)</script>"]}, "编号里要有一个流水号"),
        ({"version": "7"}, "这条编号规则刚被别人改过"),
    ],
)
def test_what_cannot_be_is_told_and_stays_typed(
    wrong: dict[str, object], sentence: str, admin: Client, customers_on: None
) -> None:
    answer = admin.post(PAGE, RULE | wrong | {"do": "save"})

    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text
    assert "<script>alert" not in text
    assert '"HT-"' in text or "&lt;script&gt;" in text


def test_only_administrators_come_here(seller: Client, customers_on: None) -> None:
    assert seller.get("/settings/numbering").status_code == 403
    assert seller.post(PAGE, RULE | {"do": "save"}).status_code == 403

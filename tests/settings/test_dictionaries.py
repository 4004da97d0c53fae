"""Dictionaries: trees, dependent choices, defaults, merging, deleting, sheets (CFG-02, CFG-03, CFG-05)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kezhou import records
from kezhou.access.departments import fresh_tree
from kezhou.jobs.models import Job
from kezhou.records import custom, dictionaries, types, views
from kezhou.records.dictionaries import DictionaryError
from kezhou.records.dictionary import bulk, making, merging, uses
from kezhou.records.spec import NotAllowed
from kezhou.testing.access import Person
from tenants.context import Current, tenant

HERE = "/settings/dictionaries/customers.industry"
CUSTOMERS = "customers.customer"
INDUSTRY = "customers.industry"
RunJobs = Callable[[], list[Job]]

pytestmark = pytest.mark.usefixtures("customers_on")


def labels(found: tuple[dictionaries.Value, ...], depth: int | None = None) -> list[str]:
    return [value.label for value in found if depth is None or value.depth == depth]


def saved(person: Person, **values: object) -> dict[str, object]:
    pk = records.save(person.actor, CUSTOMERS, [{"name": "甲公司", **values}], twins="allow").demand().pk
    entry = records.get(person.actor, CUSTOMERS, pk)
    return {key: entry.values[key] for key in ("industry", "industry_detail")}


@pytest.mark.req("CFG-02")
def test_an_administrator_shapes_a_list_without_a_programmer(
    admin: Client, seller: Client, alpha: Current, administrator: Person
) -> None:
    here = "/settings/dictionaries/customers.source"
    new = "/r/customers.customer/new"

    admin.post(
        here,
        {"value": "new", "do": "save", "label": "小红书", "hue": "pink", "aliases": "小红书App、红书", "parent": ""},
    )
    admin.post(here, {"value": "referral", "do": "save", "label": "熟人介绍", "hue": "violet", "default": "1"})
    admin.post(here, {"value": "v1", "do": "up"})
    admin.post(here, {"value": "fax", "do": "disable"})
    admin.post(here, {"value": "other", "do": "disable"})

    with tenant(alpha):
        found = dictionaries.values(administrator.actor, "customers.source")
        assert labels(found)[-3:] == ["门户", "小红书", "其他"]
        kept = {value.key: value for value in found}
        assert (kept["v1"].hue, kept["v1"].aliases) == ("pink", ("小红书App", "红书"))
        assert [value.key for value in found if value.default] == ["referral"]
        made = records.save(administrator.actor, CUSTOMERS, [{"name": "默认来源"}]).demand().pk
        assert records.get(administrator.actor, CUSTOMERS, made).values["source"] == "referral"
        refused = records.save(administrator.actor, CUSTOMERS, [{"name": "停用来源", "source": "其他"}])
        assert refused.errors() == {"source": ("客户来源的选项“其他”已停用，请选择其他选项。",)}
    form = seller.get(new).content.decode()
    assert '<option value="referral" selected>熟人介绍</option>' in form
    assert "小红书" in form


@pytest.mark.req("CFG-03")
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"industry": "food", "industry_detail": "liquor"}, {"industry": "food", "industry_detail": "liquor"}),
        ({"industry_detail": "白酒"}, {"industry": "food", "industry_detail": "liquor"}),
        ({"industry": "糖酒食品", "industry_detail": "其他"}, {"industry": "food", "industry_detail": "food_other"}),
        ({"industry": "food"}, {"industry": "food", "industry_detail": None}),
    ],
)
def test_a_pair_is_kept_and_a_child_alone_brings_its_parent(
    alpha: Current, administrator: Person, given: dict[str, str], kept: dict[str, str | None]
) -> None:
    with tenant(alpha):
        assert saved(administrator, **given) == kept


@pytest.mark.req("CFG-03")
def test_two_that_do_not_belong_together_are_refused_at_their_place(
    alpha: Current, administrator: Person, admin: Client
) -> None:
    with tenant(alpha):
        save = records.save
        wrong = save(administrator.actor, CUSTOMERS, [{"name": "乙", "industry": "旅游", "industry_detail": "白酒"}])
        assert wrong.errors() == {
            "industry_detail": ("行业细分“白酒”属于行业“糖酒食品”，和“旅游”不配，请改其中一个。",)
        }
        unknown = save(administrator.actor, CUSTOMERS, [{"name": "乙", "industry": "白酒"}])
        assert list(unknown.errors()) == ["industry"]
        made = save(administrator.actor, CUSTOMERS, [{"name": "丙", "industry_detail": "白酒"}]).demand().pk
        later = save(administrator.actor, CUSTOMERS, [{"pk": made, "industry": "旅游"}])
        assert later.errors() == {"industry": ("行业改成“旅游”以后，行业细分“白酒”就不配了，请一起修改行业细分。",)}
        both = save(administrator.actor, CUSTOMERS, [{"pk": made, "industry": "旅游", "industry_detail": ""}])
        assert both.ok
    page = admin.get("/r/customers.customer/new").content.decode()
    assert '<option value="liquor" data-above="food">白酒</option>' in page
    assert 'data-follows="industry"' in page
    answer = admin.post(
        f"/api/v1/{CUSTOMERS}/",
        json.dumps({"name": "丁", "industry": "tourism", "industry_detail": "liquor"}),
        content_type="application/json",
    )
    assert answer.status_code in {400, 422}
    assert "属于行业“糖酒食品”" in answer.content.decode()


def test_a_value_switched_off_takes_what_is_below_it_along(alpha: Current, administrator: Person) -> None:
    with tenant(alpha):
        dictionaries.disable(administrator.actor, INDUSTRY, "food")

        fields = types(administrator.actor)[CUSTOMERS].by_key
        assert [o.enabled for o in fields["industry_detail"].options if o.parent == "food"] == [False] * 8
        refused = records.save(administrator.actor, CUSTOMERS, [{"name": "乙", "industry_detail": "白酒"}])
        assert refused.errors() == {"industry_detail": ("行业细分的选项“白酒”已停用，请选择其他选项。",)}


def test_a_tree_has_no_rings_no_sixth_level_and_one_name_once_under_a_value(
    alpha: Current, administrator: Person
) -> None:
    with tenant(alpha):
        actor, key = administrator.actor, ""
        for level in range(5):
            key = dictionaries.add(actor, INDUSTRY, f"第 {level} 级", parent=key)
        with pytest.raises(DictionaryError, match="最多 5 级"):
            dictionaries.add(actor, INDUSTRY, "第 5 级", parent=key)
        with pytest.raises(DictionaryError, match="自己或自己的下级"):
            dictionaries.change(actor, INDUSTRY, "food", parent="liquor")
        with pytest.raises(DictionaryError, match="已有名为“白酒”的值"):
            dictionaries.add(actor, INDUSTRY, "白酒", parent="food")
        dictionaries.add(actor, INDUSTRY, "白酒", parent="hotel")
        with pytest.raises(DictionaryError, match="没有上级“nowhere”"):
            dictionaries.add(actor, INDUSTRY, "别处", parent="nowhere")


@pytest.mark.req("CFG-02")
def test_two_values_become_one_with_history_and_can_be_parted_again(
    admin: Client, alpha: Current, administrator: Person, run_jobs: RunJobs
) -> None:
    here = "/settings/dictionaries/customers.source"
    with tenant(alpha):
        actor = administrator.actor
        made = (
            records.save(
                actor,
                CUSTOMERS,
                [{"name": f"第{n}家", "source": s} for n, s in enumerate(("internet", "phone", "internet"))],
            )
            .demand()
            .pks
        )
        views.save(actor, CUSTOMERS, title="网上来的", state=views.ViewState(filter=["source", "in", ["internet"]]))
    page = admin.get(f"{here}?value=internet&into=phone").content.decode()
    assert "会把 2 处“互联网”改成“电话”，1 个视图的条件照样有效" in page
    assert "合并 2 处" in page

    admin.post(f"{here}?value=internet", {"do": "merge", "value": "internet", "into": "phone"})
    with tenant(alpha):
        assert [job.state for job in run_jobs()] == ["done"]
        actor = administrator.actor
        assert [records.get(actor, CUSTOMERS, pk).values["source"] for pk in made] == ["phone"] * 3
        change = records.history(actor, CUSTOMERS, made[0])[0].fields[0]
        assert (change.old, change.new) == ("internet", "phone")
        old = records.ListRequest(filter=["source", "in", ["internet"]])
        assert records.count(actor, CUSTOMERS, old) == 3
        late = records.save(actor, CUSTOMERS, [{"name": "后来的", "source": "互联网"}]).demand().pk
        assert records.get(actor, CUSTOMERS, late).values["source"] == "phone"
    assert "已并入“电话”" in admin.get(here).content.decode()

    admin.post(f"{here}?value=internet", {"do": "split", "value": "internet"})
    with tenant(alpha):
        assert [job.state for job in run_jobs()] == ["done"]
        assert [records.get(administrator.actor, CUSTOMERS, pk).values["source"] for pk in made] == [
            "internet",
            "phone",
            "internet",
        ]


@pytest.mark.parametrize(
    ("key", "into", "sentence"),
    [
        ("internet", "internet", "请选择要并入的另一个值"),
        ("internet", "nothing", "请选择要并入的另一个值"),
        ("internet", "other", "已停用"),
    ],
)
def test_what_cannot_be_merged_says_why(
    alpha: Current, administrator: Person, key: str, into: str, sentence: str
) -> None:
    with tenant(alpha):
        dictionaries.disable(administrator.actor, "customers.source", "other")
        with pytest.raises(DictionaryError, match=sentence):
            merging.plan(administrator.actor, "customers.source", key, into)
        with pytest.raises(DictionaryError, match="下面还有值"):
            merging.plan(administrator.actor, INDUSTRY, "food", "hotel")
        with pytest.raises(DictionaryError, match="不在同一个上级"):
            merging.plan(administrator.actor, INDUSTRY, "liquor", "star_hotel")


@pytest.mark.req("CFG-02")
def test_a_value_in_use_is_not_deleted_but_told_with_counts(
    admin: Client, alpha: Current, administrator: Person
) -> None:
    here = "/settings/dictionaries/customers.source"
    with tenant(alpha):
        made = records.save(administrator.actor, CUSTOMERS, [{"name": "一家", "source": "phone"}]).demand().pk
        records.delete(administrator.actor, CUSTOMERS, [made])

    refused = admin.post(here, {"do": "delete", "value": "phone"})
    admin.post(here, {"do": "delete", "value": "periodical"})

    assert "“电话”正在使用（客户 · 客户来源 1 条），不能删除。可以停用" in refused.content.decode()
    with tenant(alpha):
        kept = {value.key for value in dictionaries.values(administrator.actor, "customers.source")}
        assert {"phone", "periodical"} & kept == {"phone"}


def test_own_dictionaries_are_made_shared_and_dropped_when_unused(
    admin: Client, alpha: Current, administrator: Person
) -> None:
    answer = admin.post("/settings/dictionaries", {"title": "房型"})
    key = answer["Location"].removeprefix("/settings/dictionaries/").partition("?")[0]
    pasted = admin.post(
        f"/settings/dictionaries/{key}", {"do": "paste", "tool": "paste", "text": "大床\n双床\n\n套房 > 豪华套房"}
    )

    assert (answer["Location"], pasted.status_code) == ("/settings/dictionaries/own.d_1?value=new", 302)
    with tenant(alpha):
        assert labels(dictionaries.values(administrator.actor, key)) == ["大床", "双床", "套房", "豪华套房"]
        first = custom.add_field(administrator.actor, CUSTOMERS, label="常住房型", kind="choice", dictionary=key)
        second = custom.add_field(
            administrator.actor, CUSTOMERS, label="细分房型", kind="choice", dictionary=key, rules={"parent": first.key}
        )
        row = {"name": "住客", second.key: "豪华套房"}
        made = records.save(administrator.actor, CUSTOMERS, [row]).demand().pk
        values = records.get(administrator.actor, CUSTOMERS, made).values
        assert (values[first.key], values[second.key]) == ("v3", "v4")
        with pytest.raises(DictionaryError, match="还有字段"):
            making.drop(administrator.actor, key)
        with pytest.raises(DictionaryError, match="模块自带"):
            making.drop(administrator.actor, INDUSTRY)
        empty = making.found(administrator.actor, "空的")
        making.drop(administrator.actor, empty)


def test_an_own_choice_takes_a_shared_dictionary_by_its_page(
    admin: Client, alpha: Current, administrator: Person
) -> None:
    page = "/settings/fields/customers.customer"
    typed = {"field": "new", "do": "save", "label": "兼营行业", "type": "choice", "dictionary": INDUSTRY}

    assert "字典“行业”" in admin.get(f"{page}?field=new").content.decode()
    admin.post(page, typed)
    refused = admin.post(page, typed | {"label": "兼营产品", "dictionary": "customers.product", "parent": "industry"})
    admin.post(page, typed | {"label": "兼营细分", "parent": "industry"})

    assert "上级字段要是同一类记录里用同一个字典的单选" in refused.content.decode()
    with tenant(alpha):
        own = {str(each.spec.label): each.spec for each in custom.fields(administrator.actor, CUSTOMERS)}
        assert (own["兼营行业"].dictionary, own["兼营行业"].parent) == (INDUSTRY, "")
        assert own["兼营细分"].parent == "industry"
        key = own["兼营细分"].key
    assert "值在字典里修改" in admin.get(f"{page}?field={key}").content.decode()
    admin.post(page, {"field": key, "do": "save", "label": "兼营细分类", "parent": "industry"})
    with tenant(alpha):
        spec = types(administrator.actor)[CUSTOMERS].by_key[key]
        assert (spec.label, spec.parent, len(dictionaries.values(administrator.actor, INDUSTRY))) == (
            "兼营细分类",
            "industry",
            30,
        )


@contextmanager
def changed_sheet(admin: Client, key: str) -> Iterator[openpyxl.worksheet.worksheet.Worksheet]:
    """The exported sheet, to be changed and brought back."""
    content = b"".join(admin.get(f"/exchange/dictionaries/{key}/file").streaming_content)  # type: ignore[attr-defined]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.active is not None
    yield book.active
    book.save(target := io.BytesIO())
    changed_sheet.answer = admin.post(  # type: ignore[attr-defined]
        f"/exchange/dictionaries/{key}", {"file": SimpleUploadedFile("x.xlsx", target.getvalue())}
    )


def test_a_dictionary_goes_out_to_a_sheet_and_comes_back_changed(
    admin: Client, alpha: Current, administrator: Person
) -> None:
    with changed_sheet(admin, INDUSTRY) as sheet:
        assert [cell.value for cell in sheet[1]] == ["编码", "值（上级 > 值）", "颜色", "启用", "默认", "导入时也认作"]
        sheet["B2"] = "文旅"
        sheet.append(["", "文旅 > 邮轮", "蓝", "是", "否", "游轮、Cruise"])
        sheet.append([None, "+1 级", "", "", "", ""])

    assert changed_sheet.answer.status_code == 302  # type: ignore[attr-defined]
    with tenant(alpha):
        found = {value.label: value for value in dictionaries.values(administrator.actor, INDUSTRY)}
        assert (found["文旅"].key, found["邮轮"].parent, found["邮轮"].aliases) == (
            "tourism",
            "tourism",
            ("游轮", "Cruise"),
        )
        assert found["+1 级"].depth == 0
        assert (found["旅行社"].parent, "旅游" in found) == ("tourism", False)

    with changed_sheet(admin, INDUSTRY) as sheet:
        sheet.append(["", "甲 > 乙 > 丙 > 丁 > 戊 > 己", "", "", "", ""])
        sheet.append(["", "好的", "金", "", "", ""])
    text = changed_sheet.answer.content.decode()  # type: ignore[attr-defined]
    assert "没有颜色“金”" in text
    with tenant(alpha):
        assert "好的" not in labels(dictionaries.values(administrator.actor, INDUSTRY))
        with pytest.raises(bulk.BulkError) as caught:
            bulk.apply(administrator.actor, INDUSTRY, bulk.lines_of("子 > 丑 > 寅 > 卯 > 辰 > 巳\n新的"))
        assert [row for row, _sentence in caught.value.problems] == [1]
        assert "新的" not in labels(dictionaries.values(administrator.actor, INDUSTRY))


@pytest.mark.req("CFG-05")
def test_positions_and_salutations_are_lists_of_the_company(
    admin: Client, alpha: Current, administrator: Person
) -> None:
    for key, value, label in (("core.position", "cfo", "财务负责人"), ("core.salutation", "boss", "老总")):
        admin.post(f"/settings/dictionaries/{key}", {"value": value, "do": "save", "label": label})
    with tenant(alpha):
        records.save(administrator.actor, "core.member", [{"name": "钱多", "position": "财务负责人"}]).demand()
        customer = records.save(administrator.actor, CUSTOMERS, [{"name": "甲"}]).demand().pk
        contact = {"name": "李雷", "customer": customer, "salutation": "老总"}
        made = records.save(administrator.actor, "customers.contact", [contact]).demand().pk
        assert records.get(administrator.actor, "customers.contact", made).values["salutation"] == "boss"
    assert "财务负责人" in admin.get("/settings/members").content.decode()


@pytest.mark.req("CFG-05")
@pytest.mark.parametrize("key", ["core.position", "core.salutation", INDUSTRY])
def test_each_of_these_lists_is_added_to_edited_ordered_and_disabled(
    admin: Client, alpha: Current, administrator: Person, key: str
) -> None:
    here = f"/settings/dictionaries/{key}"
    with tenant(alpha):
        first, second = [value for value in dictionaries.values(administrator.actor, key) if not value.depth][:2]

    admin.post(here, {"value": "new", "do": "save", "label": "本公司加的", "hue": "blue", "parent": ""})
    admin.post(here, {"value": first.key, "do": "save", "label": "改过的", "parent": ""})
    admin.post(here, {"value": second.key, "do": "up"})
    admin.post(here, {"value": first.key, "do": "disable"})

    with tenant(alpha):
        found = [value for value in dictionaries.values(administrator.actor, key) if not value.depth]
    assert [(value.label, value.enabled) for value in (*found[:2], found[-1])] == [
        (second.label, True),
        ("改过的", False),
        ("本公司加的", True),
    ]


@pytest.mark.req("CFG-05")
def test_departments_are_ordered_and_taken_out_of_use(admin: Client, alpha: Current, administrator: Person) -> None:
    for name, order in (("华东", "20"), ("西南", "10"), ("旧部", "")):
        admin.post("/settings/departments/save", {"name": name, "parent": "", "head": "", "order": order})
    with tenant(alpha):
        tree = fresh_tree()
        pks = {node.name: node.pk for _depth, node in tree.in_order()}
        assert [name for name in pks if name in {"华东", "西南", "旧部"}] == ["西南", "华东", "旧部"]
        kept = records.save(administrator.actor, CUSTOMERS, [{"name": "甲", "department": pks["旧部"]}]).demand().pk
    entry = {"pk": pks["旧部"], "version": 1, "name": "旧部门", "parent": "", "head": "", "order": "5", "retired": "1"}
    admin.post("/settings/departments/save", entry)

    with tenant(alpha):
        assert next((node.name, node.retired) for _depth, node in fresh_tree().in_order()) == ("旧部门", True)
        refused = records.save(administrator.actor, CUSTOMERS, [{"name": "乙", "department": pks["旧部"]}])
        assert refused.errors() == {"department": ("选的所属部门已停用，请选择其他的。",)}
        assert records.save(administrator.actor, CUSTOMERS, [{"pk": kept, "city": "成都"}]).ok
        assert records.get(administrator.actor, CUSTOMERS, kept).text("department") == "旧部门"
    assert "旧部门" not in admin.get("/r/core.department/suggest?q=").content.decode()
    assert "旧部门" in admin.get("/r/core.department/suggest?q=&any=1").content.decode()
    assert "旧部门" not in admin.get("/settings/members/invite").content.decode()


@pytest.mark.req("CFG-02")
def test_every_list_of_values_that_there_is_belongs_to_the_company(alpha: Current, administrator: Person) -> None:
    with tenant(alpha):
        actor = administrator.actor
        for info in dictionaries.all(actor):
            first = dictionaries.values(actor, info.key)[0].key
            fresh = dictionaries.add(actor, info.key, "本公司的值", hue="pink")
            dictionaries.change(actor, info.key, first, label="改了名字", hue="teal")
            dictionaries.change(actor, info.key, fresh, default=True)
            dictionaries.reorder(actor, info.key, [fresh, first])
            dictionaries.disable(actor, info.key, first)
            new, old = [value for value in dictionaries.values(actor, info.key) if value.key in {first, fresh}]
            assert (new.key, new.label, new.hue, new.default) == (fresh, "本公司的值", "pink", True), info.key
            assert (old.key, old.label, old.hue, old.enabled) == (first, "改了名字", "teal", False), info.key


@pytest.mark.req("CFG-02")
def test_old_records_show_a_disabled_value(alpha: Current, administrator: Person) -> None:
    with tenant(alpha):
        made = records.save(administrator.actor, CUSTOMERS, [{"name": "老客户", "source": "phone"}]).demand().pk
        dictionaries.disable(administrator.actor, "customers.source", "phone")
        entry = records.get(administrator.actor, CUSTOMERS, made)
        assert entry.text("source") == "电话"
        assert records.save(administrator.actor, CUSTOMERS, [{"pk": made, "city": "成都"}]).ok


def test_only_administrators_touch_dictionaries(seller: Client, alpha: Current, salesman: Person) -> None:
    assert seller.get(HERE).status_code == 403
    assert seller.get(f"/exchange/dictionaries/{INDUSTRY}/file").status_code == 403
    with tenant(alpha):
        for deed in (
            lambda: uses.delete(salesman.actor, INDUSTRY, "it"),
            lambda: merging.merge(salesman.actor, INDUSTRY, "it", "food"),
            lambda: making.found(salesman.actor, "我的"),
            lambda: bulk.apply(salesman.actor, INDUSTRY, ()),
        ):
            with pytest.raises(NotAllowed):
                deed()

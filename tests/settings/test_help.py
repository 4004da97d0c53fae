"""Help: for the present screen, the manual with its search, rules in force, the company's own instructions (UIX-09)."""

from __future__ import annotations

import pytest
from django.test import Client

from kezhou.records import custom
from kezhou.testing.access import Person
from kezhou.web.home import markdown
from tenants.context import Current, tenant

pytestmark = pytest.mark.usefixtures("customers_on")
FORM = "/r/customers.customer/new"


@pytest.mark.req("UIX-09")
def test_the_rules_in_force_are_those_of_the_engine(seller: Client, alpha: Current, administrator: Person) -> None:
    with tenant(alpha):
        rules = {"maximum": "30", "minimum": "1", "unit": "晚"}
        custom.add_field(
            administrator.actor, "customers.customer", label="年住晚数", kind="number", rules=rules, required=True
        )

    page = seller.get("/help", {"at": FORM}, headers={"X-Kezhou-Dialog": "1"}).content.decode()

    for line in (
        "新建记录",
        "客户现在的规则",
        "在你的范围内可以：查看、新建、修改、导入。",
        "必须填写：客户名称、年住晚数。",
        "年住晚数：不能小于 1 晚；不能大于 30 晚",
        "统一社会信用代码相同时，新建前会提醒，确认不是同一个才能继续。",
        "编号由系统给出，给过的不会再用，例如 KH000001。",
        "行业细分：要和上级选项相配",
    ):
        assert line in page, line
    assert "现在的规则" not in seller.get("/help", {"at": "/search"}).content.decode()


@pytest.mark.req("UIX-09")
def test_the_company_writes_its_own_instruction_where_it_is_read(
    seller: Client, admin: Client, alpha: Current, beta: Current
) -> None:
    text = "**先查**有没有同名客户\n\n- 名称写全称\n\n<script>alert(1)</script> [制度](javascript:alert(1)) ![](http://x/y.png)"

    assert "给这一页写本公司的说明" in admin.get("/help", {"at": FORM}).content.decode()
    admin.post("/help", {"at": FORM, "text": text})

    read = seller.get("/help", {"at": FORM + "?customer=1"}).content.decode()
    assert "<strong>先查</strong>有没有同名客户" in read
    assert "<li>名称写全称</li>" in read
    assert "周敏 写于" in read
    assert "<script>alert" not in read
    assert "javascript:" not in read.partition("kz-told")[2].partition("</section>")[0].replace("(javascript:", "")
    assert "<img" not in read
    assert "先查" not in seller.get("/help", {"at": "/r/sales.opportunity/new"}).content.decode()
    assert seller.post("/help", {"at": FORM, "text": "我写的"}).status_code == 403
    long = admin.post("/help", {"at": FORM, "text": "长" * 5001})
    assert (long.status_code, "说明最多 5000 个字，现在是 5001 个。" in long.content.decode()) == (422, True)
    admin.post("/help", {"at": FORM, "text": " "})
    assert "先查" not in seller.get("/help", {"at": FORM}).content.decode()


@pytest.mark.req("UIX-09")
def test_the_manual_has_chapters_and_a_search(seller: Client, admin: Client) -> None:
    assert "日常使用" in seller.get("/help/manual").content.decode()
    assert "设置、字段与导入" not in seller.get("/help/manual").content.decode()
    assert seller.get("/help/manual/administrators-settings").status_code == 404
    assert seller.get("/help/manual/decisions").status_code == 404
    chapter = admin.get("/help/manual/administrators-settings").content.decode()
    assert "<table>" in chapter

    found = admin.get("/help/manual", {"q": "合并 拆回来"}).content.decode()
    assert 'href="/help/manual/administrators-settings#s' in found
    assert "<b>字典</b>" in found
    assert (
        "合并 拆回来"
        not in seller.get("/help/manual", {"q": "合并 拆回来"}).content.decode().partition("kz-manual-hit")[2]
    )
    assert "手册里没有" in seller.get("/help/manual", {"q": "<b>没有</b>"}).content.decode()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"),
        ("# 题", "<h2>题</h2>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("[a](data:text/html,x)", "<p>[a](data:text/html,x)</p>\n"),
        ("[a](https://b.cn)", '<p><a href="https://b.cn" rel="noopener noreferrer" target="_blank">a</a></p>\n'),
        ("![a](b)", '<p>!<a href="b">a</a></p>\n'),
    ],
)
def test_markdown_is_a_safe_subset(text: str, html: str) -> None:
    assert markdown.html(text) == html

"""Marks in the original text, escaped."""

from __future__ import annotations

import pytest

from search.analysis.highlight import marker


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("臺北", "台北<b>大飯店</b>", "<mark>台北</mark>&lt;b&gt;大飯店&lt;/b&gt;"),
        ("大饭店", "台北大飯店", "台北<mark>大飯店</mark>"),
        ("abc", "ＡＢＣ公司", "<mark>ＡＢＣ</mark>公司"),
        ("1234", "138 1234 5678", "138 <mark>1234</mark> 5678"),
        ("13812345678", "+86 138-1234-5678", "+86 <mark>138-1234-5678</mark>"),
        ("po2024000123", "订单 PO-2024-000123", "订单 <mark>PO-2024-000123</mark>"),
        ("成都酒店", "成都的大酒店", "<mark>成都</mark>的大<mark>酒店</mark>"),
        ("成都 酒店", "成都酒店", "<mark>成都</mark><mark>酒店</mark>"),
        ("cxny", "川西能源集团", "<mark>川西能源</mark>集团"),
        ("chuanx", "四川川西", "四川<mark>川西</mark>"),
        ("没有", "<script>", "&lt;script&gt;"),
    ],
)
def test_mark(query: str, text: str, marked: str) -> None:
    assert marker(query).mark(text)[0] == marked


def test_excerpt_stands_around_the_first_match() -> None:
    text = "前" * 100 + "航变" + "后" * 100

    excerpt = marker("航变").excerpt(text)

    assert excerpt == "…" + "前" * 30 + "<mark>航变</mark>" + "后" * 58 + "…"
    assert marker("没有").excerpt(text) is None

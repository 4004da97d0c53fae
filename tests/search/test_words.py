"""What a query finds: words, parts of names, codes, telephones, pinyin, other spellings."""

from __future__ import annotations

import pytest

from search.query.prior import KIND_POINTS, kind_points
from search.query.words import Words
from search.schema import TITLE_FIELDS
from tests.search.conftest import Library


@pytest.mark.req("SRH-02")
@pytest.mark.parametrize(
    ("query", "found_in", "not_found_in"),
    [
        ("和服", "她穿着和服参加晚宴", "我们提供优质的产品和服务"),
        ("航空", "客户希望改签到东方航空的早班机", "船已离开航道，空舱待命"),
        ("和平", "祝愿世界和平", "我们做产品和平台"),
        ("地道", "这家店的川菜很地道", "我们实地道谢后离开"),
        ("国王", "国王酒店的合同已签", "该国王牌产品展出"),
    ],
)
def test_a_word_is_found_in_a_sentence_and_two_touching_halves_are_not(
    library: Library, query: str, found_in: str, not_found_in: str
) -> None:
    right = library.add(title="甲", body=[found_in])
    library.add(title="乙", body=[not_found_in])

    assert library.find(query) == [right]


@pytest.mark.parametrize(
    "part", ["川西", "西能", "能源", "源集", "川西能", "西能源集", "能源集团有限公司", "川西能源集团有限公司"]
)
def test_any_part_of_a_name_is_found(library: Library, part: str) -> None:
    right = library.add(title="川西能源集团有限公司")
    library.add(title="成都锐进精密仪器厂")

    assert library.find(part) == [right]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("刘", ["customers.customer:1"]),
        ("浩功", ["customers.customer:1"]),
        ("臺北", ["customers.customer:2"]),
        ("台北", ["customers.customer:2"]),
        ("ＡＢＣ", ["customers.customer:3"]),
        ("13812345678", ["customers.customer:1"]),
        ("138 1234 5678", ["customers.customer:1"]),
        ("5678", ["customers.customer:1"]),
        ("345678", ["customers.customer:1"]),
        ("2345", ["customers.customer:1"]),
        ("PO2024000123", ["customers.customer:3"]),
        ("po-2024-000123", ["customers.customer:3"]),
        ("000123", ["customers.customer:3"]),
        ("2024-0001", ["customers.customer:3"]),
        ("cxny", ["customers.customer:4"]),
        ("chuanxi", ["customers.customer:4"]),
        ("chuan xi", ["customers.customer:4"]),
        ("chuanxin", ["customers.customer:4"]),
        ("shanxiongxin", ["customers.customer:5"]),
        ("mate60", ["customers.customer:6"]),
        ("YJV22", ["customers.customer:6"]),
        ("成都 酒店", ["customers.customer:6"]),
        ("成都酒店", ["customers.customer:6"]),
        ("川西 酒店", []),
        ("客户:报价 (", []),
        ("？！", []),
    ],
)
def test_spellings(library: Library, query: str, found: list[str]) -> None:
    library.add(title="刘浩功", codes=["+86 138-1234-5678"])
    library.add(title="台北積體電路")
    library.add(title="ABC 商贸", codes=["PO-2024-000123"])
    library.add(title="川西能源")
    library.add(title="单雄信")
    library.add(title="华锐电缆", body=["Mate60Pro、YJV22-4*95 电缆，送到成都的大酒店"])

    assert library.find(query) == found


def test_a_long_name_with_a_slip_is_found_by_its_rare_pairs(library: Library) -> None:
    right, *_ = library.add_all("唐山市辉芝金新材料有限公司", *(f"北京第{number}商贸有限公司" for number in range(200)))

    assert library.find("唐山辉芝金") == [right]


def test_the_exact_title_comes_first(library: Library) -> None:
    library.add(title="锦城商旅服务有限公司锦城商旅")
    right = library.add(title="锦城商旅")

    assert library.find("锦城商旅")[0] == right


def test_where_a_record_is_called_exactly_so_nothing_else_was_meant(library: Library) -> None:
    right, misheard = library.add_all("锦城商旅", "锦成商旅")

    assert library.find("锦城商旅") == [right]
    assert sorted(library.find("锦程商旅")) == [right, misheard]


def test_a_frequent_word_is_found_across_the_words_of_a_name_and_in_running_text_only_as_a_word(
    library: Library,
) -> None:
    across, word = library.add_all("出发展望商旅", "发展商旅")
    library.add(title="甲公司", body=["即日出发展望未来"])

    assert library.find("发展") == [word, across]


def test_the_place_of_a_kind_in_the_menu_never_outweighs_the_words_of_a_small_company() -> None:
    small, large = kind_points(10), kind_points(200_000)

    assert large == KIND_POINTS
    assert max(small) == 5.0
    assert [points > 0 for points in small] == [True] * 5


def test_fields_that_may_not_be_searched_find_nothing(library: Library) -> None:
    library.add(title="甲公司", body=["密语"], codes=["13812345678"], related=["川西能源"])

    assert library.find("密语", fields=TITLE_FIELDS) == []
    assert library.find("5678", fields=TITLE_FIELDS) == []
    assert library.find("川西", fields=TITLE_FIELDS) == []
    assert library.find("甲公司", fields=TITLE_FIELDS) == ["customers.customer:1"]


@pytest.mark.parametrize(
    "text", ["长" * 200, "a" * 200, "1" * 200, "a-" * 100, "（" * 200, "xi" * 100, "\x00\ud800", "词 " * 100]
)
def test_no_text_is_too_odd(library: Library, text: str) -> None:
    library.add(title="甲公司")

    assert library.find(text) == []


def test_a_blank_text_asks_for_everything(library: Library) -> None:
    assert Words("  ", lambda field, token: 0.0).strict().__class__.__name__ == "Everything"

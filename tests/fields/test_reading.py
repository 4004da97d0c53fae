"""What people type and paste, and what is understood by it."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from kezhou.records.fields import Context, FieldError
from kezhou.records.fields.files import Held
from tests.fields.conftest import make

UNDERSTOOD = [
    ("text", " 北京汇丰　实业 ", "北京汇丰 实业"),
    ("text", "ＡＢＣ１２３（集团）", "ABC123（集团）"),
    ("text", "a\x00b\u202ec\u200bd\ufeff", "abcd"),
    ("text", "两行\r\n文字", "两行 文字"),
    ("text", '=HYPERLINK("http://example.com")', '=HYPERLINK("http://example.com")'),
    ("text", 13800000000.0, "13800000000"),
    ("text", 0.5, "0.5"),
    ("text", date(2026, 5, 6), "2026-05-06"),
    ("text", "孤\ud800立", "孤立"),
    ("long_text", "第一行；含分号,逗号\r\n还有换行  \n\n", "第一行；含分号,逗号\n还有换行"),
    ("number", "1,234.00", Decimal(1234)),
    ("number", "１８１００００", Decimal(1810000)),
    ("number", "-1", Decimal(-1)),
    ("number", "(1,200)", Decimal(-1200)),
    ("number", "12.5%", Decimal("0.125")),
    ("number", "1e3", None),
    ("number", 0.1, Decimal("0.1")),
    ("number", 1e3, Decimal(1000)),
    ("number", "3.2万", Decimal(32000)),
    ("number", "0.000", Decimal(0)),
    ("money", "￥481,000.00", Decimal(481000)),
    ("money", "¥ 9,360", Decimal(9360)),
    ("money", "176.2万元", Decimal(1762000)),
    ("money", "1.02亿", Decimal(102000000)),
    ("money", "人民币 3 百万元整", Decimal(3000000)),
    ("money", "-￥12.50", Decimal("-12.5")),
    ("money", 0.1 + 0.2, Decimal("0.3")),
    ("money", 1172000.0, Decimal(1172000)),
    ("money", "约五十万", None),
    ("money", "12,34", None),
    ("money", "1,2345", None),
    ("money", "NaN", None),
    ("money", "Infinity", None),
    ("money", "9" * 400, None),
    ("money", True, None),
    ("date", "2026年1月21日", date(2026, 1, 21)),
    ("date", "2025.07.10", date(2025, 7, 10)),
    ("date", "2025/3/10", date(2025, 3, 10)),
    ("date", "２０２５－３－１０", date(2025, 3, 10)),
    ("date", "2026 年 5 月 6 日", date(2026, 5, 6)),
    ("date", "20250310", date(2025, 3, 10)),
    ("date", "45418", date(2024, 5, 6)),
    ("date", "2025-03-10T08:00:00", date(2025, 3, 10)),
    ("date", "2025-03-10 08:00", date(2025, 3, 10)),
    ("date", datetime(2025, 3, 10, 8, 0), date(2025, 3, 10)),
    ("date", "2024年13月40日", None),
    ("date", "2023-02-29", None),
    ("date", "明天", None),
    ("date", "2025-03-10后", None),
    ("date", "12", None),
    ("datetime", "2026-05-06 15:30", datetime(2026, 5, 6, 7, 30, tzinfo=UTC)),
    ("datetime", "2026年5月6日 下午3点30分", datetime(2026, 5, 6, 7, 30, tzinfo=UTC)),
    ("datetime", "2026-05-06T15:30:05+08:00", datetime(2026, 5, 6, 7, 30, 5, tzinfo=UTC)),
    ("datetime", "2026-05-06T07:30:05Z", datetime(2026, 5, 6, 7, 30, 5, tzinfo=UTC)),
    ("datetime", "2026/5/6", datetime(2026, 5, 5, 16, 0, tzinfo=UTC)),
    ("datetime", "2026/5/6 25:00", None),
    ("datetime", "9999-12-31", None),
    ("yes_no", "是", True),
    ("yes_no", "否", False),
    ("yes_no", "√", True),
    ("yes_no", "Ｙ", True),
    ("yes_no", 0.0, False),
    ("yes_no", "也许", None),
    ("choice", "vip", "vip"),
    ("choice", "ＶＩＰ客户", "vip"),
    ("choice", " 企业 客户 ", "company"),
    ("choice", "单位客户", "company"),
    ("choice", "老分类", "old"),
    ("choice", "钻石客户", None),
    ("multi_choice", "VIP客户、企业客户", ("company", "vip")),
    ("multi_choice", "vip，vip", ("vip",)),
    ("multi_choice", ["company"], ("company",)),
    ("multi_choice", "VIP客户、钻石客户", None),
    ("link", 42, 42),
    ("link", "42", 42),
    ("link", {"pk": 42}, 42),
    ("link", "川西能源集团有限公司", 42),
    ("link", "查无此司", None),
    ("link", -1, None),
    ("link", 2**63, None),
    ("member", "周敏", 7),
    ("member", "查无此人", None),
    ("email", " Info@Example.ORG ", "info@example.org"),
    ("email", "ａ＠ｂ．ｃｎ", "a@b.cn"),
    ("email", "没有邮箱", None),
    ("email", "a@b", None),
    ("email", "a b@c.cn, d@e.cn", None),
    ("phone", "138 0000 0000", "13800000000"),
    ("phone", "+86 138-0000-0000", "13800000000"),
    ("phone", "008613800000000", "13800000000"),
    ("phone", 13800000000.0, "13800000000"),
    ("phone", "０４０１－４２７７７４４８", "0401-42777448"),
    ("phone", "(028) 88431936", "028-88431936"),
    ("phone", "02888431936", "028-88431936"),
    ("phone", "0832-8843193 转 801", "0832-8843193-801"),
    ("phone", "4008123456", "400-812-3456"),
    ("phone", "95588", "95588"),
    ("phone", "+1 415 555 2671", "+14155552671"),
    ("phone", "1398123xxxx", None),
    ("phone", "139812366", None),
    ("phone", "13800000000、13900000000", None),
    ("credit_code", "9131087280jcbfrp9t", "9131087280JCBFRP9T"),
    ("credit_code", "9131 0872 80JC BFRP 9T", "9131087280JCBFRP9T"),
    ("credit_code", "91510100MA6XXXXXXX", None),
    ("credit_code", "9131087280JCBFRP9", None),
    ("credit_code", "9131087280JCBFRPIT", None),
    ("percent", "12.5%", Decimal("12.5")),
    ("percent", "１２．５％", Decimal("12.5")),
    ("percent", 0.5, Decimal("0.5")),
    ("percent", "一半", None),
    ("time", "08:30", time(8, 30)),
    ("time", "８：３０", time(8, 30)),
    ("time", "下午3点15分", time(15, 15)),
    ("time", "23:59:59", time(23, 59, 59)),
    ("time", time(8, 30), time(8, 30)),
    ("time", 0.3541666667, time(8, 30)),
    ("time", "24:00", None),
    ("time", "8:70", None),
    ("rating", "4", Decimal(4)),
    ("rating", "★★★★☆", Decimal(4)),
    ("rating", "5星", Decimal(5)),
    ("rating", 3, Decimal(3)),
    ("rating", "0", None),
    ("rating", "6", None),
    ("rating", "3.5", None),
    ("department", 12, 12),
    ("department", "没有这个部门", None),
    ("identity_card", "510104199003071237", "510104199003071237"),
    ("identity_card", "５１０１０４ 19900307 1237", "510104199003071237"),
    ("identity_card", "510104199003071238", None),
    ("identity_card", "510104900307123", None),
    ("identity_card", "510104199013071237", None),
    ("identity_card", "51010419900307123Y", None),
    ("identity_card", "510104299003071237", None),
    ("passport", "e12345678", "E12345678"),
    ("passport", "Ｅ12345678 2031年5月6日", "E12345678 2031-05-06"),
    ("passport", "E12345678，有效期至2031-05-06", "E12345678 2031-05-06"),
    ("passport", "E12345678(2031.5.6)", "E12345678 2031-05-06"),
    ("passport", {"number": "E12345678", "expires": "2031-05-06"}, "E12345678 2031-05-06"),
    ("passport", {"number": "E12345678", "expires": ""}, "E12345678"),
    ("passport", {"number": "", "expires": "2031-05-06"}, None),
    ("passport", {"number": "E12345678", "expires": "明年"}, None),
    ("passport", "护照丢了", None),
    ("region", "四川省成都市锦江区", "510104"),
    ("region", "四川 成都", "5101"),
    ("region", "四川/成都/锦江", "510104"),
    ("region", "锦江区", "510104"),
    ("region", "\u202e 廣東省廣州市天河區", "440106"),
    ("region", "北京市北京市东城区", "110101"),
    ("region", "北京市市辖区东城区", "110101"),
    ("region", "凉山", "5134"),
    ("region", "吉林", "22"),
    ("region", "吉林市", "2202"),
    ("region", "湖北仙桃", "429004"),
    ("region", "５１０１００", "5101"),
    ("region", "110100", "11"),
    ("region", 510104.0, "510104"),
    ("region", {"code": "51", "name": "四川省"}, "51"),
    ("region", "其他", "other"),
    ("region", "鼓楼区", None),
    ("region", "四川省天府市", None),
    ("region", "999999", None),
    ("country", "中国", "CN"),
    ("country", "ｊｐ", "JP"),
    ("country", "France", "FR"),
    ("country", "+39", "IT"),
    ("country", "火星", None),
    ("file", ["12/合同.pdf", 13, {"pk": 14}, "12"], (Held(12), Held(13), Held(14))),
    ("file", "12, 13", (Held(12), Held(13))),
    ("file", ["../../etc/passwd"], None),
    ("file", [-1], None),
    ("file", [True], None),
    ("picture", 9, (Held(9),)),
]


@pytest.mark.req("FLD-01", part="every type but formula")
@pytest.mark.parametrize(("kind", "raw", "meant"), UNDERSTOOD)
def test_what_is_typed_is_understood_or_refused(kind: str, raw: Any, meant: Any, context: Context) -> None:
    spec = make(kind)

    if meant is None:
        with pytest.raises(FieldError, match=r"。$"):
            spec.kind.parse(raw, spec, context)
    else:
        value = spec.kind.parse(raw, spec, context)
        assert value == meant
        assert type(value) is type(meant)


@pytest.mark.parametrize("raw", [None, "", "  ", "\u3000", "\u200b\ufeff", [], float("nan")])
@pytest.mark.parametrize("kind", ["text", "money", "date", "choice", "multi_choice", "link", "email", "phone"])
def test_blank_in_every_spelling_is_none(kind: str, raw: Any, context: Context) -> None:
    spec = make(kind)

    assert spec.kind.clean(raw, spec, context) is None


SENTENCES = [
    ("text", {"required": True}, " ", "请填写字段。"),
    ("text", {"max_length": 3}, "四个字了", "字段最多 3 个字，现在是 4 个，请缩短。"),
    ("text", {"min_length": 3}, "两字", "字段至少 3 个字，现在是 2 个。"),
    ("text", {"pattern": "[A-Z]{2}", "pattern_hint": "两个大写字母。"}, "ab", "“ab”不合格式：两个大写字母。"),
    ("text", {}, "长" * 501, "字段最多 500 个字，现在是 501 个，请缩短。"),
    ("long_text", {}, "长" * 20001, "字段最多 20000 个字，现在是 20001 个，请缩短。"),
    ("number", {}, "五", "“五”不是数字，请填写如 1234.5、1,234 或 3.2万 的数字。"),
    ("number", {"decimals": 0}, "1.5", "字段应是整数，“1.5”不是。"),
    ("number", {"decimals": 1}, "1.25", "字段最多 1 位小数，“1.25”超出了。"),
    ("number", {"maximum": Decimal(10)}, "11", "字段不能大于 10，现在是 11。"),
    ("number", {}, "1234567890123456789", "字段最多 18 位数字，“1234567890123456789”太长。"),
    ("money", {}, "约五十万", "“约五十万”不是金额，请填写如 1234.5、￥1,234.00 或 3.2万元 的金额。"),
    ("money", {"minimum": Decimal(0)}, "-1", "字段不能小于 0，现在是 -1。"),
    ("money", {}, "1.005", "字段最多 2 位小数，“1.005”超出了。"),
    (
        "date",
        {},
        "2024年13月40日",
        "“2024年13月40日”不是日期，请填写如 2026-05-06、2026/5/6 或 2026年5月6日 的日期。",
    ),
    (
        "date",
        {"minimum": date(2020, 1, 1)},
        "2019-12-31",
        "字段不能早于 2020年1月1日，现在是 2019年12月31日。",
    ),
    ("yes_no", {}, "也许", "“也许”看不出是或否，请填写“是”或“否”。"),
    ("choice", {}, "钻石客户", "“钻石客户”不是字段的选项，可选：企业客户、VIP客户。"),
    ("choice", {}, "老分类", "字段的选项“老分类”已停用，请选择其他选项。"),
    ("member", {}, "查无此人", "没有名为“查无此人”的成员，请为字段选择一位成员，或先添加这位成员。"),
    ("email", {}, "没有邮箱", "“没有邮箱”不是电子邮件地址，请填写如 name@example.com 的地址。"),
    ("phone", {}, "139812366", "“139812366”不是手机号：应是 11 位，现在是 9 位。"),
    ("phone", {}, "1398123xxxx", "“1398123xxxx”不是电话号码：含有文字，请只填数字。"),
    ("credit_code", {}, "91510100MA6XXXXXXX", "“91510100MA6XXXXXXX”不是统一社会信用代码：校验位不对，请逐位核对。"),
    ("credit_code", {}, "9151", "“9151”不是统一社会信用代码：应是 18 位，现在是 4 位。"),
    ("percent", {"maximum": Decimal(100)}, "120%", "字段不能大于 100，现在是 120。"),
    ("time", {}, "中午", "“中午”不是时间，请填写如 08:30、8点30分 或 下午3:15 的时间。"),
    ("time", {"minimum": time(8)}, "7:59", "字段不能早于 08:00，现在是 07:59。"),
    ("rating", {}, "6", "“6”不是评分，请填写 1 到 5 的整数。"),
    ("department", {}, "火星部", "没有名为“火星部”的部门，请为字段选择一个部门，或先在机构里添加它。"),
    ("file", {}, list(range(1, 22)), "字段最多 20 个文件，现在是 21 个。"),
    ("file", {}, ["=cmd()"], "“=cmd()”不是上传过的文件，请重新上传。"),
    ("identity_card", {}, "510104199003071238", "“510104199003071238”不是身份证号：校验位不对，请逐位核对。"),
    ("identity_card", {}, "5101041990", "“5101041990”不是身份证号：应是 18 位，现在是 10 位。"),
    ("identity_card", {}, "510104199002301237", "“510104199002301237”不是身份证号：第 7 到 14 位不是日期。"),
    (
        "region",
        {},
        "鼓楼区",
        "“鼓楼区”可以是江苏省南京市鼓楼区、江苏省徐州市鼓楼区、福建省福州市鼓楼区、河南省开封市鼓楼区，请写上省和市。",
    ),
    (
        "region",
        {},
        "四川省天府市",
        "“四川省天府市”里“天府市”不在四川省，那里有成都市、自贡市、攀枝花市、泸州市等，请核对。",
    ),
    (
        "region",
        {},
        "锦江区春熙路",
        "“锦江区春熙路”里“春熙路”不是四川省成都市锦江区下面的地区，请只写到四川省成都市锦江区。",
    ),
    ("region", {}, "=cmd()", "没有找到地区“=cmd()”，请写省、市、区，例如“四川省成都市锦江区”。"),
    ("region", {}, "999999", "没有行政区划代码“999999”，请写 2、4 或 6 位代码，或写出省、市、区。"),
    ("passport", {}, "=cmd()", "“=cmd()”不是证件号，应是 5 到 15 位字母和数字，例如 E12345678。"),
    (
        "passport",
        {},
        {"number": "E12345678", "expires": "2031-13-40"},
        "“2031-13-40”不是有效期，请填写如 2031-05-06 的日期。",
    ),
]


@pytest.mark.req("BAS-03", part="the sentence at each field")
@pytest.mark.parametrize(("kind", "rules", "raw", "sentence"), SENTENCES)
def test_what_breaks_a_rule_is_refused_with_its_sentence(
    kind: str, rules: dict[str, Any], raw: Any, sentence: str, context: Context
) -> None:
    spec = make(kind, **rules)

    with pytest.raises(FieldError) as refused:
        spec.kind.clean(raw, spec, context)

    assert str(refused.value) == sentence


def test_a_long_hostile_value_is_cut_in_the_sentence(context: Context) -> None:
    spec = make("date")

    with pytest.raises(FieldError) as refused:
        spec.kind.clean("x" * 100_000 + "\u202e", spec, context)

    assert str(refused.value).startswith("“" + "x" * 40 + "…”不是日期")


@pytest.mark.parametrize("raw", [["a"], {"a": 1}], ids=["list", "object"])
@pytest.mark.parametrize("kind", ["text", "long_text", "email", "phone", "choice"])
def test_a_list_or_an_object_is_no_text(kind: str, raw: object) -> None:
    field = make(kind)

    with pytest.raises(FieldError, match="这里要填一个值，不能是列表或对象。"):
        field.kind.read(raw, field, Context())

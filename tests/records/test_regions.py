"""Places as fields of records: filled codes, filters that look below, what the company changes (CFG-04, D16, D17)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kezhou import records
from kezhou.records import custom
from kezhou.records.catalogue import shaped
from kezhou.records.regions import editing
from kezhou.records.regions.editing import PlaceError
from kezhou.records.spec import NotAllowed
from kezhou.testing.access import Person, SignIn
from tests.web.conftest import CUSTOMERS, boss, customers, seller, shop

__all__ = ["boss", "customers", "seller", "shop"]


def saved(person: Person, **values: Any) -> dict[str, Any]:
    """The values of a customer after saving; `pk` makes it a change."""
    result = records.save(person.actor, CUSTOMERS, [values], twins="allow").demand()
    return {"pk": result.pk, **records.get(person.actor, CUSTOMERS, result.pk).values}


def codes(values: dict[str, Any]) -> tuple[Any, Any, Any]:
    return values["region"], values["postcode"], values["area_code"]


@pytest.mark.req("CFG-04", part="choosing fills postcode and area code")
def test_choosing_a_place_fills_what_is_empty_and_what_it_filled_before(boss: Person) -> None:
    made = saved(boss, name="甲", region="四川 成都 锦江区")
    assert codes(made) == ("510104", "610011", "028")

    moved = saved(boss, pk=made["pk"], region="绵阳")
    assert codes(moved) == ("5107", "621000", "0816")
    assert (made["province"], made["city"], moved["province"], moved["city"]) == (
        "四川省",
        "成都市",
        "四川省",
        "绵阳市",
    )

    own = saved(boss, pk=made["pk"], postcode="621999")
    assert codes(own) == ("5107", "621999", "0816")
    there = saved(boss, pk=made["pk"], region="重庆")
    assert (codes(there), there["province"], there["city"]) == (("50", "621999", "023"), "重庆市", "重庆市")

    assert codes(saved(boss, pk=made["pk"], region="")) == (None, "621999", None)
    assert codes(saved(boss, name="乙", region="北京", postcode="100099")) == ("11", "100099", "010")


def test_province_and_city_never_say_something_else_than_the_place(boss: Person) -> None:
    made = saved(boss, name="甲", city="成都")  # without a place the names are free
    pk = made["pk"]
    placed = saved(boss, pk=pk, region="四川 成都 锦江区")
    assert (placed["province"], placed["city"]) == ("四川省", "成都")
    assert saved(boss, pk=pk, region="乐山")["city"] == "乐山市"

    for change in ({"city": "绵阳"}, {"province": "云南"}, {"region": "绵阳", "city": "乐山"}):
        (problem,) = records.save(boss.actor, CUSTOMERS, [{"pk": pk, **change}]).problems
        assert problem.field == ("province" if "province" in change else "city")
    assert problem.sentence == "城市“乐山”和所在地区对不上，那里的城市是“绵阳市”。请改所在地区，城市会跟着改。"
    assert saved(boss, pk=pk, region="", city="绵阳")["city"] == "绵阳"


def test_a_new_record_is_in_china_and_says_where_else(boss: Person) -> None:
    assert saved(boss, name="甲")["country"] == "CN"
    assert saved(boss, name="乙", country="日本")["country"] == "JP"
    assert records.type_of(boss.actor, CUSTOMERS).by_key["country"].option("JP").aliases[-1] == "+81"  # type: ignore[union-attr]


@pytest.mark.req("CFG-04", part="a chain that does not exist is refused where it stands")
def test_a_wrong_place_is_refused_at_its_field(boss: Person) -> None:
    result = records.save(boss.actor, CUSTOMERS, [{"name": "甲", "region": "四川省天府市"}], source="import")

    (problem,) = result.problems
    assert (problem.field, problem.sentence) == (
        "region",
        "“四川省天府市”里“天府市”不在四川省，那里有成都市、自贡市、攀枝花市、泸州市等，请核对。",
    )


@pytest.mark.req("QRY-01", part="places with all below")
def test_a_filter_finds_what_lies_below(boss: Person) -> None:
    for name, region in (("甲", "成都"), ("乙", "锦江区"), ("丙", "重庆"), ("丁", "")):
        saved(boss, name=name, region=region)

    def found(tree: Any) -> list[str]:
        page = records.page(boss.actor, CUSTOMERS, records.ListRequest(filter=tree, sort=("name",)))
        return [row.title for row in page.rows]

    assert found(["region", "in", "四川"]) == ["甲", "乙"]
    assert found(["region", "eq", "四川成都"]) == ["甲"]
    assert found(["region", "not_in", ["51"]]) == ["丙", "丁"]


@pytest.mark.req("CFG-04", part="city table: add, rename, number, switch off")
def test_the_company_changes_its_places(boss: Person) -> None:
    area = editing.add_region(boss.actor, "5101", name="天府新区", area_code="028", postcode="610213")
    editing.change_region(boss.actor, "510104", name="锦江新城", area_code="", postcode="610099")

    made = saved(boss, name="甲", region="四川省成都市天府新区")
    assert codes(made) == (area, "610213", "028")
    assert area == "5101A0"
    renamed = saved(boss, name="乙", region="锦江新城")
    assert codes(renamed) == ("510104", "610099", "028")
    assert codes(saved(boss, name="丙", region="锦江区"))[0] == "510104"

    editing.switch(boss.actor, "region", "5101", enabled=False)
    refused = records.save(boss.actor, CUSTOMERS, [{"name": "丁", "region": "锦江区"}]).problems
    assert [problem.sentence for problem in refused] == ["所在地区的地区“四川省成都市锦江新城”已停用，请选择其他地区。"]
    assert records.get(boss.actor, CUSTOMERS, made["pk"]).text("region") == "四川省成都市天府新区"

    editing.put_back(boss.actor, "region", "5101")
    editing.put_back(boss.actor, "region", "510104")
    assert shaped(boss.actor).atlas.regions.name("510104") == "四川省成都市锦江区"


@pytest.mark.req("CFG-05")
def test_the_company_changes_its_countries(boss: Person) -> None:
    editing.change_country(boss.actor, "JP", name="日本国", phone_code="81")
    editing.add_country(boss.actor, code="zz", name="国际水域", phone_code="")
    editing.switch(boss.actor, "country", "FR", enabled=False)

    assert records.get(boss.actor, CUSTOMERS, saved(boss, name="甲", country="日本")["pk"]).text("country") == "日本国"
    (problem,) = records.save(boss.actor, CUSTOMERS, [{"name": "乙", "country": "法国"}]).problems
    assert saved(boss, name="丙", country="国际水域")["country"] == "ZZ"
    assert problem.sentence == "国家/地区的选项“法国”已停用，请选择其他选项。"


WRONG = [
    ("add_region", {"parent": "5101", "name": "锦江区"}, "name", "四川省成都市下面已经有“锦江区”。"),
    ("add_region", {"parent": "510104", "name": "甲"}, "name", "这个地区下面不能再加地区：只有省、市、区三级。"),
    ("add_region", {"parent": "5101", "name": " \u200b"}, "name", "请填写名称。"),
    ("add_region", {"parent": "5101", "name": "甲", "postcode": "61"}, "postcode", "“61”不是邮编，应是 6 位数字。"),
    ("add_region", {"parent": "5101", "name": "甲", "area_code": "28"}, "dialling_code", "“28”不是电话区号，例如 028、0816。"),
    ("change_region", {"code": "nope", "name": "甲", "area_code": "", "postcode": ""}, "name", "没有代码是 nope 的地区。"),
    ("add_country", {"code": "中国", "name": "甲"}, "code", "“中国”不是国家代码，应是两个字母，例如 CN。"),
    ("add_country", {"code": "cn", "name": "甲"}, "code", "代码 CN 已经有了：中国。"),
    ("change_country", {"code": "JP", "name": "中国", "phone_code": ""}, "name", "已经有“中国”，代码是 CN。"),
    ("change_country", {"code": "JP", "name": "日本", "phone_code": "x"}, "dialling_code", "“x”不是国际区号，例如 +86。"),
]  # fmt: skip


@pytest.mark.parametrize(("deed", "given", "field", "sentence"), WRONG)
def test_what_does_not_fit_is_refused(
    boss: Person, deed: str, given: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(PlaceError) as refused:
        getattr(editing, deed)(boss.actor, **given)

    assert (str(refused.value), refused.value.field) == (sentence, field)


def test_only_administrators_change_places(seller: Person) -> None:
    with pytest.raises(NotAllowed):
        editing.switch(seller.actor, "region", "51", enabled=False)


@pytest.mark.req("FLD-01", part="region")
def test_an_own_field_of_places_in_form_and_api(boss: Person, sign_in: SignIn) -> None:
    client = sign_in(Client(), boss)
    key = custom.add_field(boss.actor, CUSTOMERS, label="开票地区", kind="region").key

    form = client.post(f"/r/{CUSTOMERS}/new", {"name": "甲", key: "四川省天府市"})
    text = form.content.decode()
    assert form.status_code == 422
    assert f'name="{key}" value="四川省天府市"' in text
    assert "那里有成都市、自贡市" in text

    client.post(f"/r/{CUSTOMERS}/new", {"name": "甲", key: "四川 成都"}, follow=True)
    (pk,) = records.pks(boss.actor, CUSTOMERS, records.ListRequest())
    answer = client.get(f"/api/v1/{CUSTOMERS}/{pk}").json()
    assert answer[key] == {"code": "5101", "name": "四川省成都市"}

    asked = client.get("/regions?of=5101").json()
    assert asked["places"][0] == ["510104", "锦江区"]
    assert (asked["postcode"], asked["area_code"], asked["province"], asked["city"]) == (
        "610000",
        "028",
        "四川省",
        "成都市",
    )
    assert client.get("/regions").json()["places"][0] == ["11", "北京市"]

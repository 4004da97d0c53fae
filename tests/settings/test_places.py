"""设置 › 地区与城市 and 国家与地区."""

from __future__ import annotations

import pytest
from django.test import Client

REGIONS, COUNTRIES = "/settings/regions", "/settings/countries"


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.req("CFG-04")
@pytest.mark.req("CFG-05")
def test_a_city_is_found_changed_added_and_switched_off(admin: Client) -> None:
    assert "锦江区" in text(admin, f"{REGIONS}?q=锦江")
    assert "内江市" in text(admin, f"{REGIONS}?under=51")
    assert "610011" in text(admin, f"{REGIONS}?under=5101")

    panel = {"under": "5101", "place": "510104"}
    changed = {**panel, "name": "锦江新城", "dialling_code": "028", "postcode": "610099", "do": "save"}
    assert "“锦江新城”已保存。" in admin.post(REGIONS, changed, follow=True).content.decode()
    assert "标准名称是“锦江区”" in text(admin, f"{REGIONS}?under=5101&place=510104")

    added = {"under": "5101", "place": "new", "name": "天府新区", "dialling_code": "", "postcode": "61", "do": "save"}
    refused = admin.post(REGIONS, added)
    assert refused.status_code == 422
    assert "“61”不是邮编，应是 6 位数字。" in refused.content.decode()
    assert 'value="天府新区"' in refused.content.decode()
    assert "天府新区" in admin.post(REGIONS, {**added, "postcode": "610213"}, follow=True).content.decode()

    admin.post(REGIONS, {"under": "5101", "place": "510107", "do": "first"})
    assert admin.get("/regions?of=5101").json()["places"][0] == ["510107", "武侯区"]
    admin.post(REGIONS, {"under": "5101", "place": "510107", "do": "unfirst"})
    admin.post(REGIONS, {**panel, "do": "disable"})
    places = [name for _code, name in admin.get("/regions?of=5101").json()["places"]]
    assert "锦江新城" not in places
    assert places[-1] == "天府新区"
    admin.post(REGIONS, {**panel, "do": "standard"})
    assert ["510104", "锦江区"] in admin.get("/regions?of=5101").json()["places"]


@pytest.mark.req("CFG-05")
@pytest.mark.req("CFG-04", part="country or region table with telephone code")
def test_a_country_is_found_and_renamed(admin: Client) -> None:
    assert "日本" in text(admin, f"{COUNTRIES}?q=81")
    assert "+81" in text(admin, f"{COUNTRIES}?q=日本")

    admin.post(COUNTRIES, {"place": "JP", "do": "first"})
    assert text(admin, COUNTRIES).index("日本") < text(admin, COUNTRIES).index("中国")
    saved = {"place": "JP", "name": "日本国", "dialling_code": "81", "do": "save"}
    assert "“日本国”已保存。" in admin.post(COUNTRIES, saved, follow=True).content.decode()
    made = admin.post(COUNTRIES, {"place": "new", "code": "cn", "name": "甲", "dialling_code": "", "do": "save"})
    assert "代码 CN 已经有了：中国。" in made.content.decode()


def test_places_that_do_not_exist_are_not_found(admin: Client, seller: Client) -> None:
    assert admin.get(f"{REGIONS}?under=nope").status_code == 404
    assert admin.get(f"{REGIONS}?place=nope").status_code == 404
    assert admin.post(REGIONS, {"do": "what"}).status_code == 404
    assert seller.get(REGIONS).status_code == 403

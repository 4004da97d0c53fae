"""The search page on the full-text engine, as a person uses it (SRH-09)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from kezhou.testing.access import MemberFactory, SignIn
from search import freshness, keeping
from search.engines import engine
from tests.search import staff
from tests.search.staff import CONTACT, CUSTOMER, SYSTEM

pytestmark = pytest.mark.usefixtures("company")


def _articles(html: str) -> list[str]:
    return re.findall(r"<article.*?</article>", html, re.DOTALL)


def _links(html: str) -> set[str]:
    return set(re.findall(r'href="(/r/[^"]+)" data-open', html))


@pytest.mark.req("SRH-09")
def test_a_person_searches_narrows_pages_and_opens_a_hit(member_factory: MemberFactory, sign_in: SignIn) -> None:
    from kezhou import records

    place = staff.department("成都分公司")
    boss = member_factory("admin", name="周敏", department=place)
    other = member_factory("manager", name="李思源")
    vip = next(f for f in records.fields_for(CUSTOMER, SYSTEM, "read") if f.key == "category").options[0]
    many = [staff.saved(CUSTOMER, name=f"川西{number:02}号店", owner=other.pk) for number in range(21)]
    one = staff.saved(CUSTOMER, name="川西能源", owner=boss.pk, category=vip.key, remark="航变时请改签到早班机")
    person = staff.saved(CONTACT, name="刘浩功", customer=one, owner=other.pk)
    keeping.rebuild(engine())
    freshness.beat(engine(), 0.0)
    client = sign_in(Client(), boss)

    def page(**asked: Any) -> str:
        response = client.get("/search", {"q": "川西", **asked})
        assert response.status_code == 200
        return response.content.decode()

    first, second = page(), page(page=2)
    assert "第 1–20 条，共 23 条" in first
    assert "第 21–23 条，共 23 条" in second
    assert len(_links(first) | _links(second)) == 23
    assert _links(first) | _links(second) == {f"/r/{CUSTOMER}/{pk}" for pk in [*many, one]} | {f"/r/{CONTACT}/{person}"}
    for kind, count in ((CUSTOMER, 22), (CONTACT, 1)):
        assert re.search(rf'value="{kind}"[^§]*?<span class="kz-n">{count}</span>', first)

    (hit,) = _articles(client.get("/search", {"q": "改签"}).content.decode())
    for shown in ("客户", "川西能源", "航变时请<mark>改签</mark>到早班机", "周敏", " 改"):
        assert shown in hit
    (link,) = _links(hit)
    assert (link, client.get(link).status_code) == (f"/r/{CUSTOMER}/{one}", 200)

    narrowed = {"kind": CONTACT, "owner": boss.pk, "department": place, "category": f"{CUSTOMER}:{vip.key}"}
    expected = {"kind": f"/r/{CONTACT}/{person}"}
    for name, value in narrowed.items():
        assert _links(page(**{name: value})) == {expected.get(name, f"/r/{CUSTOMER}/{one}")}, name
    assert len(_links(page(since="7"))) == 20
    assert _links(page(kind=CONTACT, owner=boss.pk)) == set()

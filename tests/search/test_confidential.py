"""Confidential fields: searched by those who may see them, and by nobody else; the rest of the record by everybody (SRH-13)."""

from __future__ import annotations

import io

import pytest

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.access.models import RoleField
from kezhou.access.roles import role_pk
from kezhou.files import attachments
from kezhou.files.texts.keeping import read_texts
from kezhou.finding import SearchRequest, find
from kezhou.records import custom, shape
from search import confidential, freshness, keeping
from search.engines import engine
from tests.files import papers
from tests.search import staff
from tests.search.staff import CUSTOMER, OPPORTUNITY, SYSTEM

pytestmark = pytest.mark.usefixtures("company")


def _keep_from(role: str, type: str, **levels: str) -> None:
    for key, level in levels.items():
        RoleField.objects.create(role_id=role_pk(role), type=type, field=key, level=level)
    shape.bump()


def _finds(actor: Actor, text: str) -> list[int]:
    found = find(actor, SearchRequest(text))
    assert len(found.hits) == found.total == sum(group.count for group in found.groups)
    return [hit.pk for hit in found.hits]


@pytest.mark.req("SRH-13")
@pytest.mark.req("SRH-06", part="field permission")
def test_a_confidential_field_is_searched_by_those_who_may_see_it_and_the_others_search_the_rest() -> None:
    own = custom.add_field(SYSTEM, CUSTOMER, label="密级说明", kind="text", searchable=True).key
    boss, reader = staff.member("周敏", "admin"), staff.member("罗欣", "reader")
    values = {own: "并购对象绝密", "remark": "喜欢靠窗座位", "phone": "02885331234", "fax": "02887654321"}
    pk = staff.saved(CUSTOMER, name="川西能源", owner=boss.member_pk, **values)
    deal = staff.saved(OPPORTUNITY, name="年会", customer=pk)
    locked = attachments.attach(SYSTEM, CUSTOMER, pk, "密约.pdf", io.BytesIO(papers.pdf("航线底价", locked=True)))
    attachments.attach(SYSTEM, CUSTOMER, pk, "合同.pdf", io.BytesIO(papers.pdf("酒店协议价")))
    read_texts()
    keeping.rebuild(engine())
    freshness.beat(engine(), 0.0)
    assert _finds(reader, "并购") == [pk]

    _keep_from("reader", CUSTOMER, **{own: "hide", "phone": "mask", "owner": "hide"})
    reader = staff.again(reader)

    secrets = ("并购", "“并购对象”", "并购对象绝密", "02885331234", "1234", "电话:8533", "密级说明:并购", "周敏")
    for following in (False, True):  # before and after the index knows of the new rights
        if following:
            keeping.follow_fields(engine())
        assert {text: _finds(reader, text) for text in secrets} == {text: [] for text in secrets}, following
    assert confidential.known(engine())[CUSTOMER] == {own, "phone", "owner"}
    assert [text for text in secrets if pk not in _finds(boss, text)] == []
    for actor in (boss, reader):
        assert [_finds(actor, text) for text in ("靠窗", "87654321", "备注:座位")] == [[pk]] * 3
        assert set(_finds(actor, "川西")) == {pk, deal}
    assert [_finds(boss, text) for text in ("底价", "协议价", locked.name)] == [[], [pk], [pk]]
    assert "并购" not in str(find(reader, SearchRequest("川西")))

    records.save(SYSTEM, CUSTOMER, [{"pk": pk, own: "改为公开报价"}], source="system").demand()
    keeping.apply(engine(), {CUSTOMER: {pk}})
    assert (_finds(boss, "报价"), _finds(reader, "报价")) == ([pk], [])
    assert keeping.check(engine()).right

"""Scenario I18: a two-character word is found wherever it stands, ranked and grouped, not in a locked document, and gone after deletion."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from kezhou import comments, records
from kezhou.files import attachments
from kezhou.files.texts.keeping import read_texts
from kezhou.finding import SearchRequest, find
from kezhou.records import custom
from search.engines import engine
from search.indexer import Indexer
from tenants.context import Current, current, tenant
from tests.engines import both_engines
from tests.files import papers
from tests.search import staff
from tests.search.staff import CONTACT, CUSTOMER, OPPORTUNITY, SYSTEM


@both_engines
@pytest.mark.committed
@pytest.mark.req(
    "I18", part="customer, contact, opportunity, comment, attachment, own field; contracts and knowledge come later"
)
@pytest.mark.req("SRH-01", part="I18")
@pytest.mark.req("SRH-09", part="ranked and grouped (I18)")
def test_a_word_is_found_wherever_it_stands_and_gone_with_its_record(alpha: Current, search_folder: Path) -> None:
    indexer = Indexer(engine())

    def followed() -> None:
        while indexer.step():
            pass

    with tenant(alpha):
        staff.plugins()
        alpha = current()
    with tenant(alpha):
        own = custom.add_field(SYSTEM, CUSTOMER, label="用车要求", kind="text", searchable=True).key
        named = staff.saved(CUSTOMER, name="航变保险代理公司")
        filed, noted, plain = (staff.saved(CUSTOMER, name=f"{name}公司") for name in ("甲乙", "丙丁", "戊己"))
        fielded = staff.saved(CUSTOMER, name="庚辛公司", **{own: "遇航变请改派商务车"})
        person = staff.saved(CONTACT, name="刘浩功", customer=plain, remark="联系时提到航变要补偿")
        deal = staff.saved(OPPORTUNITY, name="航变处理外包", customer=plain)
        comments.write(staff.member("周敏", "admin"), CUSTOMER, noted, "上周航变两次")
        attachments.attach(SYSTEM, CUSTOMER, filed, "合同.pdf", io.BytesIO(papers.pdf("第八条 航变由乙方承担")))
        locked = attachments.attach(SYSTEM, CUSTOMER, plain, "密.pdf", io.BytesIO(papers.pdf("航变密约", locked=True)))
        read_texts()
    followed()

    with tenant(alpha):
        boss = staff.member("罗欣", "admin")
        found = find(boss, SearchRequest("航变"))
        by_kind = {group.type: group.count for group in found.groups}

        assert {(hit.type, hit.pk) for hit in found.hits} == {
            (CUSTOMER, named), (CUSTOMER, filed), (CUSTOMER, noted), (CUSTOMER, fielded), (CONTACT, person),
            (OPPORTUNITY, deal),
        }  # fmt: skip
        assert by_kind == {CUSTOMER: 4, CONTACT: 1, OPPORTUNITY: 1}
        assert {(hit.type, hit.pk) for hit in found.hits[:2]} == {(CUSTOMER, named), (OPPORTUNITY, deal)}  # names first
        assert {hit.pk: hit.excerpts[0].label for hit in found.hits if hit.type == CUSTOMER and hit.excerpts} == {
            filed: "在附件“合同.pdf”中", noted: "周敏的评论", fielded: "用车要求",
        }  # fmt: skip
        assert find(boss, SearchRequest("密约")).hits == ()
        assert [hit.pk for hit in find(boss, SearchRequest(locked.name)).hits] == [plain]
        records.delete(SYSTEM, CUSTOMER, [named, filed], source="system")
    followed()

    with tenant(alpha):
        assert {hit.pk for hit in find(boss, SearchRequest("航变", kinds=(CUSTOMER,))).hits} == {noted, fielded}

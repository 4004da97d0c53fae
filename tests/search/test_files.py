"""Words inside attached files find the record that they are on (SRH-01, SRH-04), with the rights of the record."""

from __future__ import annotations

import io

import pytest

from kezhou import comments, records
from kezhou.access.actor import Actor
from kezhou.access.models import RoleField
from kezhou.access.roles import role_pk
from kezhou.files import attachments
from kezhou.files.held import upload
from kezhou.files.texts.keeping import read_texts
from kezhou.finding import SearchRequest, SearchResult, find
from kezhou.plugins import hooks
from kezhou.records import custom, shape
from search import freshness, keeping
from search.engines import engine
from search.indexer import Indexer
from tenants.context import Current, current, tenant
from tests.files import papers
from tests.search import staff
from tests.search.staff import CUSTOMER, SYSTEM

WORDS = "逾期付款的，按日支付万分之五的违约金"


def _put(pk: int, name: str, content: bytes) -> attachments.Attached:
    return attachments.attach(SYSTEM, CUSTOMER, pk, name, io.BytesIO(content))


def _indexed() -> None:
    keeping.rebuild(engine())
    freshness.beat(engine(), 0.0)


def _search(text: str, actor: Actor = SYSTEM) -> SearchResult:
    return find(actor, SearchRequest(text))


@pytest.mark.usefixtures("company")
@pytest.mark.req("SRH-01", part="attachment text")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("合同.pdf", papers.pdf(WORDS)), ("合同.docx", papers.word("甲方", WORDS)), ("合同.xlsx", papers.workbook(WORDS)),
        ("合同.pptx", papers.slides(WORDS)), ("合同.txt", WORDS.encode("gb18030")),
    ],
)  # fmt: skip
def test_words_in_a_file_find_its_record_and_say_where(name: str, content: bytes) -> None:
    pk, other = staff.saved(CUSTOMER, name="川西能源"), staff.saved(CUSTOMER, name="川东能源")
    _put(pk, name, content)
    _put(other, "无关.txt", "天气很好".encode())
    read_texts()
    _indexed()

    for text in ("违约金", "附件:违约金", "违約金", "“按日支付”"):
        (hit,) = _search(text).hits
        assert (hit.pk, hit.excerpts[0].label) == (pk, f"在附件“{name}”中"), text
    assert "的<mark>违约金</mark>" in _search("违约金").hits[0].excerpts[0].text
    why = hooks().explain_hit(actor=SYSTEM, request=SearchRequest("违约金"), type=CUSTOMER, pk=pk)
    assert why.words[0].text.startswith(f"“违约金”：在附件“{name}”中；")
    assert _search("名称:违约金").hits == ()
    assert [hit.pk for hit in _search("合同").hits] == [pk]
    assert _search("合同").hits[0].excerpts[0].text == f"<mark>合同</mark>{name[2:]}"


@pytest.mark.usefixtures("company")
@pytest.mark.req("SRH-06", part="attachment text")
@pytest.mark.req("SRH-13", part="files with a password")
def test_a_file_is_found_with_the_rights_of_its_record_and_not_by_what_is_locked() -> None:
    seller, stranger = staff.member("李思源", "sales"), staff.member("罗欣", "sales")
    pk = staff.saved(CUSTOMER, name="川西能源", owner=seller.member_pk)
    _put(pk, "合同.docx", papers.word(WORDS))
    _put(pk, "锁.pdf", papers.pdf("保密条款", locked=True))
    read_texts()
    _indexed()

    assert [hit.pk for hit in _search("违约金", seller).hits] == [pk]
    assert (_search("违约金", stranger).hits, _search("违约金", stranger).total) == ((), 0)
    assert _search("保密条款").hits == ()


@pytest.mark.committed
@pytest.mark.req("SRH-08", part="attachment text")
def test_a_file_comes_and_goes_by_the_outbox(alpha: Current, search_folder: object) -> None:
    with tenant(alpha):
        staff.plugins()
        alpha = current()
    indexer = Indexer(engine())

    def found() -> list[int]:
        while indexer.step():
            pass
        with tenant(alpha):
            return [hit.pk for hit in _search("违约金").hits]

    with tenant(alpha):
        pk = staff.saved(CUSTOMER, name="川西能源")
        file = _put(pk, "合同.docx", papers.word(WORDS)).pk
    assert found() == []
    with tenant(alpha):
        assert read_texts() == 1
    assert found() == [pk]
    with tenant(alpha):
        attachments.remove(SYSTEM, CUSTOMER, pk, file)
    assert found() == []
    with tenant(alpha):
        attachments.restore(SYSTEM, CUSTOMER, pk, file)
        attachments.rename(SYSTEM, CUSTOMER, pk, file, "补充协议")
    assert found() == [pk]
    with tenant(alpha):
        assert [hit.pk for hit in _search("补充协议").hits] == [pk]
        records.delete(SYSTEM, CUSTOMER, [pk], source="system")
    assert found() == []


@pytest.mark.usefixtures("company")
@pytest.mark.req("SRH-01", part="comments")
@pytest.mark.req("SRH-12", part="check and repair")
def test_comments_and_files_in_fields_find_their_record_and_a_check_notices_when_they_alone_differ() -> None:
    own = custom.add_field(SYSTEM, CUSTOMER, label="合同扫描件", kind="file", searchable=True).key
    seller, reader = staff.member("李思源", "sales"), staff.member("罗欣", "reader")
    held = upload(SYSTEM, "年度协议.docx", io.BytesIO(papers.word(WORDS)))
    pk = staff.saved(CUSTOMER, name="川西能源", owner=seller.member_pk, **{own: [held.pk]})
    _indexed()
    assert read_texts() == 1
    said = comments.write(seller, CUSTOMER, pk, "客户要求改签到早班机").pk

    report = keeping.check(engine(), repair=False)
    assert (report.outdated, report.missing, report.surplus) == (1, 0, 0)
    assert not keeping.check(engine()).right
    assert keeping.check(engine()).right

    (hit,) = _search("改签", seller).hits
    assert (hit.pk, hit.excerpts[0].label) == (pk, "李思源的评论")
    assert "要求<mark>改签</mark>到早班机" in hit.excerpts[0].text
    why = hooks().explain_hit(actor=seller, request=SearchRequest("改签 违约金"), type=CUSTOMER, pk=pk)
    assert [reason.text.partition("；")[0] for reason in why.words] == [
        "“改签”：李思源的评论", "“违约金”在合同扫描件里",
    ]  # fmt: skip
    assert [each.pk for each in _search("评论:改签", reader).hits] == [pk]
    for text in ("违约金", "附件:违约金", "合同扫描件:违约金"):
        (hit,) = _search(text, reader).hits
        assert [(hit.pk, one.label) for one in hit.excerpts] == [(pk, "在附件“年度协议.docx”中")], text
    comments.remove(seller, CUSTOMER, pk, said)
    keeping.apply(engine(), {CUSTOMER: {pk}})
    assert _search("改签", seller).hits == ()

    RoleField.objects.create(role_id=role_pk("reader"), type=CUSTOMER, field=own, level="hide")
    shape.bump()
    assert _search("违约金", staff.again(reader)).hits == ()
    keeping.follow_fields(engine())
    assert _search("违约金", staff.again(reader)).hits == ()
    assert [each.pk for each in _search("违约金", seller).hits] == [pk]

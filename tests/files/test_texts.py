"""The text inside files: every kind, broken, locked, too long and too slow ones."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from kezhou.files import attachments
from kezhou.files.expiry import delete_attachments
from kezhou.files.models import Attachment, File, FileText
from kezhou.files.texts.child import read
from kezhou.files.texts.formats import MOST_CHARACTERS
from kezhou.files.texts.keeping import read_texts, spoken, waiting
from kezhou.testing.access import Person, SignIn
from tests.comments.conftest import CUSTOMERS, boss, customer, other, seller, shop
from tests.files import papers

__all__ = ["boss", "customer", "other", "seller", "shop"]
LONG = ("违约金按日计算。" * 30_000).encode()


@pytest.mark.parametrize(
    ("name", "content", "state", "text"),
    [
        ("合同.docx", papers.word("第一条", "  违约金\u3000为\u200b一万元 ", cell="表里的话"), "read", "第一条\n违约金 为 一万元\n表里的话"),
        ("报价.xlsx", papers.workbook("房费", 1280.0, 0.5, None, True), "read", "报价\n房费 1280 0.5 True"),
        ("方案.pptx", papers.slides("川藏线方案", notes="讲慢一点"), "read", "川藏线方案\n讲慢一点"),
        ("协议.pdf", papers.pdf("差旅协议2026"), "read", "差旅协议2026"),
        ("旧.txt", "国标编码的说明".encode("gb18030"), "read", "国标编码的说明"),
        ("统一码.csv", "甲,乙\r\n丙".encode("utf-16"), "read", "甲,乙\n丙"),
        ("长.txt", LONG, "cut", LONG.decode()[:MOST_CHARACTERS]),
        ("锁.pdf", papers.pdf("秘密", locked=True), "locked", ""),
        ("锁.docx", papers.locked_office(), "locked", ""),
        ("坏.docx", papers.word("坏")[:600], "broken", ""),
        ("坏.pdf", b"%PDF-1.7\n" + b"\x00" * 400, "broken", ""),
        ("图.png", b"\x89PNG\r\n\x1a\n" + bytes(60), "unreadable", ""),
        ("表.txt", b"\xff\x81\x00" * 50, "unreadable", ""),
    ],
)  # fmt: skip
def test_every_kind_of_file(tmp_path: Path, name: str, content: bytes, state: str, text: str) -> None:
    path = tmp_path / "content"
    path.write_bytes(content)

    found = read(path, name)

    assert (found.state, found.text) == (state, text)


def test_a_reader_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes(LONG)

    assert read(path, "长.txt", seconds=0.001).state == "slow"


def put(person: Person, pk: int, name: str, content: bytes) -> attachments.Attached:
    return attachments.attach(person.actor, CUSTOMERS, pk, name, BytesIO(content))


def test_files_are_read_once_and_their_page_says_what_cannot_be_found(
    seller: Person, customer: int, sign_in: SignIn
) -> None:
    put(seller, customer, "合同.docx", papers.word("违约金"))
    put(seller, customer, "锁.pdf", papers.pdf("秘密", locked=True))

    assert (waiting(), read_texts(), read_texts(), waiting()) == (True, 2, 0, False)
    assert [(one.name, one.text) for one in spoken(CUSTOMERS, [customer])] == [("锁.pdf", ""), ("合同.docx", "违约金")]
    page = sign_in(Client(), seller).get(f"/r/{CUSTOMERS}/{customer}/files").content.decode()
    assert page.count("搜不到里面的内容") == page.count("有密码，搜不到里面的内容") == 1


def test_a_reader_that_died_is_tried_twice_more(seller: Person, customer: int) -> None:
    found = put(seller, customer, "合同.docx", papers.word("违约金"))
    file = Attachment.objects.get(pk=found.pk).file_id
    long_ago = timezone.now() - timedelta(hours=1)

    FileText.objects.create(file_id=file, tries=1, at=timezone.now())
    assert read_texts() == 0  # somebody reads it
    FileText.objects.filter(pk=file).update(at=long_ago, tries=3)
    assert (read_texts(), FileText.objects.get(pk=file).state) == (1, "broken")
    FileText.objects.filter(pk=file).update(at=long_ago, tries=2, state="")
    assert (read_texts(), FileText.objects.get(pk=file).state) == (1, "read")


def test_the_text_goes_with_the_content(seller: Person, customer: int) -> None:
    found = put(seller, customer, "合同.docx", papers.word("违约金"))
    read_texts()
    attachments.remove(seller.actor, CUSTOMERS, customer, found.pk)
    assert spoken(CUSTOMERS, [customer]) == ()

    Attachment.objects.update(deleted_at=timezone.now() - timedelta(days=400))
    assert delete_attachments() == 1
    assert (FileText.objects.count(), File.objects.count()) == (0, 0)

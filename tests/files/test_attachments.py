"""Files on records through their functions: whole or not at all, and with the rights of the record (BAS-05)."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from kezhou import files, parameters, records
from kezhou.access.entitlements import NotEntitled, used
from kezhou.files import attachments
from kezhou.files.expiry import delete_attachments
from kezhou.files.models import Attachment, File
from kezhou.files.storage import MEGABYTE
from kezhou.records.spec import NotAllowed, RecordNotFound
from kezhou.testing.access import MemberFactory, Person
from tests.access.test_entitlements import limited
from tests.comments.conftest import CUSTOMERS, boss, customer, other, seller, shop

__all__ = ["boss", "customer", "other", "seller", "shop"]
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 60


def put(person: Person, pk: int, name: str = "报价单.txt", content: bytes = b"100") -> attachments.Attached:
    return attachments.attach(person.actor, CUSTOMERS, pk, name, io.BytesIO(content))


def contents() -> list[Path]:
    return sorted(path for path in Path(settings.KEZHOU_FILES).rglob("*") if path.is_file())


def test_name_author_size_and_kind_are_kept(seller: Person, customer: int) -> None:
    found = put(seller, customer, "合同.PNG", PNG)

    assert (found.name, found.author, found.size, found.media_type) == ("合同.PNG", "李思源", 68, "image/png")
    assert (found.preview, found.icon) == ("picture", "photo")
    assert attachments.open(seller.actor, CUSTOMERS, customer, found.pk).read() == PNG
    assert [one.pk for one in attachments.of(records.get(seller.actor, CUSTOMERS, customer))] == [found.pk]


@pytest.mark.parametrize(
    ("name", "content", "media_type", "preview"),
    [
        ("a.png", b"<script>alert(1)</script>", "application/octet-stream", ""),
        ("a.html", b"<html>", "application/octet-stream", ""),
        ("a.svg", b"<svg onload=alert(1)>", "application/octet-stream", ""),
        ("a.pdf", b"MZ\x90", "application/octet-stream", ""),
        ("a.txt", PNG, "image/png", "picture"),
        ("a.csv", "甲,乙".encode("gb18030"), "text/csv", "table"),
        ("a.docx", b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ""),
    ],
)
def test_the_content_says_what_it_is(
    seller: Person, customer: int, name: str, content: bytes, media_type: str, preview: str
) -> None:
    found = put(seller, customer, name, content)

    assert (found.media_type, found.preview) == (media_type, preview)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("报价\u202egpj.exe", "报价gpj.exe"),
        ("a\x00b\n.txt", "a_b_.txt"),
        ("长" * 300 + ".pdf", "长" * 251 + ".pdf"),
        ("...", "file"),
    ],
)
def test_names_are_safe_to_show(seller: Person, customer: int, given: str, kept: str) -> None:
    assert put(seller, customer, given).name == kept


def test_the_rights_are_those_of_the_record(
    seller: Person, other: Person, customer: int, member_factory: MemberFactory
) -> None:
    reader = member_factory("reader", name="只读")
    pk = put(seller, customer).pk

    assert attachments.open(reader.actor, CUSTOMERS, customer, pk).read() == b"100"
    with pytest.raises(NotAllowed, match="不能改动它的文件"):
        put(reader, customer)
    for attempt in (attachments.get, attachments.open, attachments.remove, attachments.restore):
        with pytest.raises(RecordNotFound):
            attempt(other.actor, CUSTOMERS, customer, pk)
    (own,) = records.save(other.actor, CUSTOMERS, [{"name": "青衣江茶业集团有限公司"}]).pks
    with pytest.raises(attachments.AttachmentNotFound):
        attachments.get(other.actor, CUSTOMERS, own, pk)


def test_an_uploader_who_lost_the_record_has_lost_the_file(boss: Person, seller: Person, customer: int) -> None:
    found = put(seller, customer)
    records.save(boss.actor, CUSTOMERS, [{"pk": customer, "owner": boss.pk}]).demand()
    row = File.objects.get(purpose="attachment")

    with pytest.raises(RecordNotFound):
        attachments.get(seller.actor, CUSTOMERS, customer, found.pk)
    for person in (seller, boss):
        with pytest.raises(files.FileNotFound):
            files.get(person.actor, row.pk)


def broken() -> Iterator[bytes]:
    yield b"half"
    raise ConnectionResetError("the browser went away")


def full() -> Iterator[bytes]:
    yield b"half"
    raise OSError(errno.ENOSPC, "No space left on device")


def test_half_an_upload_leaves_nothing(seller: Person, customer: int) -> None:
    with pytest.raises(ConnectionResetError):
        attachments.attach(seller.actor, CUSTOMERS, customer, "a.txt", broken())
    with pytest.raises(files.FileRefused, match="没有传完"):
        attachments.attach(seller.actor, CUSTOMERS, customer, "a.txt", io.BytesIO(b"half"), size=8)
    with pytest.raises(files.FileRefused, match="磁盘满了"):
        attachments.attach(seller.actor, CUSTOMERS, customer, "a.txt", full())
    with pytest.raises(files.FileRefused, match="是空的"):
        put(seller, customer, content=b"")

    assert (contents(), File.objects.count(), Attachment.objects.count()) == ([], 0, 0)


def test_the_largest_file_is_what_the_company_says(boss: Person, seller: Person, customer: int) -> None:
    parameters.change(boss.actor, attachments.LARGEST, "1")
    two = b"x" * 2 * MEGABYTE

    for size in (None, len(two)):
        with pytest.raises(files.FileRefused, match="文件超过 1 MB"):
            attachments.attach(seller.actor, CUSTOMERS, customer, "大.bin", io.BytesIO(two), size=size)
    assert contents() == []


def test_the_plan_bounds_the_storage(seller: Person, customer: int) -> None:
    limited(storage=1)
    put(seller, customer, content=b"x" * 1000)

    assert used("storage") == 1
    with pytest.raises(NotEntitled, match="含 1 MB 文件空间，已用 1 MB"):
        put(seller, customer)
    assert len(contents()) == 1


def test_renaming_keeps_the_ending(seller: Person, customer: int) -> None:
    pk = put(seller, customer, "旧.txt").pk

    attachments.rename(seller.actor, CUSTOMERS, customer, pk, "新名字")
    assert attachments.get(seller.actor, CUSTOMERS, customer, pk).name == "新名字.txt"
    attachments.rename(seller.actor, CUSTOMERS, customer, pk, "改.TXT")
    assert attachments.get(seller.actor, CUSTOMERS, customer, pk).name == "改.TXT"
    with pytest.raises(files.FileRefused, match="不能为空"):
        attachments.rename(seller.actor, CUSTOMERS, customer, pk, " . ")


def test_thrown_away_it_waits_in_the_bin_and_comes_back(seller: Person, customer: int) -> None:
    pk = put(seller, customer).pk

    attachments.remove(seller.actor, CUSTOMERS, customer, pk)
    with pytest.raises(attachments.AttachmentNotFound):
        attachments.open(seller.actor, CUSTOMERS, customer, pk)
    (binned,) = attachments.of(records.get(seller.actor, CUSTOMERS, customer), deleted=True)
    attachments.restore(seller.actor, CUSTOMERS, customer, pk)

    assert binned.deleted_by == "李思源"
    assert attachments.open(seller.actor, CUSTOMERS, customer, pk).read() == b"100"


def test_what_was_in_the_bin_too_long_or_lost_its_record_goes(boss: Person, seller: Person, customer: int) -> None:
    (kept,) = records.save(boss.actor, CUSTOMERS, [{"name": "青衣江茶业集团有限公司"}]).pks
    old, fresh = put(boss, kept).pk, put(boss, kept).pk
    put(seller, customer)
    for pk in (old, fresh):
        attachments.remove(boss.actor, CUSTOMERS, kept, pk)
    Attachment.objects.filter(pk=old).update(deleted_at=timezone.now() - timedelta(days=31))
    records.delete(boss.actor, CUSTOMERS, [customer])
    records.purge(boss.actor, CUSTOMERS, [customer])

    assert delete_attachments() == 2
    assert [row.pk for row in Attachment.objects.all()] == [fresh]
    assert len(contents()) == 1

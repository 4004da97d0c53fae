"""Files on records: kept, listed, opened, renamed, thrown away and brought back, always with the rights of the record (BAS-05).

A file is changed by those who may change the record and opened by those who may see it. `File` rows of this purpose are opened
here and nowhere else, so an uploader who lost the record has lost the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import parameters, records
from kezhou.access.actor import Actor
from kezhou.access.entitlements import demand
from kezhou.files import storage
from kezhou.files.kinds import icon_of, preview
from kezhou.files.models import Attachment
from kezhou.files.storage import ATTACHMENT, MEGABYTE, FileRefused, Readable
from kezhou.files.texts import keeping as texts
from kezhou.records import Entry
from kezhou.records.spec import NotAllowed, RecordNotFound, TypeSpec
from tenants import files

BIN_DAYS, LARGEST = "files.bin_days", "files.largest"
MOST = 500
parameters.declare(
    parameters.Parameter(
        key=LARGEST,
        group="records",
        title=gettext_lazy("单个文件最大"),
        help=gettext_lazy("加在记录上的一个文件可以有多大。更大的在上传前就会说明。"),
        type="number",
        default=200,
        minimum=1,
        maximum=2048,
        unit="MB",
        words=gettext_lazy("附件 上传 大小"),
    ),
    parameters.Parameter(
        key=BIN_DAYS,
        group="records",
        title=gettext_lazy("删除的文件保留"),
        help=gettext_lazy("记录上删除的文件在回收站里留这么多天，过后内容也删除，空间空出来。"),
        type="number",
        default=30,
        minimum=1,
        maximum=3650,
        unit=gettext_lazy("天"),
        words=gettext_lazy("附件 回收站 清理"),
    ),
)
_FACTS = (
    "pk", "type", "record", "name", "size", "media_type", "digest", "member", "member_name", "created_at", "comment",
    "deleted_at", "deleted_by", "reading", "released",
)  # fmt: skip
_UNSEARCHED = {
    "cut": gettext_lazy("文件很长，只能搜到开头的内容"),
    "locked": gettext_lazy("有密码，搜不到里面的内容"),
    "broken": gettext_lazy("文件损坏，搜不到里面的内容"),
    "slow": gettext_lazy("文件太大，搜不到里面的内容"),
}


class AttachmentNotFound(RecordNotFound):
    """There is no such file on this record."""


@dataclass(frozen=True, slots=True)
class Attached:
    """One file on a record, as pages and API show it."""

    pk: int
    type: str
    record: int
    name: str
    size: int
    media_type: str
    digest: str
    member: int | None
    author: str
    at: datetime
    comment: int | None
    deleted_at: datetime | None
    deleted_by: str
    reading: str | None
    released: bool

    @property
    def unsearched(self) -> str:
        """Why the words inside are not found, as a sentence; "" when they are, or will be as soon as they are read."""
        return str(_UNSEARCHED.get(self.reading or "", ""))

    @property
    def preview(self) -> str:
        """picture, pdf, table, text, or "" for what is only downloaded."""
        return preview(self.media_type, self.name)

    @property
    def icon(self) -> str:
        """What stands for it in a list."""
        return icon_of(self.media_type, self.name)

    @property
    def is_small(self) -> bool:
        """A picture that a list may show as it is; larger ones are an icon until they are opened."""
        return self.preview == "picture" and self.size <= 2 * MEGABYTE


def attach(
    actor: Actor,
    type: str | TypeSpec,
    pk: int,
    name: str,
    stream: Readable | Iterable[bytes],
    *,
    size: int | None = None,
    comment: int | None = None,
) -> Attached:
    """Keep a file on a record; streamed, whole or not at all.

    Args:
        size: how many bytes are announced; fewer or more that arrive are refused.

    Raises:
        NotAllowed: the actor sees the record but may not change it.
        NotEntitled: the plan's storage is used up.
        FileRefused: too large, empty, incomplete, too many on this record, or the disk is full.
    """
    entry = _changeable(actor, type, pk)
    if Attachment.objects.filter(type=entry.type.key, record=pk).count() >= MOST:
        raise FileRefused(_("这条%(title)s已有 %(n)d 个文件，不能再加。") % {"title": entry.type.title, "n": MOST})
    bound = largest(actor) * MEGABYTE
    if size is not None and size > bound:
        raise FileRefused(storage.too_large(bound))
    demand("storage", megabytes(size or 1))
    with transaction.atomic():
        row = storage.store(actor, name, stream, purpose=ATTACHMENT, size=size, largest=bound)
        try:
            if not row.size:
                raise FileRefused(_("“%(name)s”是空的，没有上传。") % {"name": row.name})
            kept = Attachment.objects.create(
                file=row, type=entry.type.key, record=pk, comment=comment, name=row.name, member=actor.member_pk,
                member_name=actor.name[:120], created_at=timezone.now(),
            )  # fmt: skip
            texts.changed(entry.type.key, pk)
            texts.read_texts.after_commit()
        except BaseException:
            files.delete(row.place)
            raise
    return get(actor, entry.type, pk, kept.pk)


def largest(actor: Actor) -> int:
    """How large one file may be in this company, in megabytes."""
    return parameters.whole(LARGEST, actor)


def bin_days(actor: Actor) -> int:
    """How many days a deleted file waits in the recycle bin."""
    return parameters.whole(BIN_DAYS, actor)


def megabytes(size: int) -> int:
    """Whole megabytes, rounded up: the unit of the plan's storage."""
    return -(-size // MEGABYTE)


def of(entry: Entry, *, deleted: bool = False, limit: int = MOST) -> tuple[Attached, ...]:
    """The files on a record that the caller has read, the newest first: those there, or those in the recycle bin. One statement."""
    found = _rows(entry).filter(deleted_at__isnull=not deleted).order_by("-created_at", "-pk")[:limit]
    return tuple(Attached(*facts) for facts in found.values_list(*_columns()))


def get(actor: Actor, type: str | TypeSpec, pk: int, attachment: int) -> Attached:
    """One file of a record that the actor may see. Raises RecordNotFound, AttachmentNotFound."""
    entry = records.get(actor, type, pk)
    facts = _rows(entry).filter(pk=attachment, deleted_at=None).values_list(*_columns()).first()
    if facts is None:
        raise AttachmentNotFound(_("这条记录上没有这个文件，或者它已经删除。"))
    return Attached(*facts)


def claim(actor: Actor, entry: Entry, comment: int, pks: Iterable[int]) -> None:
    """Let files that the actor has just put on the record stand with a comment instead of by themselves."""
    wanted = list(pks)
    if wanted:
        _rows(entry).filter(pk__in=wanted, member=actor.member_pk, comment=None, deleted_at=None).update(
            comment=comment
        )


def location(actor: Actor, type: str | TypeSpec, pk: int, attachment: int) -> Path:
    """Where the content lies on this machine. Raises RecordNotFound, AttachmentNotFound."""
    found = get(actor, type, pk, attachment)
    place = Attachment.objects.filter(pk=attachment).values_list("file__place", flat=True)[0]
    path = files.near(place)
    if path is None:
        raise AttachmentNotFound(_("文件“%(name)s”的内容不在了，请联系管理员从备份恢复。") % {"name": found.name})
    return path


def link(found: Attached) -> str | None:
    """Where a browser gets the content of a file that the actor has been given, if not from us."""

    def place() -> str:
        return str(Attachment.objects.values_list("file__place", flat=True).get(pk=found.pk))

    return files.link(place, name=found.name, media_type=found.media_type)


def open(actor: Actor, type: str | TypeSpec, pk: int, attachment: int) -> BinaryIO:
    """The content as a binary stream to be closed by the caller. Raises RecordNotFound, AttachmentNotFound."""
    return location(actor, type, pk, attachment).open("rb")


def rename(actor: Actor, type: str | TypeSpec, pk: int, attachment: int, name: str) -> None:
    """Another name; its ending stays, because it says what the content is. Raises FileRefused, NotAllowed."""
    entry = _changeable(actor, type, pk)
    present = get(actor, type, pk, attachment)
    wanted = storage.clean_name(name)
    ending = Path(present.name).suffix
    if not wanted or wanted == ending.lstrip("."):
        raise FileRefused(_("文件名不能为空。"))
    if ending and not wanted.lower().endswith(ending.lower()):
        wanted = f"{wanted[: 255 - len(ending)]}{ending}"
    _update(entry, attachment, name=wanted)


def remove(actor: Actor, type: str | TypeSpec, pk: int, attachment: int) -> None:
    """Into the recycle bin of the record. Raises AttachmentNotFound, NotAllowed."""
    entry = _changeable(actor, type, pk)
    get(actor, type, pk, attachment)
    _update(entry, attachment, deleted_at=timezone.now(), deleted_by=actor.name[:120])


def restore(actor: Actor, type: str | TypeSpec, pk: int, attachment: int) -> None:
    """Back from the recycle bin. Raises AttachmentNotFound, NotAllowed."""
    entry = _changeable(actor, type, pk)
    if not _rows(entry).filter(pk=attachment, deleted_at__isnull=False).exists():
        raise AttachmentNotFound(_("回收站里没有这个文件。"))
    _update(entry, attachment, deleted_at=None, deleted_by="")
    texts.read_texts.after_commit()


def release(actor: Actor, type: str | TypeSpec, pk: int, attachment: int, *, released: bool) -> None:
    """Let customers and partners who see the record open the file, or no more. Raises AttachmentNotFound, NotAllowed."""
    entry = _changeable(actor, type, pk)
    get(actor, type, pk, attachment)
    _rows(entry).filter(pk=attachment).update(released=released)


def _update(entry: Entry, attachment: int, **facts: object) -> None:
    with transaction.atomic():
        _rows(entry).filter(pk=attachment).update(**facts)
        texts.changed(entry.type.key, entry.pk)


def _changeable(actor: Actor, type: str | TypeSpec, pk: int) -> Entry:
    entry = records.get(actor, type, pk)
    if "update" not in entry.operations:
        raise NotAllowed(_("你可以查看这条%(title)s，但不能改动它的文件。") % {"title": entry.type.title})
    return entry


def _rows(entry: Entry):  # type: ignore[no-untyped-def]  # a queryset with annotations has no useful type
    return Attachment.objects.filter(type=entry.type.key, record=entry.pk)


def _columns() -> tuple[object, ...]:
    of_file = {"size", "media_type", "digest"}
    paths = {name: f"file__{name}" for name in of_file} | {"reading": "file__told__state"}
    return tuple(F(paths[name]) if name in paths else name for name in _FACTS)

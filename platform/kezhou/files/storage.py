"""Storing and opening files, always as somebody."""

import errno
import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.access.actor import Actor, System
from kezhou.files.kinds import HEAD, sniffed
from kezhou.files.models import File
from tenants import files

MEGABYTE = 1024 * 1024
LARGEST = 50 * MEGABYTE  # what people send; LIMITS says where it differs
ATTACHMENT = "attachment"
"""Files on records: `kezhou.files.attachments` opens them with the record's rights, `get` never does."""
FIELD = "field"
"""Files in fields of records: opened by `kezhou.files.held` with the rights of record and field."""
LIMITS = {"import": 50 * MEGABYTE, "export": 2048 * MEGABYTE, "error_list": 200 * MEGABYTE}
PART = 256 * 1024
LONGEST_NAME = 255


class FileRefused(Exception):
    """The file cannot be taken; ``str()`` is the sentence to show."""


class FileNotFound(LookupError):
    """There is no such file, or it is somebody else's."""


@dataclass(frozen=True, slots=True)
class _Written:
    size: int
    digest: str
    head: bytes


class Readable(Protocol):
    """What a file is stored from: an upload, or any binary stream."""

    def read(self, size: int = ..., /) -> bytes: ...


def store(
    actor: Actor,
    name: str,
    stream: Readable | Iterable[bytes],
    *,
    purpose: str,
    expires: timedelta | None = None,
    size: int | None = None,
    largest: int | None = None,
) -> File:
    """Keep a file in the entered tenant's folder; the content is streamed and never wholly in memory.

    Args:
        purpose: what it is for, such as ``import``; it decides the size limit.
        expires: after how long it is deleted; None keeps it.
        size: how many bytes were announced; another number means that something was lost on the way.
        largest: how many bytes are taken; what the purpose allows when not given.

    Raises:
        FileRefused: it is larger than the purpose allows, incomplete, or the disk is full.
    """
    shown = clean_name(name) or "file"
    place = f"{purpose}/{secrets.token_hex(16)}"
    try:
        with files.incoming() as path:
            written = _write(path, _parts(stream), largest or LIMITS.get(purpose, LARGEST))
            if size is not None and written.size != size:
                raise FileRefused(_("“%(name)s”没有传完，什么也没有留下。请再传一次。") % {"name": shown})
            files.keep(place, path)
    except files.StoreAway as error:
        raise FileRefused(_("文件存储现在没有响应，“%(name)s”没有存下。请过一会儿再试。") % {"name": shown}) from error
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise FileRefused(_("服务器的磁盘满了，“%(name)s”没有存下。请联系管理员。") % {"name": shown}) from error
    try:
        return File.objects.create(
            name=shown, place=place, purpose=purpose, size=written.size, digest=written.digest, member=actor.member_pk,
            giver="" if actor.member_pk is not None or isinstance(actor, System) else actor.key,
            media_type=sniffed(written.head, shown),
            expires_at=timezone.now() + expires if expires else None,
        )  # fmt: skip
    except BaseException:
        files.delete(place)
        raise


def get(actor: Actor, pk: int) -> File:
    """A file of this actor; administrators and the system open all.

    Raises:
        FileNotFound
    """
    row = File.objects.filter(pk=pk).exclude(purpose__in=(ATTACHMENT, FIELD)).first()
    if row is None or _is_over(row) or not (actor.is_admin or row.is_of(actor)):
        raise FileNotFound(f"There is no file {pk} of {actor.name}.")
    return row


def open(actor: Actor, pk: int) -> BinaryIO:
    """The content of a file of this actor, as a binary stream to be closed by the caller. Raises FileNotFound."""
    return location(actor, pk).open("rb")


def location(actor: Actor, pk: int) -> Path:
    """Where the content lies on this machine, for programs that want a path. Raises FileNotFound."""
    row = get(actor, pk)
    path = files.near(row.place)
    if path is None:
        raise FileNotFound(f"The content of file {pk} ({row.name}) is missing.")
    return path


def remove(actor: Actor, pk: int) -> None:
    """Delete a file of this actor, its content after the commit. Raises FileNotFound."""
    row = get(actor, pk)
    place = row.place
    row.delete()
    transaction.on_commit(partial(files.delete, place), robust=True)


def _is_over(row: File) -> bool:
    return row.expires_at is not None and row.expires_at <= timezone.now()


def too_large(limit: int) -> str:
    """The sentence for a file of more than so many bytes."""
    return _("文件超过 %(limit)d MB，不能接收。") % {"limit": limit // MEGABYTE}


def clean_name(name: str) -> str:
    """A name that is safe to show: no folders, no control, invisible or direction characters; "" when nothing is left."""
    visible = "".join(character for character in name if unicodedata.category(character) not in {"Cf", "Cs", "Co"})
    shown = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029/\\]+", "_", Path(visible).name).strip(". ")
    ending = Path(shown).suffix[:20]
    return shown if len(shown) <= LONGEST_NAME else shown[: LONGEST_NAME - len(ending)] + ending


def _parts(stream: Readable | Iterable[bytes]) -> Iterator[bytes]:
    if hasattr(stream, "chunks"):
        yield from stream.chunks(PART)  # Django's uploaded files
    elif hasattr(stream, "read"):
        while part := stream.read(PART):
            yield part
    else:
        yield from stream


def _write(path: Path, parts: Iterable[bytes], limit: int) -> _Written:
    size, digest, head = 0, hashlib.sha256(), b""
    with path.open("wb") as target:
        for part in parts:
            size += len(part)
            if size > limit:
                raise FileRefused(too_large(limit))
            head = head if len(head) >= HEAD else (head + part)[:HEAD]
            digest.update(part)
            target.write(part)
        target.flush()
        os.fsync(target.fileno())
    return _Written(size, digest.hexdigest(), head)

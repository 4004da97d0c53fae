"""Storing and opening files, always as somebody."""

import hashlib
import mimetypes
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.access.actor import Actor
from kezhou.files.models import File
from tenants import files

MEGABYTE = 1024 * 1024
LARGEST = 50 * MEGABYTE  # what people send; LIMITS says where it differs
LIMITS = {"import": 50 * MEGABYTE, "export": 2048 * MEGABYTE, "error_list": 200 * MEGABYTE}
PART = 256 * 1024


class FileRefused(Exception):
    """The file cannot be taken; ``str()`` is the sentence to show."""


class FileNotFound(LookupError):
    """There is no such file, or it is somebody else's."""


class Readable(Protocol):
    """What a file is stored from: an upload, or any binary stream."""

    def read(self, size: int = ..., /) -> bytes: ...


def store(
    actor: Actor, name: str, stream: Readable | Iterable[bytes], *, purpose: str, expires: timedelta | None = None
) -> File:
    """Keep a file in the entered tenant's folder; the content is streamed and never wholly in memory.

    Args:
        purpose: what it is for, such as ``import``; it decides the size limit.
        expires: after how long it is deleted; None keeps it.

    Raises:
        FileRefused: it is larger than the purpose allows.
    """
    shown = _clean(name)
    place = f"{purpose}/{secrets.token_hex(16)}"
    target = files.path(*place.split("/"))
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    try:
        size, digest = _write(unfinished, _parts(stream), LIMITS.get(purpose, LARGEST))
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    try:
        return File.objects.create(
            name=shown, place=place, purpose=purpose, size=size, digest=digest, member=actor.member_pk,
            media_type=mimetypes.guess_type(shown)[0] or "application/octet-stream",
            expires_at=timezone.now() + expires if expires else None,
        )  # fmt: skip
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def get(actor: Actor, pk: int) -> File:
    """A file of this actor; administrators and the system open all.

    Raises:
        FileNotFound
    """
    row = File.objects.filter(pk=pk).first()
    if row is None or _is_over(row) or not (actor.is_admin or (row.member and row.member == actor.member_pk)):
        raise FileNotFound(f"There is no file {pk} of {actor.name}.")
    return row


def open(actor: Actor, pk: int) -> BinaryIO:
    """The content of a file of this actor, as a binary stream to be closed by the caller. Raises FileNotFound."""
    return location(actor, pk).open("rb")


def location(actor: Actor, pk: int) -> Path:
    """Where the content lies on this machine, for programs that want a path. Raises FileNotFound."""
    row = get(actor, pk)
    path = files.path(*row.place.split("/"))
    if not path.is_file():
        raise FileNotFound(f"The content of file {pk} ({row.name}) is missing.")
    return path


def remove(actor: Actor, pk: int) -> None:
    """Delete a file of this actor, its content after the commit. Raises FileNotFound."""
    row = get(actor, pk)
    path = files.path(*row.place.split("/"))
    row.delete()
    transaction.on_commit(partial(path.unlink, missing_ok=True))


def _is_over(row: File) -> bool:
    return row.expires_at is not None and row.expires_at <= timezone.now()


def _clean(name: str) -> str:
    shown = re.sub(r"[\x00-\x1f\x7f/\\]+", "_", Path(name).name).strip(". ")
    return shown[-255:] or "file"


def _parts(stream: Readable | Iterable[bytes]) -> Iterator[bytes]:
    if hasattr(stream, "chunks"):
        yield from stream.chunks(PART)  # Django's uploaded files
    elif hasattr(stream, "read"):
        while part := stream.read(PART):
            yield part
    else:
        yield from stream


def _write(path: Path, parts: Iterable[bytes], limit: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with path.open("wb") as target:
        for part in parts:
            size += len(part)
            if size > limit:
                raise FileRefused(_("文件超过 %(limit)d MB，不能接收。") % {"limit": limit // MEGABYTE})
            digest.update(part)
            target.write(part)
        target.flush()
        os.fsync(target.fileno())
    return size, digest.hexdigest()

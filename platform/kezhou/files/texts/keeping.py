"""The texts of files on records: read in the background, once per file, and given to the search index with the record.

A file without a row waits. The row is claimed before the reading, so that two workers never read the same file, and a reader that
died is tried again twice. Whoever attaches only asks for it: the periodic task finds what a lost message forgot.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from kezhou.files.models import Attachment, FileText
from kezhou.files.storage import MEGABYTE
from kezhou.files.texts.child import Reading, read
from tenants import files, outbox
from tenants.tasks import task

LARGEST = 100 * MEGABYTE
MOST_TRIES = 3
ABANDONED = timedelta(minutes=5)
BATCH = 50
MOST_OF_RECORD = 1_000_000
"""Characters of all files of one record that the index holds."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one file on a record says; `text` is empty where nothing could be read."""

    record: int
    name: str
    text: str


def changed(type: str, record: int) -> None:
    """The files of a record are others: whoever follows the outbox reads them again. In the caller's transaction."""
    outbox.append([outbox.Event(type=type, pk=record, kind="changed")])


def recorded(type: str, pks: Iterable[int]) -> frozenset[int]:
    """Which of these records, read by the caller already, have files."""
    found = Attachment.objects.filter(type=type, record__in=list(pks), deleted_at=None)
    return frozenset(found.values_list("record", flat=True))


def spoken(type: str, pks: Iterable[int]) -> tuple[Spoken, ...]:
    """The files of records that the caller has read, with their texts, the newest first. One statement."""
    rows = (
        Attachment.objects.filter(type=type, record__in=list(pks), deleted_at=None)
        .order_by("record", "-created_at", "-pk")
        .values_list("record", "name", "file__told__text")
    )
    return tuple(Spoken(pk, name, zlib.decompress(text).decode() if text else "") for pk, name, text in rows)


@task(name="kezhou.files.read_texts")
def read_texts() -> int:
    """Read the files that wait, at most a batch; says how many were read. More waiting ones are asked for again."""
    done = 0
    for pk in _waiting()[:BATCH]:
        done += _read(pk)
    if done == BATCH:
        read_texts.delay()
    return done


def waiting() -> bool:
    """Whether a file of the entered tenant waits to be read."""
    return bool(_waiting()[:1])


def _waiting() -> QuerySet[Attachment, int]:
    abandoned = Q(file__told__state="", file__told__at__lt=timezone.now() - ABANDONED)
    rows = Attachment.objects.filter(Q(file__told=None) | abandoned, deleted_at=None)
    return rows.order_by("pk").values_list("file_id", flat=True)


def _read(pk: int) -> bool:
    """Read one file, unless another worker does."""
    tries = _claim(pk)
    if not tries:
        return False
    attached = Attachment.objects.select_related("file").get(file_id=pk)
    path = files.near(attached.file.place) if tries <= MOST_TRIES else None
    if path is None:
        found = Reading("broken")
    elif attached.file.size > LARGEST:
        found = Reading("slow")
    else:
        found = read(path, attached.name)
    _keep(attached, found)
    return True


def _claim(pk: int) -> int:
    """Which try this is; 0 when somebody else reads the file."""
    now = timezone.now()
    row, made = FileText.objects.get_or_create(file_id=pk, defaults={"at": now, "tries": 1})
    if made:
        return 1
    taken = FileText.objects.filter(pk=pk, state="", at=row.at, at__lt=now - ABANDONED)
    return row.tries + 1 if taken.update(at=now, tries=row.tries + 1) else 0


def _keep(attached: Attachment, found: Reading) -> None:
    with transaction.atomic():
        kept = FileText.objects.filter(pk=attached.file_id).update(
            state=found.state, size=len(found.text), at=timezone.now(),
            text=zlib.compress(found.text.encode()) if found.text else b"",
        )  # fmt: skip
        if kept and found.text:
            changed(attached.type, attached.record)

"""The texts of files on records and in their fields: read in the background, once per file, given to the search index with the record.

A file without a row waits. The row is claimed before the reading, so that two workers never read the same file, and a reader that
died is tried again twice. Whoever attaches only asks for it: the periodic task finds what a lost message forgot.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from kezhou.files.models import Attachment, File, FileText
from kezhou.files.storage import FIELD, MEGABYTE
from kezhou.files.texts.child import Reading, read
from tenants import files, outbox
from tenants.tasks import task

LARGEST = 100 * MEGABYTE
MOST_TRIES = 3
ABANDONED = timedelta(minutes=5)
BATCH = 50
MOST_OF_RECORD = 1_000_000
"""Characters of all files of one record that the index holds."""


_PRINTS = """
    SELECT record, sum(print)::bigint FROM (
        SELECT a.record, hashtext(a.id || ':' || a.name || ':' || coalesce(t.size, 0)) AS print
          FROM files_attachment a LEFT JOIN files_filetext t ON t.file_id = a.file_id
         WHERE a.type = %s AND a.deleted_at IS NULL AND (%s::bigint[] IS NULL OR a.record = ANY(%s))
         UNION ALL
        SELECT f.held_record, hashtext(f.id || ':' || t.size)
          FROM files_file f JOIN files_filetext t ON t.file_id = f.id AND t.size > 0
         WHERE f.held_type = %s AND (%s::bigint[] IS NULL OR f.held_record = ANY(%s))) p
     GROUP BY record"""


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


def told(files: Iterable[int]) -> dict[int, str]:
    """What files in fields say, by key, for whoever has read record and field. One statement, none without files."""
    wanted = sorted(set(files))
    if not wanted:
        return {}
    rows = FileText.objects.filter(file_id__in=wanted, file__purpose=FIELD, size__gt=0).values_list("file_id", "text")
    return {pk: zlib.decompress(text).decode() for pk, text in rows}


def prints(type: str, pks: Iterable[int] | None = None) -> dict[int, int]:
    """A number by record that changes with its files and what they say; of all records of the type when none are named."""
    wanted = None if pks is None else list(pks)
    with connection.cursor() as cursor:
        cursor.execute(_PRINTS, [type, wanted, wanted, type, wanted, wanted])
        return {record: int(total) for record, total in cursor.fetchall()}


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


def _waiting() -> QuerySet[File, int]:
    abandoned = Q(told__state="", told__at__lt=timezone.now() - ABANDONED)
    attached = Exists(Attachment.objects.filter(file=OuterRef("pk"), deleted_at=None))
    held = Q(purpose=FIELD) & ~Q(held_type="")
    rows = File.objects.filter(Q(told=None) | abandoned).filter(attached | held)
    return rows.order_by("pk").values_list("pk", flat=True)


def _read(pk: int) -> bool:
    """Read one file, unless another worker does."""
    tries = _claim(pk)
    if not tries:
        return False
    file = File.objects.get(pk=pk)
    path = files.near(file.place) if tries <= MOST_TRIES else None
    if path is None:
        found = Reading("broken")
    elif file.size > LARGEST:
        found = Reading("slow")
    else:
        found = read(path, file.name)
    _keep(file, found)
    return True


def _claim(pk: int) -> int:
    """Which try this is; 0 when somebody else reads the file."""
    now = timezone.now()
    row, made = FileText.objects.get_or_create(file_id=pk, defaults={"at": now, "tries": 1})
    if made:
        return 1
    taken = FileText.objects.filter(pk=pk, state="", at=row.at, at__lt=now - ABANDONED)
    return row.tries + 1 if taken.update(at=now, tries=row.tries + 1) else 0


def _keep(file: File, found: Reading) -> None:
    with transaction.atomic():
        kept = FileText.objects.filter(pk=file.pk).update(
            state=found.state, size=len(found.text), at=timezone.now(),
            text=zlib.compress(found.text.encode()) if found.text else b"",
        )  # fmt: skip
        if kept and found.text:
            for type, record in _records(file):
                changed(type, record)


def _records(file: File) -> list[tuple[str, int]]:
    """Where a file is found: the record that holds it in a field, or on which it lies."""
    if file.held_type and file.held_record is not None:
        return [(file.held_type, file.held_record)]
    return list(Attachment.objects.filter(file=file).values_list("type", "record"))

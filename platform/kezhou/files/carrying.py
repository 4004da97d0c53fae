"""Every file on records that an actor may see, for those who carry them out of the system: on records and in their fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from pathlib import Path

from django.db.models import Count, QuerySet, Sum

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.files.models import Attachment, File
from kezhou.files.storage import FIELD
from kezhou.records.spec import Level
from tenants import files

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Carried:
    """One file: the record that holds it, by its type, key, title and number; `field` is empty for an attachment.

    `path` is where the content lies on this machine, None where it is missing.
    """

    type: str
    record: int
    title: str
    number: str
    field: str
    pk: int
    name: str
    author: str
    at: datetime
    size: int
    digest: str
    place: str

    @property
    def path(self) -> Path | None:
        """Asked when it is needed: a store elsewhere brings the content here only then."""
        return files.near(self.place)


@dataclass(frozen=True, slots=True)
class _Held:
    type: str
    record: int
    key: str
    file: File
    name: str
    author: str
    at: datetime


def carried(actor: Actor) -> Iterator[Carried]:
    """The files of every record that the actor may see, by type and record; those in the recycle bin stay behind."""
    for type_key, held in groupby(_held(), key=lambda one: one.type):
        if type_key not in records.types(actor):
            continue
        while chunk := list(islice(held, CHUNK)):
            yield from _seen(actor, type_key, chunk)


def weight() -> tuple[int, int]:
    """How many files records hold, and how many bytes: what a carrying away needs at most."""
    attached = _attached().aggregate(files=Count("pk"), bytes=Sum("file__size", default=0))
    inside = _inside().aggregate(files=Count("pk"), bytes=Sum("size", default=0))
    return attached["files"] + inside["files"], attached["bytes"] + inside["bytes"]


def _attached() -> QuerySet[Attachment]:
    return Attachment.objects.filter(deleted_at=None)


def _inside() -> QuerySet[File]:
    return File.objects.filter(purpose=FIELD).exclude(held_type="")


def _held() -> Iterator[_Held]:
    attached = _attached().select_related("file").order_by("type", "record", "id")
    inside = _inside().order_by("held_type", "held_record", "id")
    found = [
        *(
            _Held(one.type, one.record, "", one.file, one.name, one.member_name, one.created_at)
            for one in attached.iterator(chunk_size=CHUNK)
        ),
        *(
            _Held(one.held_type, one.held_record or 0, one.held_key, one, one.name, "", one.created_at)
            for one in inside.iterator(chunk_size=CHUNK)
        ),
    ]
    return iter(sorted(found, key=lambda one: (one.type, one.record, one.file.pk)))


def _seen(actor: Actor, type_key: str, chunk: Sequence[_Held]) -> Iterator[Carried]:
    entries = records.get_many(actor, type_key, {one.record for one in chunk})
    for one in chunk:
        entry = entries.get(one.record)
        field = entry.field(one.key) if entry is not None and one.key else None
        if entry is None or (one.key and (field is None or field.level is Level.MASK)):
            continue
        yield Carried(
            type=type_key,
            record=one.record,
            title=entry.title,
            number=str(entry.values.get("number") or ""),
            field=str(field.label) if field is not None else "",
            pk=one.file.pk,
            name=one.name,
            author=one.author,
            at=one.at,
            size=one.file.size,
            digest=one.file.digest,
            place=one.file.place,
        )

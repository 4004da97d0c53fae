"""Files in fields of records: uploaded before the record is saved, opened by whoever may see the record and the field."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.access.entitlements import demand
from kezhou.files import storage
from kezhou.files.attachments import megabytes
from kezhou.files.models import File
from kezhou.files.storage import FIELD, FileNotFound, Readable
from kezhou.records.spec import Level, RecordNotFound, UnknownType
from tenants import files

WAITING = timedelta(days=7)
"""How long an uploaded file waits for its record: as long as a draft."""


def upload(actor: Actor, name: str, stream: Readable, *, size: int | None = None) -> File:
    """Keep a file for a field of a record that is about to be saved. Raises FileRefused, NotEntitled."""
    demand("storage", megabytes(size or 1))
    return storage.store(actor, name, stream, purpose=FIELD, expires=WAITING, size=size)


def location(actor: Actor, pk: int) -> tuple[File, Path]:
    """A file and where it lies: the actor's own while it waits, afterwards with the rights of record and field.

    Raises:
        FileNotFound
    """
    row = File.objects.filter(pk=pk, purpose=FIELD).first()
    if row is None or not (_seen(actor, row) if row.held_type else row.is_of(actor)):
        raise FileNotFound(f"There is no file {pk} for {actor.name}.")
    path = files.near(row.place)
    if path is None:
        raise FileNotFound(f"The content of file {pk} ({row.name}) is missing.")
    return row, path


def _seen(actor: Actor, row: File) -> bool:
    try:
        entry = records.get(actor, row.held_type, row.held_record or 0)
    except (RecordNotFound, UnknownType):
        return False
    field = entry.field(row.held_key)
    return field is not None and field.level is not Level.MASK

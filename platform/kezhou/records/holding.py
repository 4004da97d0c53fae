"""Files that records hold in fields: who gives one must have uploaded it, and from then on it is the record's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from kezhou.access.actor import System
from kezhou.files.kinds import preview
from kezhou.files.models import File
from kezhou.files.storage import FIELD
from kezhou.files.texts.keeping import read_texts
from kezhou.records.drafting import Batch, Work
from kezhou.records.fields.files import FilesOf, Held
from kezhou.records.saved import Saved
from kezhou.records.spec import FieldSpec


def settle(batch: Batch) -> None:
    """Put name, size and kind to the files that are given, and refuse those that are not the giver's: one statement, none
    for batches without files."""
    wanted = [(work, field, work.after[field.key]) for work, field in _changed(batch, batch.alive())]
    pks = {held.pk for _work, _field, value in wanted for held in value}
    if not pks:
        return
    rows = {row.pk: row for row in File.objects.filter(pk__in=pks, purpose=FIELD)}
    for work, field, value in wanted:
        kept = {held.pk: held for held in (work.before or {}).get(field.key) or ()}
        found = [kept.get(held.pk) or _mine(batch, work, field, rows.get(held.pk)) for held in value]
        work.after[field.key] = tuple(held for held in found if held is not None)


def _changed(batch: Batch, works: Iterable[Work]) -> list[tuple[Work, FieldSpec]]:
    fields = [field for field in batch.fields.values() if field.kind.holds_files]
    return [(work, field) for work in works for field in fields if field.key in work.changed and work.after[field.key]]


def _mine(batch: Batch, work: Work, field: FieldSpec, row: File | None) -> Held | None:
    engine = isinstance(batch.actor, System) and batch.actor.member_pk is None
    free = row is not None and not row.held_type and (engine or row.is_of(batch.actor))
    if row is None or not free:
        work.refuse(
            _("%(label)s里有一个文件不存在，或不是你上传的，请重新上传。") % {"label": field.label}, field=field.key
        )
        return None
    if isinstance(field.kind, FilesOf) and field.kind.pictures and preview(row.media_type, row.name) != "picture":
        shown = {"label": field.label, "name": row.name}
        work.refuse(_("%(label)s只能放图片，“%(name)s”不是。") % shown, field=field.key)
        return None
    return Held(row.pk, row.name, row.size, row.media_type)


def adopt(batch: Batch, saved: Sequence[tuple[Work, Saved]]) -> None:
    """The files of records that were written stay with them: one statement per record and field that was given some."""
    keys = {work.position: item.pk for work, item in saved}
    adopted = 0
    for work, field in _changed(batch, [work for work, _item in saved]):
        fresh = [held.pk for held in work.after[field.key]]
        adopted += File.objects.filter(pk__in=fresh, held_type="").update(
            expires_at=None, held_type=batch.spec.key, held_record=keys[work.position], held_key=field.key
        )
    if adopted:
        read_texts.after_commit()

"""Files that were kept for a time only, and files whose record or whose time in the recycle bin is over."""

from datetime import timedelta

from django.utils import timezone

from kezhou import parameters
from kezhou.files.attachments import BIN_DAYS
from kezhou.files.models import Attachment, File, FileText
from kezhou.records.rows import run
from kezhou.records.sql import Sql
from tenants import files
from tenants.tasks import task


@task(name="kezhou.files.delete_expired")
def delete_expired() -> int:
    """Delete this tenant's expired files, the content first; says how many."""
    return _delete(list(File.objects.filter(expires_at__lte=timezone.now())))


@task(name="kezhou.files.delete_attachments")
def delete_attachments() -> int:
    """Delete files on records that were purged, and those whose time in the recycle bin is over; says how many."""
    over = timezone.now() - timedelta(days=parameters.whole(BIN_DAYS))
    rows = run(
        Sql(
            "SELECT a.id, a.file_id FROM files_attachment a WHERE a.deleted_at < %s OR EXISTS (SELECT 1 FROM "
            "records_history h WHERE h.kind = 'purged' AND h.type = a.type AND h.record = a.record)",
            (over,),
        )
    )
    Attachment.objects.filter(pk__in=[row[0] for row in rows]).delete()
    return _delete(list(File.objects.filter(pk__in=[row[1] for row in rows])))


def _delete(rows: list[File]) -> int:
    for row in rows:
        files.delete(row.place)
    FileText.objects.filter(pk__in=[row.pk for row in rows]).delete()
    File.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)

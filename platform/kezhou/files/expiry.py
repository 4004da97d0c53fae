"""Files that were kept for a time only."""

from django.utils import timezone

from kezhou.files.models import File
from tenants import files
from tenants.tasks import task


@task(name="kezhou.files.delete_expired")
def delete_expired() -> int:
    """Delete this tenant's expired files, the content first; says how many."""
    rows = list(File.objects.filter(expires_at__lte=timezone.now()))
    for row in rows:
        files.path(*row.place.split("/")).unlink(missing_ok=True)
    File.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)

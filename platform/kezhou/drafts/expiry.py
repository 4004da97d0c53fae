"""Drafts that nobody came back to."""

from datetime import timedelta

from django.utils import timezone

from kezhou import parameters
from kezhou.drafts.keeping import DAYS
from kezhou.drafts.models import Draft
from tenants.tasks import task


@task(name="kezhou.drafts.delete_expired")
def delete_expired() -> int:
    """Delete this tenant's drafts that were not touched for so long; says how many."""
    over = timezone.now() - timedelta(days=parameters.whole(DAYS))
    deleted, _each = Draft.objects.filter(changed_at__lt=over).delete()
    return deleted

"""Drafts that nobody came back to."""

from datetime import timedelta

from django.utils import timezone

from kezhou.drafts.keeping import KEPT
from kezhou.drafts.models import Draft
from tenants.tasks import task


@task(name="kezhou.drafts.delete_expired")
def delete_expired() -> int:
    """Delete this tenant's drafts that were not touched for so long; says how many."""
    deleted, _each = Draft.objects.filter(changed_at__lt=timezone.now() - timedelta(days=KEPT)).delete()
    return deleted

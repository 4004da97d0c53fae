"""What is known of a stored file; its content lies in the tenant's folder."""

from django.db import models


class File(models.Model):
    """One stored file. ``place`` is a random name below the tenant's folder; the given name is only shown."""

    name = models.CharField(max_length=255)
    place = models.CharField(max_length=80, unique=True)
    purpose = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content")
    media_type = models.CharField(max_length=120)
    member = models.BigIntegerField(null=True, db_index=True, help_text="who stored it; empty for the system")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return self.name

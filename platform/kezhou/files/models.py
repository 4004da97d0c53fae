"""What is known of a stored file; its content lies in the tenant's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from kezhou.access.actor import Actor


class File(models.Model):
    """One stored file. ``place`` is a random name below the tenant's folder; the given name is only shown."""

    name = models.CharField(max_length=255)
    place = models.CharField(max_length=80, unique=True)
    purpose = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content")
    media_type = models.CharField(max_length=120)
    member = models.BigIntegerField(null=True, db_index=True, help_text="who stored it; empty for the system")
    giver = models.CharField(
        max_length=80, blank=True, default="", db_default="", help_text="the actor's key, where it was no member"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, db_index=True)
    held_type = models.CharField(max_length=80, blank=True, help_text="the record that holds it in a field")
    held_record = models.BigIntegerField(null=True)
    held_key = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["held_type", "held_record"], name="files_held", condition=models.Q(held_record__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_of(self, actor: Actor) -> bool:
        """Whether this actor stored it."""
        return self.giver == actor.key if self.giver else self.member is not None and self.member == actor.member_pk


class Attachment(models.Model):
    """A file on a record: it is opened with the rights of that record and no other. `name` may be changed, the content never.

    In the recycle bin `deleted_at` is set; the content goes when the time of the bin is over or the record is purged.
    """

    file = models.ForeignKey(File, models.DO_NOTHING, related_name="+")
    type = models.CharField(max_length=80)
    record = models.BigIntegerField()
    comment = models.BigIntegerField(null=True)
    name = models.CharField(max_length=255)
    member = models.BigIntegerField(null=True)
    member_name = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.CharField(max_length=120, blank=True)
    released = models.BooleanField(
        default=False, db_default=False, help_text="customers and partners who see the record may open it"
    )

    class Meta:
        indexes = [
            models.Index(fields=["type", "record", "-created_at", "-id"], name="files_of_record"),
            models.Index(fields=["deleted_at"], name="files_in_bin", condition=models.Q(deleted_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name


class FileText(models.Model):
    """What a file on a record says, compressed; the state is empty while it is read (`kezhou.files.texts`)."""

    file = models.OneToOneField(File, models.DO_NOTHING, primary_key=True, related_name="told")
    state = models.CharField(max_length=12, blank=True)
    text = models.BinaryField(default=b"")
    size = models.PositiveIntegerField(default=0, help_text="characters")
    tries = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.file_id}: {self.state}"

"""Comments as they are kept."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Comment(models.Model):
    """One comment on one record; a reply names the comment it answers in `parent` (one level).

    `mentions` lists {kind, pk, name} of the members and departments named in the text; `edits` the earlier wordings as
    {at, text}, oldest first. A removed comment keeps its row, so that replies stay where they are; its text is not shown any more.
    """

    type = models.CharField(max_length=80)
    record = models.BigIntegerField()
    parent = models.BigIntegerField(null=True)
    member = models.BigIntegerField(null=True)
    name = models.CharField(max_length=120)
    text = models.TextField()
    mentions = models.JSONField(default=list)
    edits = models.JSONField(default=list)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    pinned_at = models.DateTimeField(null=True)
    pinned_by = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["type", "record", "-created_at", "-id"], name="comments_of_record"),
            models.Index(fields=["type", "member"], name="comments_of_member"),
            GinIndex(fields=["mentions"], name="comments_mentions", opclasses=["jsonb_path_ops"]),
            models.Index(fields=["parent"], name="comments_replies", condition=models.Q(parent__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk} on {self.type} {self.record}"

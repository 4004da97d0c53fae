"""Drafts as they are kept."""

from django.db import models


class Draft(models.Model):
    """One unfinished form of one member. `place` says which: new, quick, comment, or edit (then of `record`).

    `values` maps the names of the form's controls to what stands in them, as they would be posted; `version` is that of the
    record when the editing began. Not a record: nobody but `member` ever reads it.
    """

    member = models.BigIntegerField()
    type = models.CharField(max_length=80)
    place = models.CharField(max_length=20)
    record = models.BigIntegerField(default=0)
    version = models.IntegerField(null=True)
    values = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "type", "place", "record"], name="drafts_one_per_form"),
        ]
        indexes = [models.Index(fields=["changed_at"], name="drafts_age")]

    def __str__(self) -> str:
        return f"draft of member {self.member}: {self.type} {self.place} {self.record}"

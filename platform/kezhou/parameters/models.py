"""What a company set, change by change. The last change of a key is its value."""

from __future__ import annotations

from django.db import models


class Change(models.Model):
    """One change of one parameter: who, when, from what to what. `new` is null where the default came back.

    Rows are only ever inserted.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=80)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    at = models.DateTimeField()
    member = models.BigIntegerField(null=True)
    name = models.CharField(max_length=120)

    class Meta:
        indexes = [models.Index(fields=["key", "-id"], name="parameters_change_key")]

    def __str__(self) -> str:
        return f"{self.key}: {self.old} to {self.new}"

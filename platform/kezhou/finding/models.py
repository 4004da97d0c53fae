"""A company's own words, and what its members searched for."""

from __future__ import annotations

from django.db import models


class OwnWords(models.Model):
    """One line of a company's vocabulary: a word, a group that means the same, or a word that a search may leave out.

    `text` holds the words joined by 、 as they were typed.
    """

    kind = models.CharField(max_length=8)
    text = models.CharField(max_length=500)
    name = models.CharField(max_length=120, help_text="who added it")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "text"], name="finding_own_words")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


class Asked(models.Model):
    """One search as a member asked it on the page or by the API: what for, how much came, how long it took."""

    at = models.DateTimeField()
    member = models.BigIntegerField(null=True)
    text = models.CharField(max_length=200)
    kinds = models.JSONField(default=dict, help_text="hits by kind of record")
    hits = models.IntegerField()
    milliseconds = models.IntegerField()
    by_database = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="finding_asked_at"),
            models.Index(fields=["member", "-at"], name="finding_asked_member"),
        ]

    def __str__(self) -> str:
        return self.text

"""Tokens by which programs act for a member."""

from __future__ import annotations

from django.db import models


class Token(models.Model):
    """A secret that acts with the rights of one member as they are at the moment of use. Only its hash is kept."""

    name = models.CharField(max_length=60)
    hash = models.CharField(max_length=64, unique=True)
    start = models.CharField(max_length=12)
    member = models.BigIntegerField(db_index=True)
    read_only = models.BooleanField(default=False)
    made_by = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    expires_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_token"

    def __str__(self) -> str:
        return f"{self.start}… ({self.name})"

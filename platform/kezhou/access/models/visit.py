"""What operators opened in the company while it let them (TEN-05)."""

from django.db import models
from django.db.models.functions import Now


class Visit(models.Model):
    """One page that an operator opened; written before the page is made, never changed."""

    consent = models.BigIntegerField(db_index=True, help_text="the consent in the shared schema")
    visitor = models.CharField(max_length=120)
    path = models.CharField(max_length=500)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.visitor} {self.path}"

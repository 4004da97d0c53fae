"""What a company changed of the base data: one row per place that it added, renamed, numbered otherwise or switched off."""

from __future__ import annotations

from django.db import models


class PlaceRow(models.Model):
    """`kind` is region or country. An empty name and null codes mean: as in the base data; `parent` is that of an added place.
    Places with a `first` above zero stand before their siblings, the largest on top."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10)
    code = models.CharField(max_length=12)
    parent = models.CharField(max_length=12, blank=True)
    name = models.CharField(max_length=60, blank=True)
    dialling_code = models.CharField(max_length=10, null=True)
    postcode = models.CharField(max_length=10, null=True)
    enabled = models.BooleanField(default=True)
    first = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "records_place"
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="place_code")]

    def __str__(self) -> str:
        return f"{self.kind} {self.code} {self.name}"

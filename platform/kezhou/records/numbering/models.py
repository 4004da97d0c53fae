"""Tables of numbering: rules, counters, and every number that was ever given."""

from __future__ import annotations

from django.db import models


class NumberRule(models.Model):
    """How the records of a type get their numbers; with `category` those of one value of the choice field `category_field`."""

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=80)
    category_field = models.CharField(max_length=80, blank=True)
    category = models.CharField(max_length=80, blank=True)
    mode = models.CharField(max_length=10, default="rule")
    parts = models.JSONField(default=list)
    restart = models.CharField(max_length=10, default="never")
    per_category = models.BooleanField(default=False)
    gapless = models.BooleanField(default=True)
    codes = models.JSONField(default=dict)
    version = models.IntegerField(default=1)

    class Meta:
        app_label = "records"
        constraints = [models.UniqueConstraint(fields=["type", "category"], name="number_rule_of")]

    def __str__(self) -> str:
        return f"{self.type} {self.category}: {self.mode}"


class NumberCounter(models.Model):
    """The last serial given by a rule in one period and category."""

    key = models.CharField(max_length=200, primary_key=True)
    last = models.BigIntegerField()

    class Meta:
        app_label = "records"

    def __str__(self) -> str:
        return f"{self.key}: {self.last}"


class NumberTaken(models.Model):
    """One number and the record that got it. It stays when the record goes: no number is ever given again (NUM-03)."""

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=80)
    number = models.CharField(max_length=40)
    record = models.BigIntegerField()

    class Meta:
        app_label = "records"
        constraints = [models.UniqueConstraint(fields=["type", "number"], name="number_taken_once")]

    def __str__(self) -> str:
        return f"{self.type} {self.number}"

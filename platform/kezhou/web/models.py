"""What a member prefers to see."""

from __future__ import annotations

from django.db import models


class Preference(models.Model):
    """One remembered choice of one member, such as `display` (theme, density, language).

    Not a record: nobody but its owner ever reads it.
    """

    member = models.BigIntegerField()
    key = models.CharField(max_length=120)
    value = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="web_preference_member_key")]

    def __str__(self) -> str:
        return f"{self.key} of member {self.member}"


class Shortcut(models.Model):
    """One link of one member's own: an address of the company, its title, and whether the member chose the title."""

    member = models.BigIntegerField()
    url = models.CharField(max_length=2000)
    title = models.CharField(max_length=60)
    named = models.BooleanField(default=False)
    icon = models.CharField(max_length=40, default="star")
    position = models.IntegerField(default=100)

    class Meta:
        indexes = [models.Index(fields=["member", "position"], name="web_shortcut_member")]

    def __str__(self) -> str:
        return f"{self.title} of member {self.member}"


class Instruction(models.Model):
    """What the company wrote for one screen: `screen` is the route's name, with the record type where it shows one."""

    screen = models.CharField(max_length=120, unique=True)
    text = models.TextField()
    member = models.BigIntegerField(null=True)
    name = models.CharField(max_length=120)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.screen


class MenuPlace(models.Model):
    """Where the company put one line of the menu: a module (`within` is its group of the main menu) or an entry (`within` is its module)."""

    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=200)
    within = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=20, blank=True)
    hidden = models.BooleanField(default=False)
    position = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="web_menuplace_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

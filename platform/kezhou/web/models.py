"""What a member, or a role for its members, prefers to see."""

from __future__ import annotations

from django.db import models


class Preference(models.Model):
    """One remembered choice, such as `display` (theme, density, language) or `list:customers.customer` (columns; QRY-05).

    It belongs to one member or, as the default of its members, to one role (by the role's key, as actors carry it); the other column is null. Not a record:
    nobody but its owner ever reads it.
    """

    member = models.BigIntegerField(null=True)
    role = models.CharField(max_length=80, null=True)
    key = models.CharField(max_length=120)
    value = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], name="web_preference_member_key"),
            models.UniqueConstraint(fields=["role", "key"], name="web_preference_role_key"),
            models.CheckConstraint(
                condition=models.Q(member__isnull=True) ^ models.Q(role__isnull=True), name="web_preference_one_owner"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {f'member {self.member}' if self.member else f'role {self.role}'}"

"""Roles and what they grant."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhou.records.link import Link

ANY_TYPE = "*"


class Role(models.Model):
    """A bundle of grants. `key` names one that came from a `roles` hook; a tenant's own have none."""

    key = models.CharField(max_length=60, null=True, blank=True, unique=True)
    name = models.CharField(_("名称"), max_length=40, unique=True)
    description = models.CharField(_("说明"), max_length=200, blank=True)
    is_admin = models.BooleanField(default=False)
    order = models.IntegerField(default=100)
    start = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """One cell of the role editor: this role may do `operation` on `type` within `scope`.

    Type `*` counts for every type on which the role says nothing itself.
    """

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="grants")
    type = models.CharField(max_length=80)
    operation = models.CharField(max_length=20)
    scope = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "type", "operation"], name="access_rolegrant_cell")]

    def __str__(self) -> str:
        return f"{self.type} {self.operation}: {self.scope}"


class RoleField(models.Model):
    """A field that this role sees less of: `level` is hide, mask or read. Not listed means edit."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="fields")
    type = models.CharField(max_length=80)
    field = models.CharField(max_length=80)
    level = models.CharField(max_length=10)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "type", "field"], name="access_rolefield_once")]

    def __str__(self) -> str:
        return f"{self.type}.{self.field}: {self.level}"


class MemberRole(models.Model):
    """A member holds a role; several add up."""

    member = Link("access.Member")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="holders")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "role"], name="access_memberrole_once")]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.role_id}"

"""`Link`: the only foreign key between records.

A real constraint in the database, nothing of Django's cascade or reverse accessors (they would touch tables a tenant does not
have), and no way to walk or join to the linked row: its own policy has not been asked. Load it by `kezhou.records.get`, filter
by `Q(customer__in=records.query(actor, "customers.customer").filter(...))`.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor

from kezhou.records.gate import AccessUndecided


class LinkAccessor(ForwardManyToOneDescriptor):  # type: ignore[type-arg]  # no type arguments at run time
    """`record.customer` answers only an object that was put there; it never fetches one behind the gate's back."""

    def get_object(self, instance: Any) -> NoReturn:
        """Refused."""
        raise AccessUndecided(
            f"{type(instance).__name__}.{self.field.name} is not loaded through its own policy. "
            f"Use kezhou.records.get(actor, type, record.{self.field.name}_id)."
        )

    def get_queryset(self, **hints: Any) -> NoReturn:
        """Refused."""
        raise AccessUndecided(
            f"{self.field.name} cannot be fetched along. Use kezhou.records.query of the linked type."
        )

    def get_prefetch_queryset(self, instances: Any, queryset: Any = None) -> NoReturn:
        """Refused."""
        self.get_queryset()

    def get_prefetch_querysets(self, instances: Any, querysets: Any = None) -> NoReturn:
        """Refused."""
        self.get_queryset()


class Link(models.ForeignKey):  # type: ignore[type-arg]  # Django's field has no type arguments at run time
    """A link to a core type or to a type of a plugin that the manifest requires.

    `on_delete` says what `kezhou.records.delete` does here when the linked record goes: "refuse" (default), "cascade"
    (this record goes to the recycle bin with it) or "clear" (the link is emptied).

    `within` names another link of the model that narrows this one: `contact = Link("customers.Contact", within="customer")` takes
    contacts of the chosen customer only. The linked model must link to the same type; where it does so twice, say which
    ("customer:employer").
    """

    forward_related_accessor_class = LinkAccessor

    def __init__(self, to: Any, on_delete: Any = "refuse", within: str = "", **kwargs: Any) -> None:
        self.within = within
        self.when_deleted: str = on_delete if isinstance(on_delete, str) else "refuse"
        if self.when_deleted not in {"refuse", "cascade", "clear"}:
            raise ValueError(f"“{on_delete}” is not a way to delete. Say refuse, cascade or clear.")
        kwargs["related_name"] = "+"
        super().__init__(to, models.DO_NOTHING, **kwargs)

    def deconstruct(self) -> Any:
        """For migrations: the target and our own `on_delete` word."""
        name, path, args, kwargs = super().deconstruct()
        kwargs["on_delete"] = self.when_deleted
        kwargs.pop("related_name", None)
        return name, path, args, kwargs

    def get_extra_restriction(self, alias: Any, related_alias: Any) -> NoReturn:
        """Called when a join through this link becomes SQL: refused, the linked rows' policy has not been asked."""
        raise AccessUndecided(
            f"A join through {self.model.__name__}.{self.name} would pass by the policy of the linked records. Filter by "
            f"{self.name}__in=records.query(actor, …) instead."
        )

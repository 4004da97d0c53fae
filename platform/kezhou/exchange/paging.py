"""What exports read: a list page by page, and values as cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.records import ListRequest, Page
from kezhou.records.fields import Format
from kezhou.records.spec import FieldSpec, Level, TypeSpec


def pages(actor: Actor, spec: TypeSpec, request: ListRequest) -> Iterator[Page]:
    """The list page by page, as long as it goes on."""
    after = ""
    while True:
        page = records.page(actor, spec.key, replace(request, after=after))
        yield page
        after = page.next
        if not after:
            return


def exported(field: FieldSpec, value: Any, fmt: Format) -> Any:
    """The value as a cell; what the actor may only half see is a masked text already."""
    return value if field.level is Level.MASK else field.kind.export(value, field, fmt)

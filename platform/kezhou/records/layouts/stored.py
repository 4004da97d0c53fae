"""The arrangements in force in one tenant: one statement whenever the shape version has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kezhou.records.models import Layout

Slot = tuple[str, str, str, str]
"""Type, kind, role and record class; the last two empty for everybody and every class."""

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Arrangements:
    """Contents by slot, with the roles and classes that have any (most have none, and then share cached layouts)."""

    contents: Mapping[Slot, Content]
    roles: frozenset[str]
    classes: frozenset[tuple[str, str]]

    @classmethod
    def load(cls) -> Arrangements:
        """What is in force in the present tenant."""
        rows = Layout.objects.filter(current=True, content__isnull=False)
        found: dict[Slot, Content] = {
            (row.type, row.kind, row.role, row.record_class): row.content or {}
            for row in rows.only("type", "kind", "role", "record_class", "content")
        }
        return cls(
            found,
            frozenset(slot[2] for slot in found if slot[2]),
            frozenset((slot[0], slot[3]) for slot in found if slot[3]),
        )

    def nearest(
        self, type: str, kind: str, roles: Sequence[str], classes: Sequence[str], *, behind: Slot | None = None
    ) -> tuple[Slot, Content] | None:
        """What is in force for somebody with these roles: role and class, then role, then class, then everybody.

        `classes` are the record's class and those above it, nearest first: what is arranged for a class holds below it as well.

        Of several roles the first by key that has an arrangement counts, as with the columns of lists (QRY-05). `behind` looks
        past one slot: what would be in force without it.
        """
        ordered = sorted(roles)
        wanted = [(role, class_) for class_ in classes for role in ordered]
        wanted += [(role, "") for role in ordered]
        wanted += [("", class_) for class_ in classes]
        for role, class_ in (*wanted, ("", "")):
            slot = (type, kind, role, class_)
            if slot in self.contents and slot != behind:
                return slot, self.contents[slot]
        return None

"""The organisation as a tree, read in one statement and kept per tenant and shape version (ORG-01).

The path of a department is computed from the parents: nothing stored can disagree with them. Departments are few, and
whoever changes one raises the shape version (`kezhou.access.hooks.before_save`), so a move changes everybody's scope at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.db import connection

from kezhou.access.versioned import Versioned
from tenants.context import current


@dataclass(frozen=True, slots=True)
class Node:
    """One department."""

    pk: int
    name: str
    parent: int | None
    head: int | None
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Tree:
    """All departments of a tenant; immutable."""

    nodes: Mapping[int, Node] = field(default_factory=dict)
    children: Mapping[int | None, tuple[int, ...]] = field(default_factory=dict)

    def below(self, pk: int) -> frozenset[int]:
        """The department and everything under it."""
        found: set[int] = set()
        waiting = [pk]
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting.extend(self.children.get(node, ()))
        return frozenset(found)

    def path(self, pk: int) -> tuple[Node, ...]:
        """From the root to the department itself; empty for a department that does not exist."""
        found: list[Node] = []
        at: int | None = pk
        while at is not None and at in self.nodes and all(node.pk != at for node in found):
            found.append(self.nodes[at])
            at = self.nodes[at].parent
        return tuple(reversed(found))

    def headed_by(self, member_pk: int) -> tuple[Node, ...]:
        """The departments that a member heads."""
        return tuple(node for node in self.nodes.values() if node.head == member_pk)

    def in_order(self) -> tuple[tuple[int, Node], ...]:
        """Every department with its depth, parents before children, for lists and choosers."""
        found: list[tuple[int, Node]] = []

        def visit(parent: int | None, depth: int) -> None:
            for pk in self.children.get(parent, ()):
                found.append((depth, self.nodes[pk]))
                visit(pk, depth + 1)

        visit(None, 0)
        return tuple(found)


def make_tree(nodes: Iterable[Node]) -> Tree:
    """A tree of nodes given in the order of siblings; a parent that is not among them counts as none."""
    by_pk = {node.pk: node for node in nodes}
    children: dict[int | None, list[int]] = {}
    for node in by_pk.values():
        children.setdefault(node.parent if node.parent in by_pk else None, []).append(node.pk)
    return Tree(MappingProxyType(by_pk), MappingProxyType({pk: tuple(under) for pk, under in children.items()}))


_trees: Versioned[str, Tree] = Versioned(limit=200)


def tree(shape_version: int) -> Tree:
    """The departments of the present tenant as of a shape version."""
    return _trees.get(current().schema, shape_version, _load)


def fresh_tree() -> Tree:
    """The departments as the running transaction sees them: for checks before a write."""
    return _load()


def _load() -> Tree:
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT id, name, parent_id, head_id, retired FROM access_department WHERE deleted_at IS NULL ORDER BY "order", id'
        )
        return make_tree(Node(*row) for row in cursor.fetchall())

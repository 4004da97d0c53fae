"""What the order of the kinds in the menu is worth: as points, and as parts of a query."""

from __future__ import annotations

import math
from collections.abc import Iterable

from search.query.tree import Constant, Query, Term
from search.schema import Field

KIND_POINTS = (24.0, 16.0, 8.0, 6.0, 4.0)
"""More score for kinds that stand first in the menu, less and less from the first to the fifth (docs/search.md)."""
FULL_AT = 100_000
"""Records among which a rare word is worth so much that the kinds count in full."""


def kind_points(documents: int) -> tuple[float, ...]:
    """What the kinds' order in the menu is worth among so many records: a rare word is worth the less the fewer there are, and the kind
    shall never outweigh the words."""
    strength = min(1.0, math.log1p(documents) / math.log1p(FULL_AT))
    return tuple(round(points * strength, 1) for points in KIND_POINTS)


def prior(kinds: Iterable[str], documents: int) -> tuple[Query, ...]:
    """The same as parts of a query."""
    points = kind_points(documents)
    return tuple(Constant(Term(Field.KIND, kind), worth) for kind, worth in zip(kinds, points, strict=False))

"""What a company's state lets happen (TEN-04). The six states are fixed; `billing` decides which one a company is in.

Whoever has to know asks the effect of the entered company, `current().effect`; nobody compares states by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType


class Need(IntEnum):
    """What a page, an API address or a deep function needs of the company's state; the larger includes the smaller.

    `ENTRANCE`: signing in and out, paying. `READ`: looking and exporting. `WRITE`: changing anything of the company.
    """

    NOTHING = 0
    ENTRANCE = 1
    READ = 2
    WRITE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one state lets happen.

    `members` and `administrators` say how far each may go, in pages, over the API and in the portal alike (customers and
    partners go as far as members). `works`: tasks of the schedule, reminders and jobs run.
    """

    members: Need
    administrators: Need
    works: bool

    def allows(self, need: Need, *, is_admin: bool = False) -> bool:
        """Whether somebody may do what needs `need`."""
        return (self.administrators if is_admin else self.members) >= need


_FULL = Effect(members=Need.WRITE, administrators=Need.WRITE, works=True)
_NOBODY = Effect(members=Need.NOTHING, administrators=Need.NOTHING, works=False)

EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {
        "pending": _NOBODY,
        "trial": _FULL,
        "active": _FULL,
        "overdue": Effect(members=Need.READ, administrators=Need.READ, works=True),
        "suspended": Effect(members=Need.NOTHING, administrators=Need.ENTRANCE, works=False),
        "closed": _NOBODY,
    }
)
"""The states of a company that exists; one in preparation, or whose making failed, has no address at all."""

KEPT = tuple(state for state in EFFECTS if state != "closed")
"""The states in which a company may go on one day, so that what can be made again (indexes) is kept for it."""

WORKING = tuple(state for state, effect in EFFECTS.items() if effect.works)

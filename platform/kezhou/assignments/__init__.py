"""Assignments (BAS-07): a record given to a member or department, with what is to be done and until when.

assign(actor, "customers.customer", [12], member=7, due=date(2026, 5, 12), note="回访并确认行程")
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Assignment": "models", "AssignmentRefused": "assigning", "assign": "assigning", "assignable": "reading", "finish": "closing",
    "hand_back": "closing", "may_answer": "closing", "mine": "reading", "of": "reading", "open_pks": "reading", "take": "closing",
    "waiting_for": "reading", "withdraw": "closing",
}  # fmt: skip
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"kezhou.assignments has no {name}.")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

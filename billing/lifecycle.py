"""Where a company stands, worked out from what is known and the day: a pure function, so that the order of news does not matter.

After the end of what was paid come days of grace, days of looking only, and then suspension; a payment moves the end and so
restores at once (TEN-04, BIL-07).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a subscription. `free_after`: a plan that costs nothing takes over at the end of a trial or of a cancelled one."""

    hold: str = ""
    trial_until: datetime | None = None
    paid_until: datetime | None = None
    extended_until: datetime | None = None
    ending: bool = False
    free_after: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """How long each step of non-payment lasts."""

    grace: int = 15
    read_only: int = 75
    kept: int = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The state, the end of what was paid (None: without end), when the next step comes, and whether the free plan takes over.

    `held`: the state is the operator's word, and a payment does not change it.
    """

    state: str
    end: datetime | None = None
    next_at: datetime | None = None
    in_grace: bool = False
    falls_back: bool = False
    held: bool = False


def stage(facts: Facts, days: Days, now: datetime) -> Stage:
    """Where a company stands now."""
    end = _end(facts)
    if facts.hold:
        return Stage(state=facts.hold, end=end, held=True)
    if end is None:
        return Stage(state="active")
    if now < end:
        return Stage(state="trial" if facts.paid_until is None else "active", end=end, next_at=end)
    if facts.free_after and (facts.paid_until is None or facts.ending):
        return Stage(state="active", end=end, falls_back=True)
    return _unpaid(end, days, now)


def _end(facts: Facts) -> datetime | None:
    if facts.paid_until is None and facts.trial_until is None:
        return None
    return max(moment for moment in (facts.trial_until, facts.paid_until, facts.extended_until) if moment is not None)


def _unpaid(end: datetime, days: Days, now: datetime) -> Stage:
    read_only = end + timedelta(days=days.grace)
    suspended = read_only + timedelta(days=days.read_only)
    if now < read_only:
        return Stage(state="active", end=end, next_at=read_only, in_grace=True)
    if now < suspended:
        return Stage(state="overdue", end=end, next_at=suspended)
    return Stage(state="suspended", end=end, next_at=suspended + timedelta(days=days.kept))

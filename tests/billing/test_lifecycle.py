"""Where a company stands, day by day: a table, since it is a pure function."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from billing.lifecycle import Days, Facts, Stage, stage

END = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = Days(grace=15, read_only=75, kept=365)


def day(number: float) -> datetime:
    return END + timedelta(days=number)


@pytest.mark.req("TEN-04", part="states by the calendar")
@pytest.mark.req("BIL-07", part="grace, read-only, suspension")
@pytest.mark.parametrize(
    ("facts", "now", "state", "next_at"),
    [
        (Facts(), 0, "active", None),
        (Facts(trial_until=END), -1, "trial", END),
        (Facts(trial_until=END), 0, "active", None),
        (Facts(trial_until=END, free_after=False), 1, "active", day(15)),
        (Facts(trial_until=END, free_after=False), 15, "overdue", day(90)),
        (Facts(trial_until=END, paid_until=day(30)), 1, "active", day(30)),
        (Facts(paid_until=END), -0.01, "active", END),
        (Facts(paid_until=END), 14.9, "active", day(15)),
        (Facts(paid_until=END), 15, "overdue", day(90)),
        (Facts(paid_until=END), 89.9, "overdue", day(90)),
        (Facts(paid_until=END), 90, "suspended", day(455)),
        (Facts(paid_until=END, extended_until=day(40)), 20, "active", day(40)),
        (Facts(paid_until=END, extended_until=day(40)), 55, "overdue", day(130)),
        (Facts(paid_until=END, extended_until=day(-9)), 20, "overdue", day(90)),
        (Facts(paid_until=END, ending=True), -1, "active", END),
        (Facts(paid_until=END, ending=True), 1, "active", None),
        (Facts(paid_until=END, ending=True, free_after=False), 20, "overdue", day(90)),
        (Facts(paid_until=day(99), hold="suspended"), 0, "suspended", None),
        (Facts(trial_until=END, hold="pending"), -1, "pending", None),
        (Facts(hold="closed"), 0, "closed", None),
    ],
)
def test_where_a_company_stands(facts: Facts, now: float, state: str, next_at: datetime | None) -> None:
    found = stage(facts, DAYS, day(now))

    assert (found.state, found.next_at) == (state, next_at)


def test_the_free_plan_takes_over_only_where_nothing_is_owed() -> None:
    over = [
        stage(Facts(trial_until=END), DAYS, day(1)),
        stage(Facts(paid_until=END, ending=True), DAYS, day(1)),
        stage(Facts(paid_until=END), DAYS, day(1)),
    ]

    assert [found.falls_back for found in over] == [True, True, False]
    assert over[2] == Stage(state="active", end=END, next_at=day(15), in_grace=True)

"""Once more from the start, when the database gave a transaction up for another one: a deadlock, or writes that cannot be put in order."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection

TRIES = 3
PAUSE = 0.05
"""Seconds at most before the second try, twice that before the third: the other transaction ends first."""
T = TypeVar("T")
GIVEN_UP = frozenset({"40001", "40P01"})


def retried(work: Callable[[], T]) -> T:
    """The result of `work`, which opens its own transaction and may be begun anew, at most three times.

    Inside a transaction of the caller nothing can be begun anew: the error goes on to where that transaction was opened.
    """
    for turn in range(1, TRIES):
        try:
            return work()
        except OperationalError as error:
            if connection.in_atomic_block or not given_up(error):
                raise
            time.sleep(random.uniform(0, PAUSE * turn))  # noqa: S311  # no secret
    return work()


def given_up(error: BaseException) -> bool:
    """Whether the database chose this transaction to end so that others can go on."""
    return getattr(error.__cause__, "sqlstate", None) in GIVEN_UP

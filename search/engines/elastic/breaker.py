"""A circuit breaker: an engine that is away is asked once in a while, not by every request (SRH-08)."""

from __future__ import annotations

import threading
import time

FAILURES = 3
PAUSE = 5.0


class Breaker:
    """Closed while calls succeed; after `FAILURES` in a row open for `PAUSE` seconds, then one call at a time may try."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._next_try = 0.0

    def admits(self) -> bool:
        """Whether a call may be made now; while open, the one that may try again."""
        with self._lock:
            if self._failures < FAILURES:
                return True
            if time.monotonic() < self._next_try:
                return False
            self._next_try = time.monotonic() + PAUSE
            return True

    def succeeded(self) -> None:
        """A call was answered."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """A call was not answered."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                self._next_try = time.monotonic() + PAUSE

"""A small cache of what was made of a version, so that nothing in it can be wrong, only unused."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

KEPT = 2
"""Versions of one key: the present one, and the one with which running requests began."""


class Versioned(Generic[Key, Value]):
    """The values of the last `limit` keys, each at its last two versions; safe between threads. Keys carry the tenant."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[Key, tuple[tuple[Hashable, Value], ...]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, version: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key` at `version`, made when it is not held."""
        with self._lock:
            for known, value in self._held.get(key, ()):
                if known == version:
                    self._held.move_to_end(key)
                    return value
        value = make()
        with self._lock:
            others = (held for held in self._held.get(key, ()) if held[0] != version)
            self._held[key] = ((version, value), *others)[:KEPT]
            self._held.move_to_end(key)
            while len(self._held) > self._limit:
                self._held.popitem(last=False)
        return value

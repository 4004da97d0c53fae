"""A bounded memory of what was made of short texts: names, cities, options and phrases come again and again.

Only for pure functions of a text. The memory belongs to the process and is shared by all companies: what is in it never reaches
anybody who did not bring the very same text, and where nothing is remembered the answer is the same (docs/decisions.md).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

SHORT = 80
"""Characters up to which a text is remembered: names and phrases, not notes."""

Made = TypeVar("Made")


def remembered(most: int) -> Callable[[Callable[[str], Made]], Callable[[str], Made]]:
    """Remembers what a function made of the last `most` short texts. What it makes must not be changed."""

    def decorate(make: Callable[[str], Made]) -> Callable[[str], Made]:
        kept = lru_cache(maxsize=most)(make)

        @wraps(make)
        def answer(text: str) -> Made:
            return kept(text) if len(text) <= SHORT else make(text)

        return answer

    return decorate

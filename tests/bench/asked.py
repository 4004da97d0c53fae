"""What the bench of searches asks, by class: names and numbers that are there, two words, and terms that very many hold."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from tests.bench.data import named

FREQUENT = ("有限公司", "酒店", "成都", "天府大道", "商旅", "差旅客户")


def main(rows: str) -> Mapping[str, Sequence[str]]:
    """A few thousand texts, always the same for a number of rows."""
    chance = random.Random(7)
    numbers = [chance.randrange(int(rows)) for _ in range(3_000)]
    names = {number: named(random.Random(number)) for number in numbers}
    exact = [
        text
        for number in numbers
        for text in (f"{names[number].company}{number}", f"KH{number + 1:06}", f"HT-{number:07}")
    ]
    two = [f"{names[number].city} {names[number].core}" for number in numbers]
    return {"names and numbers": exact, "two words": two, "very frequent": FREQUENT}

"""Believable opportunities for the sample customers; every date counts from today."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

SERVICES = (
    "年度差旅托管",
    "奖励旅游",
    "年会会务",
    "团队旅游",
    "商务用车",
    "会展住宿",
    "机票月结",
    "考察行程",
    "签证与护照",
)
STAGES = (
    ("find_prospect", 10), ("visit", 20), ("build_trust", 30), ("mine_needs", 40),
    ("discuss_solution", 55), ("propose", 70), ("sign", 90),
)  # fmt: skip
COMPETITORS = ("本地旅行社", "某差旅平台", "客户自行采购")


def opportunities(customers: Sequence[tuple[int, str]], *, today: date, seed: int = 21) -> Iterator[dict[str, object]]:
    """Yield one opportunity for about every second customer, given as (pk, name)."""
    draw = random.Random(seed)
    for pk, name in customers:
        if draw.random() < 0.5:
            continue
        service = draw.choice(SERVICES)
        stage, probability = draw.choice(STAGES)
        result = draw.choice(("open", "open", "open", "open", "won", "lost"))
        short = name.split("（")[0][:6]
        yield {
            "name": f"{short}{service}", "customer": pk, "stage": stage if result == "open" else result, "result": result,
            "probability": {"open": probability, "won": 100, "lost": 0}[result],
            "amount": draw.randrange(3, 90) * 10_000,
            "expected_on": today + timedelta(days=draw.randrange(-30, 120)),
            "competitor": draw.choice(("", *COMPETITORS)) if result != "lost" else draw.choice(COMPETITORS),
            "lost_reason": draw.choice(("price", "competitor", "relation")) if result == "lost" else None,
            "next_step": draw.choice(("约见行政负责人", "递交协议价方案", "确认人数与日期", "送样行程单", "")),
        }  # fmt: skip

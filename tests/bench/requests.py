"""The requests of the load, ours and the baseline's side by side: same filter, sort, page and size, no answer twice in 1,000."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.bench.load import Call

TYPE = "customers.customer"
WORDS = ("酒店", "成都", "天府", "科技", "医药", "金沙", "蜀峰", "嘉陵", "物流", "建筑", "星河", "凤凰", "杭州", "教育")


@dataclass(frozen=True)
class Case:
    """One figure: what we are asked, what the baseline is asked, what the best peer did (requests a second)."""

    name: str
    ours: Callable[[int], Call]
    plain: Callable[[int], Call]
    peer: int


def cases(facts: Mapping[str, Any]) -> tuple[Case, ...]:
    """All figures over the bench company that `facts` describes (tests.bench.data)."""
    host = {"Host": f"{facts['slug']}.localhost"}
    api = {**host, "Authorization": f"Bearer {facts['token']}", "Content-Type": "application/json"}
    page = {**host, "Cookie": f"sessionid={facts['session']}"}
    json_headers = {"Content-Type": "application/json"}
    level, amount, contract = (facts["keys"][label] for label in ("品牌等级", "签约额度", "合同号"))
    options, pks = facts["options"], facts["pks"]
    mine = [pk for pk in pks if pk % 5 == 0] or pks

    def filtered(number: int) -> dict[str, str]:
        sorts = (f"-{amount}", amount, "-created_at", "name")
        return {
            "filter": json.dumps([level, "eq", options[number % len(options)]]),
            "sort": sorts[number // len(options) % len(sorts)],
            "page": str(number // (len(options) * len(sorts)) % 18 + 1),
            "size": "50",
        }

    def plain_filtered(number: int) -> dict[str, str]:
        sorts = (f"-custom__{amount}", f"custom__{amount}", "-created_at", "name")
        return {
            f"custom.{level}": options[number % len(options)],
            "sort": sorts[number // len(options) % len(sorts)],
            "page": str(number // (len(options) * len(sorts)) % 18 + 1),
        }

    def body(number: int) -> bytes:
        return json.dumps(
            {
                "name": f"新建商旅{number}号有限公司", "category": "company", "phone": f"028-6{number % 10_000_000:07}",
                "city": "成都", level: options[number % len(options)], amount: number, contract: f"N-{number}",
            },
            ensure_ascii=False,
        ).encode()  # fmt: skip

    def plain_body(number: int) -> bytes:
        values = json.loads(body(number))
        own = {key: values.pop(key) for key in (level, amount, contract)}
        rest = {"industry": "it", "email": "a@example.com", "province": "四川", "address": "天府大道", "remark": "无"}
        return json.dumps({**values, **rest, "owner": 1, "department": 1, "custom": own}, ensure_ascii=False).encode()

    def change(number: int) -> bytes:
        return json.dumps({"city": f"城市{number}", amount: number}, ensure_ascii=False).encode()

    def plain_change(number: int) -> bytes:
        return json.dumps({"city": f"城市{number}", "custom": {amount: number}}, ensure_ascii=False).encode()

    def word(number: int) -> str:
        return WORDS[number % len(WORDS)]

    def get(path: str, headers: Mapping[str, str], **query: str) -> Call:
        return Call("GET", f"{path}?{urlencode(query)}", headers)

    return (
        Case(
            "JSON list of 50, own field, sorted, total",
            lambda n: get(f"/api/v1/{TYPE}/", api, **filtered(n)),
            lambda n: get("/api/companies/", {}, **plain_filtered(n)),
            36,
        ),
        Case(
            "read one",
            lambda n: Call("GET", f"/api/v1/{TYPE}/{facts['own'][n % len(facts['own'])]}", api),
            lambda n: Call("GET", f"/api/companies/{mine[n % len(mine)]}/", {}),
            274,
        ),
        Case(
            "create",
            lambda n: Call("POST", f"/api/v1/{TYPE}/", api, body(facts["salt"] + n)),
            lambda n: Call("POST", "/api/companies/", json_headers, plain_body(facts["salt"] + n)),
            90,
        ),
        Case(
            "update",
            lambda n: Call("PATCH", f"/api/v1/{TYPE}/{facts['own'][n % len(facts['own'])]}", api, change(n)),
            lambda n: Call("PATCH", f"/api/companies/{mine[n % len(mine)]}/", json_headers, plain_change(n)),
            88,
        ),
        Case(
            "two-character Chinese search, 50 rows",
            lambda n: get("/api/v1/search", api, q=word(n), size="50", page=str(n // len(WORDS) % 20 + 1)),
            lambda n: get("/api/companies/", {}, q=word(n), page=str(n // len(WORDS) % 20 + 1)),
            10,
        ),
        Case(
            "HTML list of 50, filtered",
            lambda n: get(f"/r/{TYPE}/", page, **filtered(n)),
            lambda n: get("/companies/", {}, **plain_filtered(n)),
            9,
        ),
    )

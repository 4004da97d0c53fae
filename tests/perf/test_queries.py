"""Pinned numbers of statements: every type's list, record page, form and REST list, with 3 and with 30 records.

The numbers stand in `queries.json`, written only by `make queries`, so that a change shows in review (style.md, habit 15).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.registry import registered
from kezhou.testing import contract
from kezhou.testing.access import MemberFactory, SignIn
from tenants.context import Current
from tests.contract.test_every_type import needs
from tests.own import making

PINNED = Path(__file__).with_name("queries.json")
MOST = 12
KEYS = [*sorted(key for key in registered() if not key.startswith("testplugin.")), *making.KINDS]


@pytest.mark.parametrize("kind", KEYS)
def test_pages_take_the_pinned_number_of_statements(
    kind: str, in_alpha: Current, plugins_on: Callable[..., None], member_factory: MemberFactory, sign_in: SignIn
) -> None:
    wanted = dict.fromkeys(needs(kind.partition(".")[0]))
    if wanted:
        plugins_on(*wanted)
    key = making.made(kind) or kind
    system = System("pinned statements")
    client = sign_in(Client(), member_factory("admin", name="周敏"))
    pk = contract.make(system, key, 3)[0]
    places = {
        f"{kind}:list": f"/r/{key}/", f"{kind}:record": f"/r/{key}/{pk}", f"{kind}:form": f"/r/{key}/{pk}/edit",
        f"{kind}:api-list": f"/api/v1/{key}/", f"{kind}:api-read": f"/api/v1/{key}/{pk}",
    }  # fmt: skip
    if lanes := records.type_of(system, key).lanes:
        places[f"{kind}:calendar-list"] = f"/r/{key}/?display=calendar&scale=week&resource={lanes.link}"

    def counted() -> dict[str, int]:
        for path in places.values():
            client.get(path)  # caches of the process are warm in life as well
        return {name: contract.statements(lambda path=path: client.get(path)) for name, path in places.items()}  # type: ignore[misc]

    few = counted()
    contract.make(system, key, 27, start=50)
    many = counted()

    assert few == many
    assert {name: count for name, count in many.items() if name.endswith("list") and count > MOST} == {}
    pinned = json.loads(PINNED.read_text("utf-8")) if PINNED.exists() else {}
    if os.environ.get("KEZHOU_WRITE_QUERIES"):
        PINNED.write_text(json.dumps({**pinned, **many}, indent=1, sort_keys=True) + "\n", "utf-8")
    else:
        assert {name: pinned.get(name) for name in many} == many

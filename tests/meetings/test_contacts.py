"""The contact of an order is one of its customer's: of namesakes the right one is found, a stranger is refused."""

from __future__ import annotations

import pytest

from kezhou import records
from kezhou.access.actor import System
from tests.meetings.conftest import DAY

ORDER = "meetings.order"


@pytest.fixture
def namesake(place: dict[str, int], system: System) -> int:
    """Another customer's 陈嘉禾."""
    other = records.save(system, "customers.customer", [{"name": "秦岭航空"}]).demand().pk
    return records.save(system, "customers.contact", [{"name": "陈嘉禾", "customer": other}]).demand().pk


@pytest.mark.req("MTG-02", part="the contact is one of the customer's")
@pytest.mark.parametrize("source", ["import", "page"])
def test_of_namesakes_the_customers_is_meant(source: str, place: dict[str, int], namesake: int, system: System) -> None:
    row = {"name": "年会", "contact": "陈嘉禾", "customer": "川西能源集团有限公司", "starts_on": DAY}

    pk = records.save(system, ORDER, [row], source=source).demand().pk
    unclear = records.save(system, ORDER, [{"pk": pk, "contact": "陈嘉禾"}], source=source)

    assert records.get(system, ORDER, pk).values["contact"] == place["contact"]
    assert list(unclear.errors()) == ["contact"]


def test_a_contact_of_somebody_else_is_refused_by_name(place: dict[str, int], namesake: int, system: System) -> None:
    given = {"name": "年会", "customer": place["customer"], "contact": namesake}

    refused = records.save(system, ORDER, [given], source="import")

    assert refused.errors() == {"contact": ("联系人“陈嘉禾”不属于客户“川西能源集团有限公司”，请改选其中一个。",)}

"""Whatever is wrong with Elasticsearch, the database answers under the same rights, and the indexer waits and says why (SRH-08)."""

from __future__ import annotations

from typing import Any

import pytest

from kezhou.finding import SearchRequest, find
from search.engines import engine
from search.engines.base import EngineUnreachable
from search.engines.elastic import breaker, server
from search.indexer import Indexer
from tenants.context import Current
from tests.search import staff
from tests.search.door import saying
from tests.search.staff import CUSTOMER

WRONG = b'{"error":{"type":"security_exception","reason":"unable to authenticate user"},"status":401}'
ODD: dict[str, tuple[dict[str, Any], str]] = {
    "a wrong password": ({"status": 401, "body": WRONG}, "refuses the user or the rights"),
    "no right": ({"status": 403, "body": WRONG}, "refuses the user or the rights"),
    "a request it does not take": ({"status": 400, "body": b'{"error":{"type":"too_many_clauses"}}'}, "does not take"),
    "too much to do": ({"status": 429, "body": b"{}"}, "is busy"),
    "an error of its own": ({"status": 500, "body": b"{}"}, "is busy"),
    "starting": ({"status": 503, "body": b"{}"}, "is busy"),
    "no JSON": ({"status": 200, "body": b"<html>proxy</html>"}, "does not answer"),
    "another product": ({"status": 200, "body": b"{}", "product": False}, "is not Elasticsearch"),
    "no answer in time": ({"status": 200, "body": b"{}", "after": 20.0}, "does not answer"),
}


@pytest.mark.req("SRH-08", part="whatever the engine says, the database answers with a notice")
@pytest.mark.parametrize("what", ODD)
def test_the_database_answers_and_the_indexer_waits(
    what: str, in_alpha: Current, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "ASKING", 0.3)
    staff.plugins()
    customer = staff.saved(CUSTOMER, name="川西能源")
    said, reason = ODD[what]

    with saying(**said) as url:
        settings.KEZHOU_ELASTICSEARCH_URL = url
        found = find(staff.SYSTEM, SearchRequest("川西"))
        with pytest.raises(EngineUnreachable, match=reason):
            Indexer(engine()).step()

    assert [hit.pk for hit in found.hits] == [customer]
    assert found.notice.startswith("全文搜索暂时不可用")


def test_a_slow_server_is_soon_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SLOW", 0.05)

    with saying(200, b"{}", after=0.1) as url:
        asked = server.Server(url, prefix="x")
        for _ in range(breaker.FAILURES):
            asked.demand()
        with pytest.raises(EngineUnreachable, match="asked again in a few seconds"):
            asked.demand()

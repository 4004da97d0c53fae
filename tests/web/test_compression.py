"""Texts go out compressed to whoever takes it, and nothing else changes by that."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from io import BytesIO

import orjson
import pytest
from django.test import Client

from kezhou import files
from kezhou.testing.access import Person
from tests.web.conftest import CUSTOMERS, Customers

TAKES = {"Accept-Encoding": "gzip, deflate"}


@pytest.fixture
def browser(boss: Person, browser_of: Callable[[Person], Client]) -> Client:
    return browser_of(boss)


def test_a_page_is_compressed_and_its_length_tells_nothing(browser: Client, boss: Person, customers: Customers) -> None:
    customers(boss, "川西能源集团有限公司")

    plain = browser.get(f"/r/{CUSTOMERS}/")
    small = [browser.get(f"/r/{CUSTOMERS}/", headers=TAKES) for _ in range(6)]

    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain["Vary"]
    assert {answer["Content-Encoding"] for answer in small} == {"gzip"}
    assert all("川西能源集团有限公司" in gzip.decompress(answer.content).decode() for answer in small)
    assert len(small[0].content) * 3 < len(plain.content)
    assert len({len(answer.content) for answer in small}) > 1  # random bytes in each


def test_the_api_compresses_and_its_versions_still_hold(browser: Client, boss: Person, customers: Customers) -> None:
    (pk,) = customers(boss, "川西能源集团有限公司")
    read = browser.get(f"/api/v1/{CUSTOMERS}/{pk}", headers=TAKES)

    changed, stale = (
        browser.patch(
            f"/api/v1/{CUSTOMERS}/{pk}", orjson.dumps({"remark": said}), content_type="application/json",
            headers={"If-Match": read["ETag"]},
        )
        for said in ("一", "二")
    )  # fmt: skip

    assert read["Content-Encoding"] == "gzip"
    assert orjson.loads(gzip.decompress(read.content))["name"] == "川西能源集团有限公司"
    assert (changed.status_code, stale.status_code) == (200, 409)


def test_files_go_out_as_they_are(browser: Client, boss: Person) -> None:
    content = "名称,电话\n".encode() * 100
    row = files.store(boss.actor, "名单.csv", BytesIO(content), purpose="export")

    answer = browser.get(f"/files/{row.pk}", headers=TAKES)

    assert "Content-Encoding" not in answer.headers
    assert b"".join(answer.streaming_content) == content  # type: ignore[attr-defined]  # a file's answer

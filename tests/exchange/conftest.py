"""A company with customers and sales switched on, an administrator who imports, and the twelve salespeople of the files."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from kezhou import files, records
from kezhou.access.actor import System
from kezhou.exchange import checking, command, imports, running
from kezhou.exchange.models import ImportBatch, ImportRow

DATA = Path(__file__).parent / "data"
EXPECTED = json.loads((DATA / "expected.json").read_text("utf-8"))
CUSTOMER, CONTACT, OPPORTUNITY = "customers.customer", "customers.contact", "sales.opportunity"

Begin = Callable[..., ImportBatch]


@pytest.fixture
def me(in_alpha: Any, plugins_on: Any, member_factory: Any) -> Any:
    """An administrator in a company with both plugins."""
    plugins_on("customers", "sales")
    return member_factory("admin", name="周敏", username="zhoumin").actor


@pytest.fixture
def salespeople(me: Any) -> dict[str, int]:
    """The file's twelve salespeople as members."""
    saved = records.save(System("a test has colleagues"), "core.member", [{"name": name} for name in EXPECTED["sales"]])
    return dict(zip(EXPECTED["sales"], saved.demand().pks, strict=True))


@pytest.fixture
def begin(me: Any) -> Begin:
    """``begin("customers.xlsx")`` or ``begin("名单.csv", content)`` uploads a file and proposes its plan."""

    def upload(
        name: str, content: bytes | None = None, *, mode: str = "add", type_key: str = CUSTOMER, actor: Any = None
    ) -> ImportBatch:
        who = actor or me
        data = (DATA / name).read_bytes() if content is None else content
        file = files.store(who, name, BytesIO(data), purpose="import")
        return imports.begin(who, file, type_key=type_key, mode=mode)

    return upload


def silent(done: int, total: int, message: str) -> None:
    """Progress that nobody watches."""


def invite(actor: Any, batch: ImportBatch) -> None:
    """Make every unknown name a member who is not yet invited."""
    imports.set_plan(actor, batch, command.invitations(actor, batch))


def check(actor: Any, batch: ImportBatch) -> dict[str, int]:
    """Dry run, its counts."""
    checking.run_check(actor, batch, silent)
    return batch.counts


def run(actor: Any, batch: ImportBatch) -> dict[str, int]:
    """Import, its counts."""
    running.run_import(actor, batch, silent)
    return batch.counts


def counts(**some: int) -> dict[str, int]:
    """Counts with zeros for the kinds not named."""
    return {**dict.fromkeys(("new", "update", "same", "twin", "wrong", "noted"), 0), **some}


def rows(batch: ImportBatch, kind: str) -> list[tuple[int, str]]:
    """(row number, column title) of the remembered rows of a kind in the first sheet."""
    titles = batch.plan["sheets"][0]["titles"]
    found = ImportRow.objects.filter(batch=batch, kind=kind, sheet=0).values_list("row", "problems")
    return [(row, titles[column]) for row, problems in found for column, _sentence in problems]

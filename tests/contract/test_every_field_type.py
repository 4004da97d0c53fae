"""An own field of every type there is, through every reader that a standard field has (FLD-02)."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kezhou import files, records
from kezhou.access.actor import Actor, System
from kezhou.exchange import exports, imports
from kezhou.finding import SearchRequest, find
from kezhou.jobs import get, running
from kezhou.records import ListRequest, custom
from kezhou.records.fields import field_types
from kezhou.testing.access import MemberFactory, SignIn
from search import keeping
from search.engines import engine
from tenants.context import Current
from tests.contract.forms import sent

CUSTOMER = "customers.customer"
LABEL = "契约字段"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


@dataclass(frozen=True)
class Case:
    """What is typed, how it is shown, another value, a word within it, and what a field of this type has to be made with."""

    typed: str
    shown: str
    other: str
    word: str = ""
    how: dict[str, Any] = field(default_factory=dict)
    pieces: dict[str, str] = field(default_factory=dict)


OPTIONS = {"options": [{"label": "金牌伙伴"}, {"label": "银牌伙伴"}]}
CASES = {
    "text": Case("青城山麓", "青城山麓", "峨眉", "青城山"),
    "long_text": Case("都江堰水利", "都江堰水利", "乐山", "都江堰"),
    "number": Case("1,234.5", "1,234.5", "7"),
    "money": Case("8800.5", "¥ 8,800.50", "12"),
    "percent": Case("12.5%", "12.5%", "40%"),
    "date": Case("2026年5月6日", "2026年5月6日", "2027-01-02"),
    "datetime": Case("2026-05-06 09:30", "2026年5月6日 09:30", "2027-01-02 08:00"),
    "time": Case("９：３０", "09:30", "18:00"),
    "yes_no": Case("是", "是", "否"),
    "choice": Case("金牌伙伴", "金牌伙伴", "银牌伙伴", how=OPTIONS),
    "multi_choice": Case("金牌伙伴、银牌伙伴", "金牌伙伴、银牌伙伴", "银牌伙伴", how=OPTIONS),
    "rating": Case("4", "4 星", "2"),
    "link": Case("被关联公司", "被关联公司", "", how={"target": CUSTOMER}),
    "member": Case("周敏", "周敏", ""),
    "department": Case("华西事业部", "华西事业部", ""),
    "email": Case("Zhou.Min@Example.com", "zhou.min@example.com", "a@b.cn", "zhou.min@example.com"),
    "phone": Case("138 1234 5678", "138 1234 5678", "13900000000", "1381234"),
    "credit_code": Case("91510100MA6CGUGA1W", "91510100MA6CGUGA1W", "", "91510100MA6C"),
    "identity_card": Case("510104199003070015", "510104199003070015", ""),
    "passport": Case(
        "E12345678 2031-05-06", "E12345678 2031-05-06", "", pieces={"number": "E12345678", "expires": "2031-05-06"}
    ),
    "region": Case("四川 成都 锦江区", "四川省成都市锦江区", "四川 成都"),
    "country": Case("Japan", "日本", "中国"),
    "file": Case("", "报价单.pdf", ""),
    "picture": Case("", "门头.png", ""),
}


@dataclass(frozen=True)
class Stage:
    """A company with one own field of a type, filled in one customer; `boss` looks at it through `client`."""

    kind: str
    key: str
    pk: int
    case: Case
    boss: Actor
    client: Client

    def find(self, tree: object, q: str = "") -> list[int]:
        return [row.pk for row in records.page(self.boss, CUSTOMER, ListRequest(filter=tree, q=q))]

    @property
    def field(self) -> records.FieldSpec:
        return records.type_of(self.boss, CUSTOMER).by_key[self.key]

    @property
    def value(self) -> Any:
        return records.get(self.boss, CUSTOMER, self.pk).values[self.key]


@pytest.fixture
def stage(
    request: pytest.FixtureRequest, in_alpha: Current, plugins_on: Callable[..., None],
    member_factory: MemberFactory, sign_in: SignIn,
) -> Stage:  # fmt: skip
    """The field of this type is made and two customers are imported, one with a value; files are uploaded instead."""
    kind, system = request.param, System("a test of every field type")
    case, type_ = CASES[kind], field_types()[kind]
    plugins_on("customers")
    boss = member_factory("admin", name="周敏")
    client = sign_in(Client(), boss)
    records.save(system, "core.department", [{"name": "华西事业部"}]).demand()
    if kind == "link":
        records.save(boss.actor, CUSTOMER, [{"name": "被关联公司"}]).demand()
    key = custom.add_field(
        system, CUSTOMER, label=LABEL, kind=kind, listed=True, searchable=True, indexed=type_.indexable,
        unique=type_.single, **case.how,
    ).key  # fmt: skip
    if type_.importable:
        taken(boss.actor, f"客户名称,{LABEL}\n甲公司,{quoted(case.typed)}\n乙公司,\n", new=2)
    else:
        upload = SimpleUploadedFile(case.shown, PNG if kind == "picture" else b"%PDF-1.7 x")
        got = client.post("/files/upload", {"file": upload}).json()
        first, _other = {"name": "甲公司", key: [got["pk"]]}, {"name": "乙公司"}
        records.save(boss.actor, CUSTOMER, [first, _other]).demand()
    (row,) = records.page(boss.actor, CUSTOMER, ListRequest(filter=["name", "eq", "甲公司"])).rows
    return Stage(kind, key, row.pk, case, boss.actor, client)


def quoted(text: str) -> str:
    return '"' + text + '"'


def taken(actor: Actor, csv: str | bytes, *, mode: str = "add", name: str = "名单.csv", **counts: int) -> None:
    """Import this sheet; it must come to exactly these counts."""
    content = csv.encode() if isinstance(csv, str) else csv
    upload = files.store(actor, name, io.BytesIO(content), purpose="import")
    batch = imports.begin(actor, upload, type_key=CUSTOMER, mode=mode)
    running.run(imports.check(actor, batch).pk)
    running.run(imports.run(actor, imports.batch(actor, batch.pk)).pk)
    found = imports.batch(actor, batch.pk).counts
    assert {name: number for name, number in found.items() if number} == counts, imports.error_groups(actor, batch, 0)


def test_every_type_has_its_case() -> None:
    assert set(CASES) == set(field_types())


SILENT = frozenset(["time", "yes_no", "rating"])
"""What nobody looks for as a word."""
every = pytest.mark.parametrize("stage", sorted(field_types()), indirect=True)


@every
@pytest.mark.req("FLD-02", part="form, detail, list column, history, API, every type")
def test_pages_history_and_api_have_it(stage: Stage) -> None:
    detail = stage.client.get(f"/r/{CUSTOMER}/{stage.pk}").content.decode()
    listed = stage.client.get(f"/r/{CUSTOMER}/").content.decode()
    by_api = stage.client.get(f"/api/v1/{CUSTOMER}/{stage.pk}").json()
    before = stage.value

    posted = sent(stage.client.get(f"/r/{CUSTOMER}/{stage.pk}/edit").content.decode(), "record-form")
    answer = stage.client.post(f"/r/{CUSTOMER}/{stage.pk}/edit", {**posted, "remark": "改过"})

    (row,) = records.page(stage.boss, CUSTOMER, ListRequest(columns=(stage.key,), filter=["name", "eq", "甲公司"]))
    assert row.texts == [stage.case.shown]
    assert str(row.cells[0]) in listed
    assert str(records.get(stage.boss, CUSTOMER, stage.pk).cell(stage.key)) in detail
    assert by_api[stage.key] == stage.field.kind.rest(before, stage.field)
    assert answer.status_code == 302, "the form is saved as it was shown"
    assert stage.value == before
    changed, created = records.history(stage.boss, CUSTOMER, stage.pk)
    assert [change.field.key for change in changed.fields] == ["remark"]
    assert next(change.new for change in created.fields if change.field.key == stage.key) == before


@every
@pytest.mark.req("FLD-02", part="exact, combined and fuzzy query, every type")
def test_queries_find_it(stage: Stage) -> None:
    kind, key = stage.field.kind, stage.key
    given = kind.rest(stage.value, stage.field)
    exact = "eq" if "eq" in kind.operator_keys else "contains"
    whole = given if isinstance(given, str | int | float | bool) else stage.case.shown
    part = stage.case.word or stage.case.shown

    assert stage.find([key, "not_empty", None]) == [stage.pk]
    assert stage.find(["and", [[key, "not_empty", None], ["name", "contains", "乙"]]]) == []
    assert stage.find(["or", [[key, "not_empty", None], ["name", "contains", "乙"]]]) != [stage.pk]
    if kind.key != "multi_choice":
        assert stage.find([key, exact, whole]) == [stage.pk]
        assert stage.find(["and", [[key, exact, whole], ["name", "eq", "甲公司"]]]) == [stage.pk]
    else:
        assert stage.find([key, "contains", given]) == [stage.pk]
    if "contains" in kind.operator_keys and kind.key != "multi_choice":
        assert stage.find([key, "contains", part[:3]]) == [stage.pk]
    if kind.worded:
        assert stage.find(None, q=part) == [stage.pk]


@pytest.mark.parametrize(
    "stage", [key for key, kind in sorted(field_types().items()) if kind.importable], indirect=True
)
@pytest.mark.req("FLD-02", part="export and import, every type")
def test_it_goes_out_and_comes_back(stage: Stage) -> None:
    job = exports.start(stage.boss, CUSTOMER, columns=["name", stage.key], filter='["name","eq","甲公司"]')
    running.run(job.pk)
    content = files.open(stage.boss, get(stage.boss, job.pk).file).read()
    before = stage.value

    (head, row) = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)

    assert head == ("客户名称", LABEL)
    assert row[1] not in (None, "")
    taken(stage.boss, content, mode="both", name="回来.xlsx", same=1)
    assert stage.value == before


@pytest.mark.parametrize("stage", [key for key, kind in sorted(field_types().items()) if kind.single], indirect=True)
@pytest.mark.req("FLD-02", part="duplicate key, every type that can be one")
def test_a_second_one_of_the_same_value_is_refused(stage: Stage) -> None:

    again = records.save(
        stage.boss, CUSTOMER, [{"name": "丙公司", stage.key: stage.field.kind.rest(stage.value, stage.field)}]
    )

    assert [(problem.field, problem.code) for problem in again.problems] == [(stage.key, "unique")]
    taken(stage.boss, f"客户名称,{LABEL}\n丙公司,{quoted(stage.case.typed)}\n", wrong=1)


@every
@pytest.mark.req("FLD-02", part="full-text search, every type with words in it")
def test_full_text_search_finds_it(stage: Stage, search_folder: Path) -> None:
    texts = stage.field.kind.search_texts(stage.value, stage.field, records.get(stage.boss, CUSTOMER, stage.pk).fmt)
    keeping.rebuild(engine())

    assert bool(texts) is (stage.kind not in SILENT)
    for text in texts:
        found = find(stage.boss, SearchRequest(text))
        assert (CUSTOMER, stage.pk) in [(hit.type, hit.pk) for hit in found.hits], text

"""The plan of an import: plain JSON that says how a file is read. Made by proposal, changed by the wizard, run by the job.

{"sheets": [{"index", "title", "header_row", "type", "titles", "candidates", "rows", "skipped", "samples", "seen",
             "columns": {"0": {"field", "confidence", "why"}}, "values": {"1": {"text": "target"}},
             "replaced": {"3": {"old": "new"}}}]}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from kezhou.access.actor import Actor
from kezhou.exchange import matching
from kezhou.exchange.models import ImportBatch
from kezhou.exchange.readers import Table
from kezhou.exchange.tables import check_limits, profile
from kezhou.records import fields_for, type_of, types
from kezhou.records.fields.reading import folded
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec

SheetPlan = dict[str, Any]


def propose(actor: Actor, table: Table, type_key: str) -> dict[str, Any]:
    """A plan for every sheet of a file, as far as it can be guessed. Raises ExchangeError beyond the limits."""
    known = matching.known_names(actor)
    sheets = [read_sheet(actor, table, index, known, wanted=type_key) for index in range(len(table.sheets))]
    check_limits(table.limits, sum(sheet["rows"] for sheet in sheets))
    if sheets and not any(sheet["type"] for sheet in sheets):
        assign_type(actor, sheets[0], type_key)
    return {"sheets": sheets}


def read_sheet(
    actor: Actor, table: Table, index: int, known: frozenset[str], *, wanted: str | None, header: int | None = None
) -> SheetPlan:
    """The plan of one sheet, its header row found or given."""
    found = profile(table, index, known, header=header)
    sheet: SheetPlan = {
        "index": index,
        "title": table.sheets[index],
        "header_row": found.header_row,
        "titles": list(found.titles),
        "candidates": [[number, list(texts)] for number, texts in found.candidates],
        "rows": found.rows,
        "skipped": [asdict(row) for row in found.skipped],
        "samples": found.samples,
        "seen": found.seen,
        "type": None,
        "columns": {},
        "values": {},
        "replaced": {},
    }
    guessed = matching.guess_type(actor, sheet["title"], found.titles, wanted)
    assign_type(actor, sheet, guessed)
    return sheet


def assign_type(actor: Actor, sheet: SheetPlan, type_key: str | None) -> None:
    """Read a sheet as records of this type (None: leave it out) and propose its columns anew."""
    sheet["type"], sheet["columns"], sheet["values"] = type_key, {}, {}
    if type_key is None:
        return
    spec = type_of(actor, type_key)
    matches = matching.match_columns(actor, spec, _profile_of(sheet), history(type_key))
    sheet["columns"] = {str(place): asdict(match) for place, match in sorted(matches.items())}


def _profile_of(sheet: SheetPlan) -> Any:
    from kezhou.exchange.tables import Profile

    return Profile(sheet["header_row"], tuple(sheet["titles"]), (), seen=sheet["seen"])


def history(type_key: str) -> dict[str, str]:
    """Folded column titles → fields, as in the last imports that were done for this type."""
    found: dict[str, str] = {}
    done = ImportBatch.objects.filter(state=ImportBatch.State.DONE).order_by("-pk").values_list("plan", flat=True)
    for plan in reversed(list(done[:5])):
        for sheet in plan.get("sheets", ()):
            if sheet["type"] == type_key:
                found |= {
                    folded(sheet["titles"][int(place)]): column["field"] for place, column in sheet["columns"].items()
                }
    return found


def imported(plan: Mapping[str, Any]) -> list[SheetPlan]:
    """The sheets that are imported, in the order of the file."""
    return [sheet for sheet in plan.get("sheets", ()) if sheet["type"]]


def in_order(actor: Actor, plan: Mapping[str, Any]) -> list[tuple[int, SheetPlan]]:
    """(place among the imported sheets, sheet), those that others link to first."""
    waiting = list(enumerate(imported(plan)))
    kinds = {sheet["type"] for _place, sheet in waiting}
    needs = _needs(actor, [sheet for _place, sheet in waiting])
    ordered: list[tuple[int, SheetPlan]] = []
    while waiting:
        standing = {sheet["type"] for _place, sheet in waiting}
        free = [item for item in waiting if not (needs[item[1]["type"]] & standing & kinds - {item[1]["type"]})]
        ordered += free or waiting
        waiting = [item for item in waiting if item not in ordered]
    return ordered


def _needs(actor: Actor, sheets: list[SheetPlan]) -> dict[str, set[str]]:
    """The types to which the sheets of each type link; a record needs what its lines need, since it comes in with them."""
    found: dict[str, set[str]] = defaultdict(set)
    for sheet in sheets:
        spec, links = spec_of(actor, sheet), links_of(actor, sheet)
        found[spec.key] |= links
        if spec.parent and spec.parent.key:
            found[spec.parent.type] |= links - {spec.parent.type}
    return found


def links_of(actor: Actor, sheet: SheetPlan) -> set[str]:
    """The types to which mapped columns of the sheet link."""
    fields = fields_by_key(actor, sheet["type"])
    used = {column["field"] for column in sheet["columns"].values()}
    return {fields[key].target or "" for key in used if key in fields and fields[key].target}


def fields_by_key(actor: Actor, type_key: str) -> dict[str, FieldSpec]:
    """The fields of a type that this actor may import."""
    return {field.key: field for field in fields_for(type_key, actor, Purpose.IMPORT)}


def required_fields(actor: Actor, type_key: str) -> list[FieldSpec]:
    """Fields without which no record of the type can be made."""
    return [f for f in fields_by_key(actor, type_key).values() if f.required and f.default in (None, "")]


def spec_of(actor: Actor, sheet: SheetPlan) -> TypeSpec:
    """The type of a sheet."""
    return types(actor)[sheet["type"]]

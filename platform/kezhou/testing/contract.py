"""The contract of a record type: what every reader may rely on, checked for any type by its key.

A plugin's author writes no such tests: the project's generated suite calls these for every declared type, and a plugin of its own
distribution calls `check_type(actor, "plugin.type")` in a company where only it and its needs are on. Every function raises
AssertionError with a sentence that names the type and the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.records import custom
from kezhou.records.fields import field_types
from kezhou.records.lines.reading import line_tables
from kezhou.records.listing import ListRequest
from kezhou.records.regions.places import NAMED
from kezhou.records.spec import FieldSpec, Purpose, RecordNotFound
from kezhou.records.structuring import POSITION
from kezhou.testing.arranged import check_layout

MOST_STATEMENTS = 12
DEEPEST = 4


def check_type(actor: Actor, key: str) -> None:
    """Everything below, one after the other; `actor` is an administrator or the system."""
    for check in CHECKS:
        check(actor, key)


# -- making records -----------------------------------------------------------------------------------------------------


def sample(actor: Actor, key: str, number: int = 1, *, depth: int = DEEPEST) -> dict[str, Any]:
    """Believable values for every field that can be written; different numbers give different records.

    Required links get a record of their target, made when there is none. Names of a place are left to the place.
    """
    values: dict[str, Any] = {}
    writable = records.fields_for(key, actor, Purpose.WRITE)
    named = {target for field in writable for fact, target in field.fills if fact in NAMED}
    for field in writable:
        if field.key in named:
            continue
        if field.parent:
            field = replace(field, options=tuple(o for o in field.options if o.parent == values.get(field.parent)))
        if field.within and values.get(field.within[0]):
            value: Any = _belonging(actor, field, field.within[1], values[field.within[0]], depth)
        else:
            value = _value(actor, field, key, number, depth) if field.options or not field.dictionary else None
        if value is not None:
            values[field.key] = value
    _begin(actor, key, values)
    return records.type_of(actor, key).declaration.example(actor, values)


def _begin(actor: Actor, key: str, values: dict[str, Any]) -> None:
    """New records begin in an initial state, and periods do not end before they begin or overlap."""
    spec = records.type_of(actor, key)
    begins, ends = spec.calendar or ("", "")
    if begins != ends and isinstance(values.get(begins), datetime):
        values[ends] = values[begins] + timedelta(minutes=30)
    if spec.states is not None and "*" not in spec.states.initial:
        values[spec.states.field] = spec.states.initial[0]
    for field in spec.fields:
        if field.parent:
            values.pop(field.key, None)


def _value(actor: Actor, field: FieldSpec, key: str, number: int, depth: int) -> Any:
    if field.target:
        return _linked(actor, field, key, depth)
    made = _MAKERS[field.type](field, number)
    if field.pattern and not field.required:
        return None
    return made


def _linked(actor: Actor, field: FieldSpec, key: str, depth: int) -> int | None:
    if field.target is None or field.target == key or depth == 0:
        return None
    found = records.query(actor, field.target).order_by("pk").values_list("pk", flat=True)[:1]
    for pk in found:
        return int(pk)
    if not field.required:
        return None
    return make(actor, field.target, 1, depth=depth - 1)[0]


def _belonging(actor: Actor, field: FieldSpec, by: str, leader: int, depth: int) -> int | None:
    """A record of the target that belongs to the one chosen beside it; made when there is none."""
    assert field.target is not None
    for pk in records.query(actor, field.target).filter(**{by: leader}).order_by("pk").values_list("pk", flat=True)[:1]:
        return int(pk)
    return make(actor, field.target, 1, depth=depth - 1, **{by: leader})[0] if depth else None


def _text(field: FieldSpec, number: int) -> str:
    return f"样本{number}{field.label}"[: field.max_length or 40]


def _number(field: FieldSpec, number: int) -> Decimal:
    value = Decimal(number)
    if field.minimum is not None:
        value = max(value, Decimal(field.minimum))
    return value if field.maximum is None else min(value, Decimal(field.maximum))


def _choice(field: FieldSpec, number: int) -> str | None:
    offered = [option.key for option in field.options if option.enabled]
    return offered[number % len(offered)] if offered else None


def _credit_code(field: FieldSpec, number: int) -> str:
    from stdnum.cn import uscc  # only tests need it

    body = f"91510100MA{number:07d}"
    return body + str(uscc.calc_check_digit(body))


def _identity_card(field: FieldSpec, number: int) -> str:
    from stdnum.cn import ric  # only tests need it

    body = f"51010419900307{number % 1000:03d}"
    return body + str(ric.calc_check_digit(f"{body}0"))  # which leaves the last digit out


_MAKERS: Mapping[str, Callable[[FieldSpec, int], Any]] = {
    "text": _text,
    "long_text": _text,
    "number": _number,
    "money": _number,
    "date": lambda field, number: date(2026, 1, 1) + timedelta(days=number),
    "datetime": lambda field, number: datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(hours=number),
    "yes_no": lambda field, number: bool(number % 2),
    "choice": _choice,
    "multi_choice": lambda field, number: [key for key in [_choice(field, number)] if key],
    "email": lambda field, number: f"sample{number}@example.com",
    "phone": lambda field, number: f"1380000{number:04d}",
    "credit_code": _credit_code,
    "percent": _number,
    "time": lambda field, number: f"{number % 24:02d}:30",
    "file": lambda field, number: None,
    "picture": lambda field, number: None,
    "rating": lambda field, number: 1 + number % 5,
    "identity_card": _identity_card,
    "region": lambda field, number: ("510104", "四川省成都市", "北京市东城区", "其他")[number % 4],
    "country": _choice,
    "passport": lambda field, number: f"E{number:08d} 2031-05-06",
}


def make(
    actor: Actor, key: str, count: int = 1, *, depth: int = DEEPEST, start: int = 1, **given: Any
) -> tuple[int, ...]:
    """Save that many sample records, with the values given; their primary keys."""
    rows = [{**sample(actor, key, number, depth=depth), **given} for number in range(start, start + count)]
    return records.save(actor, key, rows, twins="allow", source="system").demand().pks


# -- the checks ---------------------------------------------------------------------------------------------------------


def check_fields(actor: Actor, key: str) -> None:
    """Every field has a known type and a label, links point to types that are on, and the title can be read."""
    spec = records.type_of(actor, key)
    assert spec.title_field in spec.by_key, f"{key}: the title field {spec.title_field} does not exist."
    for field in records.fields_for(key, actor, Purpose.READ):
        assert field.type in field_types(), f"{key}.{field.key} has the unknown type {field.type}."
        assert str(field.label).strip(), f"{key}.{field.key} has no label."
        assert not field.target or field.target in records.types(actor), (
            f"{key}.{field.key} links to {field.target}, which is off."
        )


def check_round_trip(actor: Actor, key: str) -> None:
    """What a form shows of a saved record, sent back, changes nothing."""
    (pk,) = make(actor, key)
    entry = records.get(actor, key, pk)
    beside = records.get_many(actor, key, (pk,), few=True)[pk]
    assert [beside.text(name) for name in beside.values] == [entry.text(name) for name in entry.values], (
        f"{key}: read in one statement with its titles it shows other values."
    )
    posted = {
        field.key: _posted(field, entry.values[field.key], entry)
        for field in records.fields_for(key, actor, Purpose.WRITE)
        if field.key in entry.values
    }
    result = records.save(actor, key, [{"pk": pk, "version": entry.version, **posted}]).demand()
    changed = {f.field.key: (f.old, f.new) for f in records.history(actor, key, pk)[0].fields}
    assert result.saved[0].kind == "same", f"{key}: sending the form back unchanged changed {changed}."


def _posted(field: FieldSpec, value: Any, entry: records.Entry) -> Any:
    if value is None:
        return ""
    if field.target or field.type in {"choice", "yes_no"}:
        return value
    if field.type == "multi_choice":
        return list(value)
    return field.kind.edited(value, field, entry.fmt)


def check_narrowed_links(actor: Actor, key: str) -> None:
    """A link that another link narrows takes what belongs to it, and refuses what belongs to somebody else at its place."""
    for field in records.fields_for(key, actor, Purpose.WRITE):
        if field.within is None or field.target is None:
            continue
        leader, by = field.within
        target = str(records.type_of(actor, key).by_key[leader].target)
        ours, theirs = make(actor, target, 2)
        mine, foreign = (make(actor, field.target, 1, **{by: owner})[0] for owner in (ours, theirs))
        pk = make(actor, key, 1, **{leader: ours, field.key: mine})[0]

        strange = records.save(actor, key, [{"pk": pk, field.key: foreign}])
        moved = records.save(actor, key, [{"pk": pk, leader: theirs}])
        both = records.save(actor, key, [{"pk": pk, leader: theirs, field.key: foreign}])

        assert list(strange.errors()) == [field.key], f"{key}.{field.key} took a record of another {leader}."
        assert list(moved.errors()) == [leader], f"{key}.{leader} changed and left {field.key} behind."
        assert both.ok, f"{key}.{field.key} refused what belongs to its {leader}: {both.errors()}"


def check_list(actor: Actor, key: str) -> None:
    """All fields can be columns; cells, texts and JSON come for each; keyset pages walk everything once."""
    pks = set(make(actor, key, 5, start=100))
    columns = tuple(field.key for field in records.fields_for(key, actor, Purpose.LIST))
    page = records.page(actor, key, ListRequest(columns=columns, size=2))
    for row in page:
        assert len(row.cells) == len(row.texts) == len(columns), f"{key}: a row has other cells than columns."
        assert set(row.rest) >= {"pk", "version", *columns}, f"{key}: the JSON of a row lacks columns."
    seen = [row.pk for row in page]
    while page.next:
        page = records.page(actor, key, ListRequest(columns=columns, size=2, after=page.next))
        seen += [row.pk for row in page]
    assert len(seen) == len(set(seen)), f"{key}: a record appears on two pages."
    assert pks <= set(seen), f"{key}: pages lose records."


def check_sorting(actor: Actor, key: str) -> None:
    """Every sortable field sorts both ways, over all rows."""
    make(actor, key, 3, start=200)
    total = records.count(actor, key, ListRequest())
    for field in records.fields_for(key, actor, Purpose.FILTER):
        if field.kind.sortable:
            up, down = (len(records.pks(actor, key, ListRequest(sort=(sign + field.key,)))) for sign in ("", "-"))
            assert up == down == total, f"{key}: sorting by {field.key} loses records ({up} and {down} of {total})."


def check_filters(actor: Actor, key: str) -> None:
    """Equality with a record's own value finds the record; empty and not empty part all records between them."""
    (pk,) = make(actor, key, start=300)
    entry = records.get(actor, key, pk)
    total = records.count(actor, key, ListRequest())
    for field in records.fields_for(key, actor, Purpose.FILTER):
        operators, value = field.kind.operators(field), entry.values[field.key]
        if {"is_empty", "not_empty"} <= set(operators):
            empty, full = (
                records.count(actor, key, ListRequest(filter=[field.key, name])) for name in ("is_empty", "not_empty")
            )
            assert empty + full == total, f"{key}.{field.key}: {empty} empty and {full} filled are not all {total}."
        name = "eq" if "eq" in operators else "in"
        if value is not None and name in operators:
            raw = field.kind.rest(value, field)
            found = records.pks(actor, key, ListRequest(filter=[field.key, name, raw]))
            assert pk in found, f"{key}.{field.key} {name} {raw!r} does not find the record that has this value."


def check_history(actor: Actor, key: str) -> None:
    """A change is told with old and new value, and the record as of before shows the old one."""
    (pk,) = make(actor, key, start=400)
    before = records.get(actor, key, pk)
    moment = before.values.get("changed_at")
    records.save(actor, key, [{"pk": pk, "remark": "改过的备注"}], source="system").demand()
    changed, created = records.history(actor, key, pk)
    assert (created.kind, changed.kind) == ("created", "changed"), f"{key}: history does not tell creation and change."
    told = [(f.field.key, f.new) for f in changed.fields]
    assert told == [("remark", "改过的备注")], f"{key}: history tells {told}."
    if moment is not None:
        assert records.as_of(actor, key, pk, moment).values["remark"] == before.values["remark"]


def check_own_field(actor: Actor, key: str) -> None:
    """An own field is there at once in form, list, filter and history; hidden, it is nowhere, and its value waits."""
    own = custom.add_field(actor, key, label="契约测试字段", kind="text", listed=True).key
    pk = make(actor, key, start=500)[0]
    records.save(actor, key, [{"pk": pk, own: "值"}], source="system").demand()
    for purpose in (Purpose.READ, Purpose.WRITE, Purpose.FILTER, Purpose.LIST, Purpose.IMPORT, Purpose.EXPORT):
        names = {field.key for field in records.fields_for(key, actor, purpose)}
        assert own in names, f"{key}: an own field is missing for {purpose}."
    page = records.page(actor, key, ListRequest(filter=[own, "eq", "值"]))
    assert [row.pk for row in page] == [pk], f"{key}: an own field does not find its record."
    assert own in [column.key for column in page.columns], f"{key}: an own field marked as column is not in the list."
    custom.hide_field(actor, key, own)
    assert own not in records.get(actor, key, pk).values, f"{key}: a hidden own field is still shown."
    custom.show_field(actor, key, own)
    assert records.get(actor, key, pk).values[own] == "值", f"{key}: hiding an own field lost its value."
    custom.hide_field(actor, key, own)


def check_deleting(actor: Actor, key: str) -> None:
    """Deleted records are gone from lists and in the bin; restored they are as before."""
    if "delete" not in records.type_of(actor, key).operations:
        return
    (pk,) = make(actor, key, start=600)
    before = records.get(actor, key, pk).values
    assert records.delete(actor, key, [pk]).ok, f"{key}: an unused record cannot be deleted."
    try:
        records.get(actor, key, pk)
    except RecordNotFound:
        pass
    else:
        raise AssertionError(f"{key}: a deleted record is still read.")
    binned = records.pks(actor, key, ListRequest(deleted=True))
    assert pk in binned, f"{key}: a deleted record is not in the recycle bin."
    assert records.restore(actor, key, [pk]).ok, f"{key}: a deleted record cannot be restored."
    after = records.get(actor, key, pk).values
    differing = {name for name in before if before[name] != after[name]} - {"changed_at", "changed_by"}
    assert not differing, f"{key}: restoring changed {differing}."


def statements(run: Callable[[], Any]) -> int:
    """How many statements something takes."""
    with CaptureQueriesContext(connection) as captured:
        run()
    return len(captured)


def statement_counts(actor: Actor, key: str) -> dict[str, int]:
    """Statements of a list of everything and of reading one record, with the records that are there now."""
    columns = tuple(field.key for field in records.fields_for(key, actor, Purpose.LIST))
    pks = records.pks(actor, key, ListRequest())
    return {
        f"{key}:list": statements(
            lambda: [r.cells for r in records.page(actor, key, ListRequest(columns=columns, size=100))]
        ),
        f"{key}:read": statements(lambda: records.get_many(actor, key, pks)),
    }


def check_statements(actor: Actor, key: str) -> None:
    """Lists of 3 and of 30 records take equally many statements, at most 12."""
    make(actor, key, 3, start=700)
    few = statement_counts(actor, key)
    make(actor, key, 27, start=710)
    many = statement_counts(actor, key)
    assert few == many, f"{key}: {few} statements with few records, {many} with many."
    assert max(many.values()) <= MOST_STATEMENTS, f"{key}: {many} statements are more than {MOST_STATEMENTS}."


def check_lines(actor: Actor, key: str) -> None:
    """Rows inside a record come back in their order, change nothing when sent back, and go and come with the record."""
    spec = records.type_of(actor, key)
    for lines in spec.lines:
        left_out = {lines.link, POSITION}
        rows = [{k: v for k, v in sample(actor, lines.type, n).items() if k not in left_out} for n in (1, 2, 3)]
        values = sample(actor, key, 1)
        pk = records.save(actor, key, [{**values, lines.key: rows}], twins="allow", source="system").demand().pk
        entry = records.get(actor, key, pk)
        table = next(table for table in line_tables(actor, entry) if table.lines.key == lines.key)
        assert len(table.rows) == len(rows), f"{key}.{lines.key}: {len(table.rows)} of {len(rows)} rows are there."
        again = [{"pk": row.pk} for row in table.rows]
        same = records.save(actor, key, [{"pk": pk, "version": entry.version, lines.key: again}]).demand()
        assert same.saved[0].kind == "same", f"{key}.{lines.key}: sending the rows back unchanged changed something."
        act = records.save(actor, key, [{"pk": pk, lines.key: [again[2], again[0]]}]).demand().action
        order = _rows_of(actor, key, pk, lines.key)
        assert order == [again[2]["pk"], again[0]["pk"]], f"{key}.{lines.key}: rows lose their order."
        assert records.undo(actor, act).ok, f"{key}.{lines.key}: a change of rows cannot be undone."
        kept = _rows_of(actor, key, pk, lines.key)
        assert kept == [row["pk"] for row in again], f"{key}.{lines.key}: undoing does not bring the rows back."


def _rows_of(actor: Actor, key: str, pk: int, lines: str) -> list[int]:
    tables = line_tables(actor, records.get(actor, key, pk))
    return [row.pk for table in tables if table.lines.key == lines for row in table.rows]


def check_states(actor: Actor, key: str) -> None:
    """States and ways name options that exist; every state but the last ones leads somewhere; no way is left out of the page."""
    spec = records.type_of(actor, key)
    if spec.states is None:
        return
    known = {option.key for option in spec.by_key[spec.states.field].options} | {"*"}
    named = {
        *spec.states.initial,
        *(state.key for state in spec.states.states),
        *(key for way in spec.states.transitions for key in (way.target, *way.sources)),
    }
    assert named <= known, f"{key}: the states {sorted(named - known)} are no options of {spec.states.field}."
    (pk,) = make(actor, key, start=950)
    entry = records.get(actor, key, pk)
    state = entry.values[spec.states.field]
    offered = [move.target for move in records.moves(actor, key, entry)]
    wanted = dict.fromkeys(
        way.target
        for way in spec.states.transitions
        if way.leads_from(state) and way.target != state and not way.action
    )
    assert offered == list(wanted), f"{key}: the page offers {offered}, declared are {list(wanted)}."
    for option in known - {"*", state, *wanted}:
        refused = records.save(actor, key, [{"pk": pk, spec.states.field: option}])
        assert not refused.ok, f"{key}: {state} becomes {option}, for which no way is declared."


CHECKS: tuple[Callable[[Actor, str], None], ...] = (
    check_fields,
    check_round_trip,
    check_narrowed_links,
    check_list,
    check_sorting,
    check_filters,
    check_history,
    check_own_field,
    check_deleting,
    check_statements,
    check_lines,
    check_states,
    check_layout,
)
"""All checks, for a generated suite: `@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)`."""

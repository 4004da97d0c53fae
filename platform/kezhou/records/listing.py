"""Lists: one request in, one page out, for pages, API, export and related lists alike.

A list is put together as SQL text whose shape depends only on type, columns, policy and filter, so PostgreSQL keeps it prepared;
rows are tuples, formatters are bound once per request, and the number of statements never depends on the number of rows:
the page, its count with the sums, and the titles of linked records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.db import DataError
from django.utils.translation import gettext as _
from markupsafe import Markup

from kezhou.records import filters, hierarchy
from kezhou.records.catalogue import fields_for, type_of
from kezhou.records.derived.veiling import veiled
from kezhou.records.fields import Format
from kezhou.records.keyset import Key, Place, decode, encode, far_page, pages
from kezhou.records.layouts import layout_for
from kezhou.records.masking import masked
from kezhou.records.narrowing import counted_page
from kezhou.records.ordering import default_sort, order_name, sort_keys
from kezhou.records.reading import compiled, context, formatting, link_titles, painter, show_text
from kezhou.records.rows import Selection, run, run_one
from kezhou.records.spec import FieldSpec, FilterError, Level, Purpose, TypeSpec
from kezhou.records.sql import Sql, all_of, quoted
from kezhou.records.validity import Force, force
from kezhou.records.words import keyword_alternatives, keyword_condition

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

COUNTED = 10_000
LARGEST = 500
SIZES = (20, 50, 100)
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """What a list is asked for. Field names are those of the URL and of the API.

    `filter` is a tree or its JSON; `sort` up to three fields, "-" for descending; `after` and `before` are cursors of an earlier
    page, `page` a page number (only within the first 10,000); `q` words that must all occur in the main fields; `exact` counts
    beyond 10,000; `deleted` lists the recycle bin; `within` is a condition of the code's own, such as a related list's link. `branch` is for
    types that are trees: of what is found () those whose parent is not among them, else those right below the records named.
    `spelt` lets one word be the beginning of a title's pinyin as well.
    """

    columns: tuple[str, ...] = ()
    filter: Any = None
    sort: tuple[str, ...] = ()
    page: int | None = None
    after: str = ""
    before: str = ""
    size: int = 50
    q: str = ""
    exact: bool = False
    deleted: bool = False
    sums: bool = True
    within: Any = None
    branch: tuple[int, ...] | None = None
    spelt: bool = False

    @classmethod
    def of(cls, parameters: Mapping[str, str], **given: Any) -> ListRequest:
        """From a URL's parameters. Raises FilterError for a number that is none; unknown names are the caller's business."""
        split = {name: tuple(filter(None, parameters.get(name, "").split(","))) for name in ("columns", "sort")}
        return cls(
            columns=split["columns"],
            sort=split["sort"],
            filter=parameters.get("filter", ""),
            page=_number(parameters, "page", None),
            size=_number(parameters, "size", 50) or 50,
            after=parameters.get("after", ""),
            before=parameters.get("before", ""),
            q=parameters.get("q", ""),
            exact=parameters.get("exact", "") in {"1", "true"},
            **given,
        )


def _number(parameters: Mapping[str, str], name: str, otherwise: int | None) -> int | None:
    raw = parameters.get(name, "")
    if not raw:
        return otherwise
    if not raw.isascii() or not raw.isdigit() or len(raw) > 9 or int(raw) == 0:
        raise FilterError(_("%(name)s 应是大于 0 的整数，收到的是“%(raw)s”。") % {"name": name, "raw": raw[:20]})
    return int(raw)


@dataclass(frozen=True, slots=True)
class Figures:
    """The sum of a column over everything that the filter lets through, and the average of what is filled; None where nothing is."""

    sum: Any
    average: Any


class Row:
    """One row of a page: `values` in the order of the page's columns, `beside` what the type's shape asks for besides."""

    __slots__ = ("_page", "beside", "department", "owner", "pk", "title", "values", "version")

    def __init__(
        self, page: Page, facts: Sequence[Any], values: tuple[Any, ...], beside: Mapping[str, Any] = NOTHING
    ) -> None:
        self._page, self.beside = page, beside
        self.pk, self.version, self.owner, self.department, self.title = facts
        self.values = values

    @property
    def cells(self) -> list[Markup]:
        """The row as HTML, one piece per column."""
        return [painted(value) for painted, value in zip(self._page.painters, self.values, strict=True)]

    @property
    def texts(self) -> list[str]:
        """The row as plain text."""
        fmt = self._page.fmt
        return [show_text(field, value, fmt) for field, value in zip(self._page.columns, self.values, strict=True)]

    @property
    def force(self) -> Force | None:
        """Whether the record is in force today; None for types without a period, or where its dates are not shown."""
        return force(self._page.type, self.beside, self._page.fmt.today)

    @property
    def parent(self) -> int | None:
        """In a type that is a tree the record above."""
        found: int | None = self.beside.get(self._page.type.tree)
        return found

    @property
    def rest(self) -> dict[str, Any]:
        """The row as JSON values by field key, with `pk` and `version`."""
        found: dict[str, Any] = {"pk": self.pk, "version": self.version}
        for spec, value in zip(self._page.columns, self.values, strict=True):
            found[spec.key] = value if spec.level is Level.MASK else spec.kind.rest(value, spec)
        return found


@dataclass(slots=True)
class Page:
    """One page of a list.

    `total` is exact up to 10,000 (or when `exact` was asked), else None and `capped` is True ("1 万+"). `next` and `previous` are
    cursors or "". `pages` is the number of pages while the count is exact and small. `sums` maps money columns to the sum over
    everything that the filter lets through, `averages` to the average of what is filled (both empty when there are too many rows).
    """

    type: TypeSpec
    columns: tuple[FieldSpec, ...]
    fmt: Format
    request: ListRequest
    rows: list[Row] = field(default_factory=list)
    total: int | None = None
    capped: bool = False
    next: str = ""
    previous: str = ""
    sums: Mapping[str, Any] = field(default_factory=dict)
    averages: Mapping[str, Any] = field(default_factory=dict)
    sort: tuple[str, ...] = ()
    _painters: tuple[Callable[[Any], Markup], ...] = ()

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @property
    def painters(self) -> tuple[Callable[[Any], Markup], ...]:
        """What shows a value of each column as HTML, bound once for all rows."""
        if not self._painters:
            self._painters = tuple(painter(field, self.fmt) for field in self.columns)
        return self._painters

    @property
    def pages(self) -> int | None:
        """How many pages there are while page numbers can be offered."""
        return None if self.total is None or self.total > COUNTED else -(-self.total // self.request.size)


@dataclass(frozen=True, slots=True)
class Plan:
    """A request put together as SQL, before anything was read."""

    spec: TypeSpec
    columns: tuple[FieldSpec, ...]
    selection: Selection
    source: Sql
    keys: tuple[Key, ...]
    order: str
    many: bool = False
    beside: tuple[str, ...] = ()


def page(actor: Actor, type: str | TypeSpec, request: ListRequest) -> Page:
    """One page of the records that the actor may see. Raises UnknownType (404) and FilterError (400)."""
    if not 1 <= request.size <= LARGEST:
        raise FilterError(_("每页 1 到 %(limit)s 条。") % {"limit": LARGEST})
    plan = plan_of(actor, type, request)
    if request.q.strip() and request.branch is None:
        plan = _found_once(actor, plan, request)
    rows, more, backward, total, sums = _read(plan, request)
    capped = total > COUNTED and not request.exact
    values = cells_of(actor, plan, rows)
    fmt = formatting(link_titles(actor, plan.columns, values), door=actor.door)
    found = Page(
        type=plan.spec,
        columns=plan.columns,
        fmt=fmt,
        request=request,
        total=None if capped else total,
        capped=capped,
        sums={} if capped else {key: figures.sum for key, figures in sums.items()},
        averages={} if capped else {key: figures.average for key, figures in sums.items()},
        sort=request.sort or default_sort(actor, plan.spec),
    )
    shown = masked_rows(plan, values, fmt)
    found.rows = [
        Row(found, facts_of(row), cells, beside_of(plan, row)) for row, cells in zip(rows, shown, strict=True)
    ]
    first = not (request.after or request.before or (request.page or 1) > 1)
    return replace(
        found,
        next=_cursor(plan, rows, -1) if rows and (more or backward) else "",
        previous=_cursor(plan, rows, 0) if rows and not first and (more or not backward) else "",
    )


def _read(plan: Plan, request: ListRequest) -> tuple[list[tuple[Any, ...]], bool, bool, int, dict[str, Figures]]:
    """The rows, whether more follow, whether read backwards, count and sums; in one statement where a filter may be narrow."""
    if request.filter and not (request.after or request.before or request.exact or request.q.strip()):
        money = summed(plan, request)
        statement = counted_page(
            select_of(plan), plan.spec.rows, plan.source, keys=plan.keys, size=request.size + 1,
            sums=[f.kind.numeric_expression(f, "t") for f in money], offset=_offset(request), most=COUNTED,
        )  # fmt: skip
        found = run(statement)
        total, before = found[0][0], 1 + 2 * len(money)
        if total <= COUNTED:
            rows = [row[before:] for row in found if row[before] is not None]
            sums = _figures(money, found[0][1:before])
            return rows[: request.size], len(rows) > request.size, False, total, sums
        return *_rows(plan, request), total, {}
    if plan.many and not request.exact:
        return *_rows(plan, request), COUNTED + 1, {}
    return *_rows(plan, request), *_count(plan, request)


def _found_once(actor: Actor, plan: Plan, request: ListRequest) -> Plan:
    """Looking for words is done once; the list goes on with the keys, unless these are too many."""
    base = source_of(actor, plan.spec, replace(request, q=""))
    ways = keyword_alternatives(actor, plan.spec, request.q, "t", spelt=request.spelt)
    limit = f"LIMIT {COUNTED + 1}"
    parts = [Sql(f"(SELECT t.id {base.text} AND {way.text} {limit})", (*base.params, *way.params)) for way in ways]
    found = run(Sql(" UNION ".join(part.text for part in parts), tuple(p for part in parts for p in part.params)))
    keys = sorted(row[0] for row in found)
    if len(keys) > COUNTED:
        return replace(plan, many=True)
    return replace(plan, source=Sql(f"FROM {plan.spec.rows} t WHERE t.id = ANY(%s)", (keys,)))


def facts_of(row: Sequence[Any]) -> tuple[Any, ...]:
    """Key, version, owner, department and title of a row."""
    pk, version, owner, department, title = row[:5]
    return pk, version, owner, department, title or f"#{pk}"


def beside_of(plan: Plan, row: Sequence[Any]) -> Mapping[str, Any]:
    """What was read besides the columns: the dates of the validity period, the record above."""
    return dict(zip(plan.beside, row[5:], strict=False)) if plan.beside else NOTHING


def cells_of(actor: Actor, plan: Plan, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """The values of the columns of these rows, as far as the actor may see what they were looked up from."""
    read = [plan.selection.read(row) for row in rows]
    return veiled(actor, plan.spec, plan.columns, [row[0] for row in rows], read)


def masked_rows(plan: Plan, rows: list[tuple[Any, ...]], fmt: Format) -> list[tuple[Any, ...]]:
    """The values as the actor may see them."""
    if all(column.level is not Level.MASK for column in plan.columns):
        return rows
    return [
        tuple(
            masked(column, value, fmt) if column.level is Level.MASK else value
            for column, value in zip(plan.columns, row, strict=True)
        )
        for row in rows
    ]


def plan_of(actor: Actor, type: str | TypeSpec, request: ListRequest) -> Plan:
    """What a request means in SQL. Raises UnknownType (404) and FilterError (400)."""
    spec = type_of(actor, type)
    columns = list_columns(actor, spec, request.columns)
    readable = {field.key for field in fields_for(spec, actor, Purpose.FILTER)}
    title = spec.by_key[spec.title_field if spec.title_field in readable else "number"].column or "number"
    beside = _beside(actor, spec)
    facts = ("id", "version", "owner_id", "department_id", title, *(str(spec.by_key[key].column) for key in beside))
    chosen = compiled(actor, spec, columns, facts)
    source = source_of(actor, spec, request)
    keys = sort_keys(actor, spec, request.sort or default_sort(actor, spec))
    return Plan(spec, columns, chosen, source, keys, order_name(keys), beside=beside)


def _beside(actor: Actor, spec: TypeSpec) -> tuple[str, ...]:
    """The fields that the shape of a type asks for in every row, as far as the actor may read them."""
    wanted = [*(spec.validity or ()), *filter(None, (spec.tree,))]
    if not wanted:
        return ()
    readable = {field.key for field in fields_for(spec, actor, Purpose.READ) if field.level is not Level.MASK}
    return tuple(key for key in wanted if key in readable and spec.by_key[key].column)


def list_columns(actor: Actor, spec: TypeSpec, wanted: Sequence[str]) -> tuple[FieldSpec, ...]:
    """The columns by name, or the type's own and the own fields that are marked as columns. Raises FilterError."""
    known = {field.key: field for field in fields_for(spec, actor, Purpose.LIST)}
    if not wanted:
        return tuple(known[key] for key in layout_for(actor, spec).columns if key in known)
    for key in wanted:
        if key not in known:
            raise FilterError(_("“%(type)s”没有可以显示的列“%(field)s”。") % {"type": spec.title, "field": key})
    return tuple(known[key] for key in dict.fromkeys(wanted))


def source_of(actor: Actor, spec: TypeSpec, request: ListRequest) -> Sql:
    """FROM and WHERE of what a request finds, under the alias `t`: policy, filter and words. Raises FilterError."""
    compiler = filters.Compiler(actor, context())
    where = _found(actor, spec, request, compiler, "t")
    if request.branch is not None:
        above = _found(actor, spec, request, compiler, "p")
        where = where & hierarchy.branch(spec, request.branch, above)
    return Sql(f"FROM {spec.rows} t WHERE {where.text}", where.params)


def _found(actor: Actor, spec: TypeSpec, request: ListRequest, compiler: filters.Compiler, ref: str) -> Sql:
    """What a row must fulfil: policy, filter and words."""
    parts = filters.seen(spec, actor, ref, deleted=request.deleted)
    for tree in (request.within, request.filter):
        if tree:
            parts.append(compiler.sql(filters.parse(tree), spec, ref))
    if request.q.strip():
        parts.append(keyword_condition(actor, spec, request.q, ref))
    return all_of(parts)


def _rows(plan: Plan, request: ListRequest) -> tuple[list[tuple[Any, ...]], bool, bool]:
    """The rows in their order, whether more follow in the direction of reading, and whether it was read backwards."""
    backward = bool(request.before)
    place = decode(plan.order, request.before or request.after) if request.before or request.after else None
    offset = 0 if place else _offset(request)
    if offset:
        how = {"offset": offset, "limit": request.size + 1}
        statement = far_page(select_of(plan), plan.spec.rows, plan.source, plan.keys, **how)
    else:
        statement = pages(select_of(plan), plan.source, plan.keys, place, request.size + 1, backward=backward)
    try:
        rows = run(statement)
    except DataError:
        if place is None:
            raise
        raise FilterError(_("翻页标记不适合当前的排序，请从第一页重新开始。")) from None
    more = len(rows) > request.size
    rows = rows[: request.size]
    return (rows[::-1] if backward else rows), more, backward


def select_of(plan: Plan) -> str:
    """The select list: what rows are read from, then the sort keys as text."""
    return ", ".join([plan.selection.text, *(f"{key.expression}::text AS x{n}" for n, key in enumerate(plan.keys))])


def _offset(request: ListRequest) -> int:
    offset = ((request.page or 1) - 1) * request.size
    if offset > COUNTED:
        raise FilterError(_("页码只到前 %(limit)s 条，请用“下一页”继续。") % {"limit": COUNTED})
    return offset


def _cursor(plan: Plan, rows: Sequence[tuple[Any, ...]], which: int) -> str:
    row = rows[which]
    values = row[len(row) - len(plan.keys) :] if plan.keys else ()
    return encode(plan.order, Place(tuple(values), row[0]))


def summed(plan: Plan, request: ListRequest) -> list[FieldSpec]:
    """The columns that are summed."""
    return [f for f in plan.columns if request.sums and f.kind.totalled and f.level is not Level.MASK and not f.veils]


def _count(plan: Plan, request: ListRequest) -> tuple[int, dict[str, Figures]]:
    """Rows (at most one beyond 10,000 unless `exact`) and the sums of the money columns, in one statement."""
    money = summed(plan, request)
    inner = ", ".join([f"{f.kind.numeric_expression(f, 't')} AS s{i}" for i, f in enumerate(money)]) or "1"
    places = range(len(money))
    outer = ", ".join(["count(*)", *(f"sum(s{i})" for i in places), *(f"avg(s{i})" for i in places)])
    limit = "" if request.exact else f" LIMIT {COUNTED + 1}"
    row = run_one(Sql(f"SELECT {outer} FROM (SELECT {inner} {plan.source.text}{limit}) c", plan.source.params))
    return row[0], _figures(money, row[1:])


def _figures(money: Sequence[FieldSpec], values: Sequence[Any]) -> dict[str, Figures]:
    """Sums, then averages, by field."""
    return {f.key: Figures(values[n], values[len(money) + n]) for n, f in enumerate(money)}


def check(
    actor: Actor,
    type: str | TypeSpec,
    *,
    filter: Any = None,
    sort: Sequence[str] = (),
    columns: Sequence[str] = (),
    q: str = "",
) -> None:
    """Refuse what no list could show, without reading any. Raises FilterError."""
    plan_of(actor, type, ListRequest(filter=filter, sort=tuple(sort), columns=tuple(columns), q=q))


def count(actor: Actor, type: str | TypeSpec, request: ListRequest) -> int:
    """The exact number of records that the request finds: for "1 万+" clicked."""
    plan = plan_of(actor, type, request)
    return int(run_one(Sql(f"SELECT count(*) {plan.source.text}", plan.source.params))[0])


def few(actor: Actor, type: str | TypeSpec, request: ListRequest) -> int | None:
    """The number of records that the request finds up to 10,000; None beyond."""
    total, _sums = _count(plan_of(actor, type, request), replace(request, sums=False, exact=False))
    return None if total > COUNTED else total


def below(actor: Actor, type: str | TypeSpec, request: ListRequest, pks: Sequence[int]) -> Mapping[int, int]:
    """Of a type that is a tree: how many of what the request finds stand right below each of these records. One statement."""
    spec = type_of(actor, type)
    source = source_of(actor, spec, replace(request, branch=tuple(pks)))
    parent = f"t.{quoted(str(spec.by_key[spec.tree].column))}"
    rows = run(Sql(f"SELECT {parent}, count(*) {source.text} GROUP BY 1", source.params)) if pks else []
    return {row[0]: row[1] for row in rows}


def pks(actor: Actor, type: str | TypeSpec, request: ListRequest, *, limit: int = 200_000) -> list[int]:
    """The primary keys of everything that the request finds, in its order: for exports and bulk work."""
    plan = plan_of(actor, type, request)
    order = pages("t.id", plan.source, plan.keys, None, limit)
    return [row[0] for row in run(order)]

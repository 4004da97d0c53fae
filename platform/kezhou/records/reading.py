"""Reading records one by one or as a queryset; lists are `kezhou.records.listing`.

Everything here asks the actor's policy first. What an actor may not see does not exist: RecordNotFound, a 404.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from markupsafe import Markup

from kezhou.access.policy import policy_for
from kezhou.records.catalogue import fields_for, shaped, type_of
from kezhou.records.derived.veiling import veiled
from kezhou.records.fields import Context, Format
from kezhou.records.filters import seen
from kezhou.records.gate import GatedQuerySet, opened
from kezhou.records.masking import masked
from kezhou.records.rows import Selection, run, selection
from kezhou.records.spec import FieldSpec, Level, Purpose, RecordNotFound, TypeSpec
from kezhou.records.sql import Sql, all_of, quoted
from tenants.context import current

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

TitleKey = tuple[str, int]
LARGEST_KEY = 2**63
EXTRA = ("id", "version", "deleted_at", "owner_id", "department_id")


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as one actor sees it.

    `values` maps the keys of the fields the actor may read to Python values (masked ones to masked text); `operations` are
    those the actor may do on this very record; `fmt` shows values, with the titles of linked records that the actor may see.
    """

    type: TypeSpec
    pk: int
    version: int
    title: str
    values: Mapping[str, Any]
    fields: tuple[FieldSpec, ...]
    owner: int | None
    department: int | None
    operations: frozenset[str]
    fmt: Format
    deleted_at: datetime | None = None

    def field(self, key: str) -> FieldSpec | None:
        """The field with this key when the actor may read it."""
        return next((field for field in self.fields if field.key == key), None)

    def cell(self, key: str) -> Markup:
        """The value of a field as HTML; nothing for a field the actor is not shown."""
        field = self.field(key)
        return show_line(field, self.values[key], self.fmt) if field is not None else Markup("")

    def text(self, key: str) -> str:
        """The value of a field as plain text."""
        field = self.field(key)
        return show_text(field, self.values[key], self.fmt) if field is not None else ""


def show_cell(field: FieldSpec, value: Any, fmt: Format) -> Markup:
    """A value as HTML, masked where the actor's level says so."""
    if field.level is Level.MASK:
        return Markup.escape(value or "")
    return field.kind.cell(value, field, fmt)


def painter(field: FieldSpec, fmt: Format) -> Callable[[Any], Markup]:
    """`show_cell` of one column; where a column has few values, each is put together once."""
    kind = field.kind
    if field.level is Level.MASK or not kind.groups:
        return lambda value: show_cell(field, value, fmt)
    known: dict[Any, Markup] = {}

    def paint(value: Any) -> Markup:
        cell = known.get(value)
        if cell is None:
            cell = known[value] = kind.cell(value, field, fmt)
        return cell

    return paint


def show_line(field: FieldSpec, value: Any, fmt: Format) -> Markup:
    """A value as HTML of the record's own page, masked where the actor's level says so."""
    if field.level is Level.MASK:
        return Markup.escape(value or "")
    return field.kind.line(value, field, fmt)


def show_text(field: FieldSpec, value: Any, fmt: Format) -> str:
    """A value as plain text, masked where the actor's level says so."""
    return str(value or "") if field.level is Level.MASK else field.kind.text(value, field, fmt)


def context() -> Context:
    """What reading of values needs to know: the tenant's zone and today."""
    zone = current().zone
    return Context(zone=zone, today=timezone.now().astimezone(zone).date())


def formatting(titles: Mapping[TitleKey, str | None] | None = None, *, door: str = "") -> Format:
    """How values are shown in this request; `door` is where the pages of whoever looks begin (`Actor.door`)."""
    zone = current().zone
    return Format(
        zone=zone,
        today=timezone.now().astimezone(zone).date(),
        titles=titles or {},
        language=translation.get_language() or "zh-hans",
        door=door,
    )


def query(actor: Actor, type: str | TypeSpec, *, deleted: bool = False) -> GatedQuerySet[Any]:
    """A Django queryset of the records of a type that the actor may read; the only way to one.

    Filter, order and slice it as usual; it cannot write, join through links, or run in another tenant.
    """
    from django.db.models import Q

    spec = type_of(actor, type)
    policy = policy_for(actor, spec.key)
    where = [policy.condition.q(), Q(deleted_at__isnull=not deleted)]
    if spec.discriminator is not None:
        where.append(Q(**dict([spec.discriminator])))
    return opened(spec.model, actor.key, where)


def get(
    actor: Actor, type: str | TypeSpec, pk: int, *, deleted: bool = False, only: frozenset[str] | None = None
) -> Entry:
    """One record, of which `only` these fields when given.

    Raises RecordNotFound when it does not exist or the actor may not see it, UnknownType for its type.
    """
    found = get_many(actor, type, (pk,), deleted=deleted, only=only)
    if pk not in found:
        raise not_found(type_of(actor, type), pk)
    return found[pk]


def not_found(spec: TypeSpec, pk: object) -> RecordNotFound:
    """The error for a record that is not there for this actor."""
    return RecordNotFound(_("没有这条%(type)s（%(pk)s），或者你无权查看。") % {"type": spec.title, "pk": pk})


def get_many(
    actor: Actor,
    type: str | TypeSpec,
    pks: Iterable[int],
    *,
    deleted: bool = False,
    titled: bool = True,
    only: frozenset[str] | None = None,
    few: bool = False,
) -> Mapping[int, Entry]:
    """Those of the records that the actor may see, by primary key: two statements however many (one without titles).

    `only` names the fields that are wanted, for readers of many records; the entries then hold no others. `few` records with few links
    are read in one statement with the titles of what they point to: a look-up for each link of each record, and a round trip less.
    """
    wanted = sorted({pk for pk in pks if 0 < pk < LARGEST_KEY})
    where = Sql("t.id = ANY(%s)", (wanted,))
    found = entries(actor, type, where, deleted=deleted, titled=titled, only=only, few=few)
    return {entry.pk: entry for entry in found}


def entries(
    actor: Actor,
    type: str | TypeSpec,
    where: Sql,
    *,
    order: str = "",
    deleted: bool = False,
    titled: bool = True,
    only: frozenset[str] | None = None,
    few: bool = False,
) -> tuple[Entry, ...]:
    """The records under a condition of the engine's own that the actor may see: two statements (one without titles; one
    more for lines, whose rights hang on their parents)."""
    spec = type_of(actor, type)
    fields = fields_for(spec, actor, Purpose.READ)
    if only is not None:
        fields = tuple(field for field in fields if field.key in only)
    extra = EXTRA if spec.parent is None else (*EXTRA, str(spec.by_key[spec.parent.link].column))
    chosen = compiled(actor, spec, fields, extra)
    whole = all_of([where, *seen(spec, actor, "t", deleted=deleted)])
    beside = _titles_beside(actor, fields) if titled and few else {}
    text = ", ".join((chosen.text, *(title.text for title in beside.values())))
    given = (*(p for title in beside.values() for p in title.params), *whole.params)
    rows = run(Sql(f"SELECT {text} FROM {spec.rows} t WHERE {whole.text}{order}", given))
    values = veiled(actor, spec, fields, [row[0] for row in rows], [chosen.read(row) for row in rows])
    named = link_titles(actor, fields, values, but=beside) if titled else {}
    for number, place in enumerate(beside, start=-len(beside)):
        target = str(fields[place].target)
        for row, read in zip(rows, values, strict=True):
            if read[place] is not None and row[number] is not None:
                named[target, read[place]] = row[number]
    fmt = formatting(named, door=actor.door)
    allowed = _allowed(actor, spec, {row[3 : len(extra)] for row in rows})
    return tuple(
        _entry(spec, fields, row, read, fmt, allowed[row[3 : len(extra)]])
        for row, read in zip(rows, values, strict=True)
    )


def whole(actor: Actor, spec: TypeSpec, pks: Iterable[int]) -> Mapping[int, Mapping[str, Any]]:
    """Every value of records that the actor may see, whatever the actor's right on fields: for guards and conditions, whose
    answers are sentences. Never shown."""
    chosen = selection(spec.fields, ("id",))
    where = all_of([Sql("t.id = ANY(%s)", (sorted(set(pks)),)), *seen(spec, actor, "t")])
    rows = run(Sql(f"SELECT {chosen.text} FROM {spec.rows} t WHERE {where.text}", where.params))
    keys = [field.key for field in spec.fields]
    return {row[0]: dict(zip(keys, chosen.read(row), strict=True)) for row in rows}


Place = tuple[Any, ...]
"""What the rights of a row hang on, which many rows share: owner, department, and for a line its parent."""


def _allowed(actor: Actor, spec: TypeSpec, places: Iterable[Place]) -> Mapping[Place, frozenset[str]]:
    """The operations that the actor may do on rows of each place."""
    policy = policy_for(actor, spec.key)
    above = _parents(actor, spec, places)
    found = {}
    for place in places:
        facts: dict[str, Any] = {"owner": place[0], "department": place[1]}
        if spec.parent is not None:
            facts[spec.parent.link] = above.get(place[2], {})
        found[place] = frozenset(name for name in spec.operations if policy.reaches(name, facts))
    return found


def _parents(actor: Actor, spec: TypeSpec, places: Iterable[Place]) -> Mapping[int, Mapping[str, Any]]:
    """Owner and department of the parents of lines, in one statement; the policy of the lines has let them through."""
    if spec.parent is None:
        return {}
    above = shaped(actor).types[spec.parent.type].rows
    wanted = sorted({place[2] for place in places})
    rows = run(Sql(f"SELECT id, owner_id, department_id FROM {above} t WHERE id = ANY(%s)", (wanted,)))
    return {pk: {"owner": owner, "department": department} for pk, owner, department in rows}


def compiled(actor: Actor, spec: TypeSpec, fields: Sequence[FieldSpec], extra: Sequence[str]) -> Selection:
    """The selection of these fields, kept with the tenant's shape."""
    held = shaped(actor).compiled
    key = (spec.key, tuple((field.key, field.level) for field in fields), tuple(extra))
    if key not in held:
        held[key] = selection(fields, extra)
    chosen: Selection = held[key]
    return chosen


def _entry(
    spec: TypeSpec,
    fields: tuple[FieldSpec, ...],
    row: Sequence[Any],
    values: Sequence[Any],
    fmt: Format,
    operations: frozenset[str],
) -> Entry:
    shown = {
        field.key: masked(field, value, fmt) if field.level is Level.MASK else value
        for field, value in zip(fields, values, strict=True)
    }
    return Entry(
        type=spec,
        pk=row[0],
        version=row[1],
        title=str(shown.get(spec.title_field) or shown.get("number") or f"#{row[0]}"),
        values=shown,
        fields=fields,
        owner=row[3],
        department=row[4],
        operations=operations,
        fmt=fmt,
        deleted_at=row[2],
    )


def link_titles(
    actor: Actor, fields: Sequence[FieldSpec], rows: Iterable[Sequence[Any]], *, but: Container[int] = ()
) -> dict[TitleKey, str | None]:
    """The titles of everything that the link fields of these rows point to, `but` those at some places: one statement for all targets."""
    places = [
        (place, field.target)
        for place, field in enumerate(fields)
        if field.target and field.level is not Level.MASK and place not in but
    ]
    if not places:
        return {}
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        for place, target in places:
            if row[place] is not None:
                wanted[str(target)].add(row[place])
    return titles(actor, wanted)


def titles(actor: Actor, wanted: Mapping[str, Iterable[int]]) -> dict[TitleKey, str | None]:
    """Titles of records by (type key, pk) as far as the actor may see them, deleted ones included: one statement."""
    present = shaped(actor).types
    parts = [
        _titles_of(actor, present[key], sorted(set(pks)))
        for key, pks in sorted(wanted.items())
        if key in present and pks
    ]
    if not parts:
        return {}
    rows = run(Sql(" UNION ALL ".join(part.text for part in parts), tuple(p for part in parts for p in part.params)))
    return {(row[0], row[1]): row[2] for row in rows}


def _titles_of(actor: Actor, spec: TypeSpec, pks: list[int]) -> Sql:
    condition = policy_for(actor, spec.key).condition.sql("t")
    return Sql(
        f"SELECT %s, t.id, t.{_title_column(actor, spec)}::text FROM {spec.rows} t WHERE t.id = ANY(%s) AND {condition.text}",
        (spec.key, pks, *condition.params),
    )


def _title_column(actor: Actor, spec: TypeSpec) -> str:
    """What a linked record is called by: its number where its name is not for this actor."""
    level = Level(policy_for(actor, spec.key).level(spec.title_field))
    key = spec.title_field if level not in {Level.HIDE, Level.MASK} else "number"
    return quoted(spec.by_key[key].column or "number")


def _titles_beside(actor: Actor, fields: Sequence[FieldSpec]) -> dict[int, Sql]:
    """By place of the field the title of what a row of `t` points to, as far as the actor may see it; of links with a column of their own."""
    present = shaped(actor).types
    found = {}
    for place, field in enumerate(fields):
        if field.target in present and field.level is not Level.MASK and field.column is not None:
            spec = present[str(field.target)]
            condition = policy_for(actor, spec.key).condition.sql("s")
            found[place] = Sql(
                f"(SELECT s.{_title_column(actor, spec)}::text FROM {spec.rows} s"
                f" WHERE s.id = t.{quoted(field.column)} AND {condition.text})",
                condition.params,
            )
    return found

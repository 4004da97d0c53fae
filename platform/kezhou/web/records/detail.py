"""What a record page shows: key facts, sections of fields, the stream of changes, and lists of records that point here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou import records
from kezhou.access.actor import MemberActor
from kezhou.access.policy import policy_for
from kezhou.records import Change, Entry, ListRequest, Page
from kezhou.records.layouts import LayoutSpec, layout_for
from kezhou.records.listing import Row
from kezhou.records.ordering import NEWEST, default_sort
from kezhou.records.spec import FieldSpec, PanelSpec, Purpose, TypeSpec
from kezhou.records.structure import ANY
from kezhou.web.moments import day_heading
from kezhou.web.records.standing import Standing

FACTS = 6
RELATED_SHOWN = 5
UNDECLARED = 2
FREE = Standing()

SOURCES = {
    "import": gettext_lazy("从导入"),
    "api": gettext_lazy("通过接口"),
    "undo": gettext_lazy("撤销时"),
    "system": gettext_lazy("自动"),
    "portal": gettext_lazy("在门户里"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field as the page shows it; `edit_url` is empty when this person may not change it here, `changes_url` where nothing
    changes, `locked` says why somebody who may change it cannot do so now."""

    field: FieldSpec
    cell: Markup
    edit_url: str
    changes_url: str = ""
    locked: str = ""

    @property
    def masked(self) -> bool:
        return self.field.level == "mask"


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """One record that points here: `notes` are its cells under the heads of a table, `told` what is known of it in one line."""

    pk: int
    title: str
    url: str
    notes: tuple[Markup, ...]
    told: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """Records of one type that point here, the newest first."""

    title: str
    spec: TypeSpec
    rows: tuple[RelatedRow, ...]
    total: int | None
    all_url: str
    new_url: str


@dataclass(frozen=True, slots=True)
class Day:
    """The changes of one day."""

    title: str
    changes: tuple[Change, ...]


def line_of(entry: Entry, field: FieldSpec, now: Standing = FREE) -> Line:
    """One field of this record as its page shows it."""
    editable = field.editable and "update" in entry.operations
    locked = now.locked.get(field.key, "") if editable else ""
    url = reverse("inline", args=[entry.type.key, entry.pk, field.key]) if editable and not locked else ""
    changes = "" if field.system else reverse("field-changes", args=[entry.type.key, entry.pk, field.key])
    return Line(field, entry.cell(field.key), url, changes, locked)


def facts(entry: Entry, layout: LayoutSpec, now: Standing = FREE) -> tuple[Line, ...]:
    """What the head answers first: owner, then the columns of the list that hold something."""
    keys = dict.fromkeys(("owner", *layout.columns))
    chosen = [
        key
        for key in keys
        if key != entry.type.title_field
        and key not in now.hidden
        and entry.field(key)
        and entry.values.get(key) not in (None, ())
    ]
    return tuple(line_of(entry, field) for key in chosen[:FACTS] if (field := entry.field(key)))


def why(actor: MemberActor, entry: Entry) -> str:
    """Why this person sees the record, in one short line."""
    return policy_for(actor, entry.type.key).explain({"owner": entry.owner, "department": entry.department}) or ""


def related(actor: MemberActor, entry: Entry, layout: LayoutSpec) -> tuple[Related, ...]:
    """The lists of records that point here, in the order of the layout, as far as this person may read their types."""
    known = records.types(actor)
    return tuple(
        _related(actor, entry, panel, known[str(panel.type)]) for panel in layout.related if panel.type in known
    )


def _related(actor: MemberActor, entry: Entry, panel: PanelSpec, spec: TypeSpec) -> Related:
    asked = ListRequest(
        columns=columns_of(actor, panel, spec), within=[panel.link, "eq", entry.pk], size=RELATED_SHOWN,
        sort=default_sort(actor, spec, NEWEST), sums=False,
    )  # fmt: skip
    found = records.page(actor, spec, asked)
    return replace(head_of(entry, panel, spec, found.total), rows=rows_of(found, spec))


def columns_of(actor: MemberActor, panel: PanelSpec, spec: TypeSpec, *, most: int = UNDECLARED) -> tuple[str, ...]:
    """The columns of a related list: the title, then those that are arranged, or the list's own first ones; as far as they are seen."""
    known = {field.key for field in records.fields_for(spec, actor, Purpose.LIST)}
    first = next((key for key in (spec.title_field, "number") if key in known), "")
    own = [key for key in layout_for(actor, spec).columns if key not in (spec.title_field, panel.link)]
    shown = (panel.columns or own[:most]) if most == UNDECLARED else [*panel.columns, *own][:most]
    return tuple(dict.fromkeys(key for key in (first, *shown) if key in known))


def head_of(entry: Entry, panel: PanelSpec, spec: TypeSpec, total: int | None) -> Related:
    """A related list without its rows: title, count, where all of them are and where a new one is made."""
    new = f"{reverse('quick-of', args=[spec.key])}?{panel.link}={entry.pk}" if "create" in spec.operations else ""
    listed = reverse("record-related", args=[entry.type.key, entry.pk, panel.key])
    return Related(str(panel.title or spec.title), spec, (), total, listed, new)


def rows_of(found: Page, spec: TypeSpec) -> tuple[RelatedRow, ...]:
    """The rows of a related list."""
    return tuple(
        RelatedRow(
            row.pk,
            row.title,
            reverse("record", args=[spec.key, row.pk]),
            tuple(row.cells[1:]),
            tuple(_told(found, row)),
        )
        for row in found.rows
    )


def _told(found: Page, row: Row) -> Iterator[Markup]:
    """What is known of it besides its title; a bare number says what it counts."""
    for field, cell, value in list(zip(found.columns, row.cells, row.values, strict=True))[1:]:
        if value not in (None, "", ()):
            label = Markup('<span class="kz-klab">{}</span>').format(field.label) if field.numeric else Markup("")
            yield label + cell


def lock_of(entry: Entry) -> str:
    """Why the record cannot be changed at all in its present state, or ""."""
    states = entry.type.states
    state = states.state(entry.values.get(states.field)) if states is not None else None
    return str(state.reason) if state is not None and ANY in state.locked else ""


def dock_of(entry: Entry) -> str:
    """The number that a phone may dial from here: the first of the record that this person sees whole, or ""."""
    for field in entry.fields:
        if field.kind.control_kind == "tel" and field.level != "mask" and entry.values.get(field.key):
            return "".join(character for character in str(entry.values[field.key]) if character in "+0123456789")
    return ""


def days(changes: Iterable[Change]) -> tuple[Day, ...]:
    """Changes under the heads 今天, 昨天, 5 月 8 日 周五."""
    today = timezone.localdate()
    found: list[Day] = []
    for change in changes:
        title = day_heading(timezone.localtime(change.at).date(), today)
        if not found or found[-1].title != title:
            found.append(Day(title, ()))
        found[-1] = Day(title, (*found[-1].changes, change))
    return tuple(found)


SENTENCES = {
    "created": gettext_lazy("%(name)s %(how)s新建了这条记录"),
    "deleted": gettext_lazy("%(name)s %(how)s删除了这条记录"),
    "restored": gettext_lazy("%(name)s %(how)s从回收站恢复了这条记录"),
    "purged": gettext_lazy("%(name)s %(how)s彻底删除了这条记录"),
    "changed": gettext_lazy("%(name)s %(how)s改了 %(n)s 个字段"),
    "moved": gettext_lazy("%(name)s %(how)s推进了状态"),
    "acted": gettext_lazy("%(name)s %(how)s做了“%(verb)s”"),
}


def sentence(change: Change) -> str:
    """What somebody did, in one sentence: 周敏 改了 2 个字段."""
    shown = {
        "name": change.name or _("系统"),
        "n": len(change.fields) + len(change.lines),
        "how": str(SOURCES.get(change.source, "")),
        "verb": change.verb,
    }
    return str(SENTENCES.get(change.kind, SENTENCES["changed"])) % shown


def moment_of_day(day: str) -> datetime:
    """The last moment of a day given as 2026-04-01, in the tenant's zone. Raises ValueError."""
    value = datetime.strptime(day, "%Y-%m-%d")
    return timezone.make_aware(value.replace(hour=23, minute=59, second=59))


def differences(then: Entry, now: Entry) -> Sequence[tuple[FieldSpec, Markup, Markup]]:
    """Fields whose values differ between two states of a record: then, now."""
    return [
        (field, then.cell(field.key), now.cell(field.key))
        for field in now.fields
        if not field.system and then.values.get(field.key) != now.values.get(field.key)
    ]

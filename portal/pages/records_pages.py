"""Lists and records of the portal: found by the same lists, shown by the same fields, each only as far as it is given (POR-19)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from kezhou import records
from kezhou.files import attachments
from kezhou.pages import on, toast
from kezhou.records import Entry, ListRequest, Page, Row
from kezhou.records.classes import class_of
from kezhou.records.layouts import layout_for
from kezhou.records.lines.reading import LineTable, line_tables
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.web.records.listing import Address
from kezhou.web.records.paging import numbers, summary
from portal import acts, saving
from portal.actor import PortalActor
from portal.pages.shell import Place, PortalRequest, place_of, portal_page, show

SIZE = 20
TOLD = 4
PARAMETERS = ("q", "page", "after", "before", "sort")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list: its title, where it opens, a mark of its state, and what else is told of it."""

    title: str
    url: str
    mark: Markup
    told: tuple[str, ...]


@portal_page("r/<str:type_key>/", access=on("read"), name="portal-list")
def record_list(request: PortalRequest, type_key: str) -> HttpResponse:
    """The partner's records of one type, newest first, by the words that are looked for."""
    address = Address(request.GET)
    columns = ",".join(columns_of(request.actor, request.type))
    given = {key: request.GET.get(key, "")[:200] for key in PARAMETERS}
    asked = ListRequest.of(given | {"size": str(SIZE), "columns": columns}, sums=False)
    found = records.page(request.actor, request.type, asked)
    context = {
        "spec": request.type,
        "page": found,
        "lines": [line_of(found, row) for row in found.rows],
        "q": asked.q,
        "may_create": "create" in request.type.operations,
        "may_export": "export" in request.type.operations,
        "summary": summary(found),
        **numbers(address, found),
    }
    return show(request, "list", context, active=type_key)


def columns_of(actor: PortalActor, spec: TypeSpec) -> tuple[str, ...]:
    """The company's own columns of a list, as far as the partner is shown them; not whose all of these are anyway."""
    granted = actor.rights.granted(spec.key)
    link = granted.link if granted is not None else ""
    keys, shown = layout_for(actor, spec).columns, actor.shown(spec.key)
    return tuple(key for key in keys if key != link and key in shown) or (spec.title_field,)


def line_of(found: Page, row: Row) -> Line:
    """A row as it stands in lists of the portal."""
    cells = list(zip(found.columns, row.cells, row.texts, row.values, strict=True))
    marks = [(field.key, cell) for field, cell, _text, value in cells if field.type == "choice" and value]
    told = tuple(_told(found, cells, skip=marks[0][0] if marks else ""))
    return Line(
        row.title,
        reverse("portal-record", args=[found.type.key, row.pk]),
        marks[0][1] if marks else Markup(""),
        told[:TOLD],
    )


def _told(found: Page, cells: list[tuple[FieldSpec, Markup, str, Any]], skip: str) -> Iterator[str]:
    """What is known of it besides title and state, as plain text, for the whole row is a link; a bare number says what it counts."""
    for field, _cell, text, value in cells:
        if field.key not in {found.type.title_field, skip} and value not in (None, "", ()):
            yield f"{field.label} {text}" if field.numeric else text


@portal_page("r/<str:type_key>/<int:pk>", access=on("read"), name="portal-record")
def record(request: PortalRequest, type_key: str, pk: int) -> HttpResponse:
    """One record: its fields in the company's own arrangement, what stands inside it, files released."""
    return show(request, "record", {"above": _above(request), **record_context(request, pk)}, active=type_key)


def _above(request: PortalRequest) -> Place:
    """Where the way back leads: to the list, or to the first page from the one record that is reached from there."""
    place = place_of(request.type, request.actor)
    return place if place.url != request.path else Place("home", _("首页"), "smart-home", reverse("portal-home"))


def record_context(request: PortalRequest, pk: int) -> dict[str, Any]:
    """What the page of a record and its print show."""
    entry = records.get(request.actor, request.type, pk)
    return {
        "spec": request.type,
        "entry": entry,
        "sections": tuple(_sections(request, entry)),
        "line_tables": tuple(
            _table(table) for table in line_tables(request.actor, entry) if table.rows and table.columns
        ),
        "files": tuple(file for file in attachments.of(entry) if file.released),
        "may_edit": "update" in entry.operations and bool(records.fields_for(request.type, request.actor, "write")),
        "may_delete": "delete" in entry.operations,
        "may_print": request.actor.may_print(request.type.key),
    }


@dataclass(frozen=True, slots=True)
class Table:
    """What stands inside a record, as a table of cells."""

    key: str
    title: str
    columns: tuple[FieldSpec, ...]
    rows: tuple[tuple[tuple[FieldSpec, Markup], ...], ...]


def _table(table: LineTable) -> Table:
    rows = tuple(tuple((column, row.cell(column.key)) for column in table.columns) for row in table.rows)
    return Table(table.lines.key, str(table.lines.title), table.columns, rows)


def _sections(request: PortalRequest, entry: Entry) -> Iterator[tuple[str, list[tuple[str, Markup]]]]:
    """The filled fields under their headings."""
    layout = layout_for(request.actor, request.type, class_of(request.type, entry.values))
    given = request.actor.shown(request.type.key)
    for section in layout.sections("detail"):
        shown = [
            (str(field.label), entry.cell(key))
            for key in section.keys
            if key in given and (field := entry.field(key)) is not None and entry.values.get(key) not in (None, "", ())
        ]
        if shown:
            yield str(section.title), shown


@portal_page("r/<str:type_key>/<int:pk>/print", access=on("read"), name="portal-print")
def printed(request: PortalRequest, type_key: str, pk: int) -> HttpResponse:
    """The record on paper, where that is given."""
    if not request.actor.may_print(type_key):
        raise Http404
    context = record_context(request, pk)
    acts.note(
        "printed", user=request.actor.user_pk, name=request.actor.doer, told=_named(context["entry"]), request=request
    )
    return show(request, "print", context)


@portal_page("r/<str:type_key>/<int:pk>/delete", access=on("delete"), name="portal-delete", methods=("GET", "POST"))
def delete(request: PortalRequest, type_key: str, pk: int) -> HttpResponse:
    """Ask once, then delete."""
    entry = records.get(request.actor, request.type, pk)
    if "delete" not in entry.operations:
        raise Http404
    if request.method == "GET":
        return show(request, "delete", {"spec": request.type, "entry": entry}, active=type_key)
    result = saving.delete(request.actor, request.type, pk)
    if not result.ok:
        problem = _("这条%(type)s已经在使用，不能删除。需要的话请联系我们。") % {"type": request.type.title}
        return show(
            request, "delete", {"spec": request.type, "entry": entry, "problem": problem}, active=type_key, status=422
        )
    toast(request, _("已删除“%(title)s”") % {"title": entry.title})
    return HttpResponseRedirect(reverse("portal-list", args=[type_key]))


def _named(entry: Entry) -> str:
    return f"{entry.type.title} {entry.title}"

"""What one request to a list means: its address, the view it names, and what the member or a role chose.

`look` is asked by every page that works on a list (rows, columns, order, count, bulk work, export), so that all of them mean
the same records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
from django.http import QueryDict
from django.utils.translation import gettext as _

from kezhou import assignments, records
from kezhou.records import ListRequest, filters, preferences, views
from kezhou.records.preferences import ListSettings
from kezhou.records.spec import FilterError, Level, Purpose, TypeSpec
from kezhou.records.views.choices import Choices, choices_of
from kezhou.records.views.reading import View
from kezhou.records.views.state import DISPLAYS, SIZES, ViewState
from kezhou.web.records.involved import involved_pks
from kezhou.web.records.listing import ASSIGNED, INVOLVED, Address, chips

if TYPE_CHECKING:
    from kezhou.access.actor import MemberActor
    from kezhou.records.spec import FieldSpec

LOOKED_UP = {ASSIGNED: assignments.open_pks, INVOLVED: involved_pks}
NOTHING = "~"
"""The group of those that have no value."""


@dataclass(frozen=True)
class Look:
    """A list as this request wants it. `lost` are fields of the view that are gone; `state` is the view's, without them."""

    actor: MemberActor
    spec: TypeSpec
    address: Address
    views: tuple[View, ...]
    view: View
    state: ViewState
    lost: tuple[str, ...]
    settings: ListSettings

    @property
    def choices(self) -> Choices:
        """Which views are tabs and which opens first."""
        return choices_of(self.settings)

    @property
    def modified(self) -> bool:
        """True when the address says something else than the view."""
        return any(
            name in self.address.query and self.address.query[name] != self.address.base.get(name, "")
            for name in ViewState.PARAMETERS
        )

    @property
    def display(self) -> str:
        """table, kanban or calendar. Raises FilterError for anything else."""
        wanted = self.address.get("display") or "table"
        if wanted not in DISPLAYS:
            raise FilterError(
                _("列表可以看成 %(known)s，不能看成“%(value)s”。")
                % {"known": "、".join(DISPLAYS), "value": wanted[:20]}
            )
        return wanted

    @property
    def pinned(self) -> int:
        """How many columns stay in sight."""
        return self.state.pinned if self.state.columns else self.settings.pinned

    @property
    def widths(self) -> Mapping[str, int]:
        """Pixels by column."""
        return {**self.settings.widths, **self.state.widths}

    @property
    def edits(self) -> tuple[str, ...]:
        """The columns whose values may be changed in the list."""
        return self.state.edits or self.settings.edits

    @cached_property
    def asked(self) -> ListRequest:
        """What the engine is asked for. Raises FilterError (400)."""
        address = self.address
        asked = ListRequest.of({name: address.get(name) for name in (*ViewState.PARAMETERS, *Address.PLACE)})
        size = asked.size if address.get("size") else self.settings.size
        if size not in SIZES:
            raise FilterError(_("每页可以是 20、50 或 100 条，不能是 %(size)s 条。") % {"size": size})
        return replace(
            asked,
            columns=asked.columns or self.settings.columns,
            sort=asked.sort or self.settings.sort,
            size=size,
            within=self._within(),
        )

    def _within(self) -> Any:
        conditions = [self.view.condition, *self._chips(), self._group()]
        parts = [part for part in conditions if part]
        return ["and", parts] if parts else None

    def _chips(self) -> list[Any]:
        known = {chip.key: chip for chip in chips(self.actor, self.spec)}
        found: list[Any] = []
        for key in self.address.words("chips"):
            if key not in known:
                raise FilterError(
                    _("没有快捷条件“%(key)s”，可用：%(known)s。") % {"key": key, "known": "、".join(known)}
                )
            found.append(["pk", "in", self._looked_up[key]] if key in LOOKED_UP else list(known[key].condition))
        return found

    @cached_property
    def _looked_up(self) -> Mapping[str, list[int]]:
        """The records of chosen chips that no condition on fields finds."""
        chosen = set(self.address.words("chips"))
        return {key: find(self.actor, self.spec.key) for key, find in LOOKED_UP.items() if key in chosen}

    def _group(self) -> Any:
        at, group = self.address.get("at"), self.group
        if not at or group is None:
            return None
        return [group.key, "is_empty", None] if at == NOTHING else [group.key, "eq", at]

    @cached_property
    def group(self) -> FieldSpec | None:
        """The field whose values are offered with counts. Raises FilterError for one that cannot be."""
        key = self.address.get("group")
        if not key:
            return None
        for field in groupable(self.actor, self.spec):
            if field.key == key:
                return field
        raise FilterError(
            _("“%(type)s”不能按“%(field)s”分组，可以按选项或关联的字段分组。")
            % {"type": self.spec.title, "field": key[:40]}
        )

    @property
    def opened(self) -> tuple[int, ...]:
        """In a tree the records that are unfolded."""
        return tuple(int(pk) for pk in self.address.words("open") if pk.isascii() and pk.isdecimal() and len(pk) < 19)

    @property
    def plain(self) -> ListRequest:
        """The same without the chosen group: for the counts of all groups."""
        return replace(self, address=self.address.less("at")).asked

    @property
    def present(self) -> ViewState:
        """What would be saved as a view: everything that is in force now."""
        given = {name: self.address.get(name) for name in ViewState.PARAMETERS}
        asked = self.asked
        return replace(
            ViewState.of(given),
            columns=asked.columns,
            sort=asked.sort,
            size=asked.size,
            widths=self.widths,
            pinned=self.pinned,
            edits=self.edits,
        )

    @property
    def conditions(self) -> Any:
        """Everything that narrows the list, as one tree of JSON lists: for exports and whoever has no views."""
        tree = filters.parse(self.asked.filter)
        parts = [part for part in (self._within(), filters.dump(tree) if tree != filters.EVERYTHING else None) if part]
        return ["and", parts] if parts else None

    @property
    def export_query(self) -> str:
        """What the export page is told: conditions, order, words and columns in force."""
        asked = self.asked
        said = {
            "filter": orjson.dumps(self.conditions).decode() if self.conditions else "",
            "sort": ",".join(asked.sort),
            "columns": ",".join(asked.columns),
            "q": asked.q,
        }
        return urlencode({name: value for name, value in said.items() if value})


def look(actor: MemberActor, spec: TypeSpec, query: QueryDict) -> Look:
    """Read an address. Raises FilterError (400) for a view or a parameter that does not exist."""
    settings = preferences.settings_of(actor, spec.key)
    known = views.visible(actor, spec)
    named = query.get("view", "")
    first = settings.first if not query and any(view.ref == settings.first for view in known) else ""
    view = views.find(actor, spec, named or first or "all", among=known)
    mended = views.mended(actor, spec, view.state)
    address = Address(query, base=mended.state.parameters, view=view.ref if named or first else "")
    return Look(actor, spec, address, known, view, mended.state, mended.lost, settings)


def groupable(actor: MemberActor, spec: TypeSpec) -> tuple[FieldSpec, ...]:
    """Fields with few values: choices and links."""
    fields = records.fields_for(spec, actor, Purpose.FILTER)
    return tuple(field for field in fields if field.kind.groups and field.level is not Level.MASK)

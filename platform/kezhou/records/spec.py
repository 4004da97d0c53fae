"""What readers of records see: immutable descriptions of types and fields.

Every page, route, import, export, index and report reads these and nothing else; nobody inspects a Django model. They are
compiled by `kezhou.records.registry` from the plugins' declarations and by `kezhou.records.custom` from a tenant's rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kezhou.records.sql import quoted
from kezhou.records.structure import ActionSpec, LanesSpec, LinesSpec, ParentSpec, StatesSpec

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.records.derived.declared import Derived
    from kezhou.records.fields.base import FieldType
    from kezhou.records.model import Record
    from kezhou.records.numbering.rules import Rule as NumberingRule
    from kezhou.records.regions.places import Regions
    from kezhou.records.rules.declared import Rule
    from kezhou.records.types import RecordType


class Purpose(StrEnum):
    """Why a reader asks for fields; each purpose sees another cut of them."""

    READ = "read"
    WRITE = "write"
    FILTER = "filter"
    LIST = "list"
    IMPORT = "import"
    EXPORT = "export"
    SEARCH = "search"


class Level(StrEnum):
    """What an actor may do with one field, from least to most."""

    HIDE = "hide"
    MASK = "mask"
    READ = "read"
    EDIT = "edit"


class RecordError(Exception):
    """Base of everything the engine refuses; `str()` is a full sentence for the user."""


class RecordNotFound(RecordError):
    """No such record, or none that this actor may see: pages and API answer 404."""


class UnknownType(RecordError):
    """No such record type, or its plugin is off here: pages and API answer 404."""


class NotAllowed(RecordError):
    """The actor sees the record but lacks the operation: pages and API answer 403."""


class FilterError(RecordError):
    """A filter, sort or column names something that does not exist or does not fit: pages and API answer 400."""


@cache
def _kind(name: str) -> FieldType:
    from kezhou.records.fields import field_type  # the registry of field types imports this module

    return field_type(name)


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """One value of a dictionary as one field shows it.

    `parent` is the value above it, `depth` how many stand above; `default` is what new records start with; `merged` names the value
    that took its place.
    """

    key: str
    label: StrOrPromise
    hue: str = "grey"
    enabled: bool = True
    aliases: tuple[str, ...] = ()
    parent: str = ""
    depth: int = 0
    default: bool = False
    merged: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field of one record type as one actor sees it.

    `column` is the database column; None means a tenant's own field, kept in the JSONB column `custom` under `key`.
    `type` names the class in `kezhou.records.fields` that knows everything else. `minimum`, `maximum` are in the field's own
    unit (characters for texts use `min_length` and `max_length`). `parent` names the choice field whose value narrows
    this one to the options below it (CFG-03). `tree` is true for a link whose target stands in a tree: it can be filtered with all below.
    `within` narrows a link to the records that belong to what another link of this record holds: (that link, the target's own link).
    `derived` says how the engine computes the value; such a field is `system` and has the type of its result.
    `veils` are links (with their target types) whose record an actor must see to be shown the value (`derived.rights`).
    `regions` are the places that a region field offers; `fills` names what choosing one fills: (postcode or area_code, field key).
    `classes` are the record classes that have the field; none means every class (FLD-05).
    """

    key: str
    type: str
    label: StrOrPromise
    column: str | None = None
    help: StrOrPromise = ""
    required: bool = False
    unique: bool = False
    system: bool = False
    default: Any = None
    minimum: Any = None
    maximum: Any = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    pattern_hint: StrOrPromise = ""
    decimals: int | None = None
    unit: StrOrPromise = ""
    dictionary: str | None = None
    options: tuple[OptionSpec, ...] = ()
    parent: str = ""
    regions: Regions | None = field(default=None, repr=False)
    fills: tuple[tuple[str, str], ...] = ()
    tree: bool = False
    target: str | None = None
    within: tuple[str, str] | None = None
    on_delete: str = ""
    indexed: bool = False
    searchable: bool = False
    listed: bool = False
    classes: tuple[str, ...] = ()
    title: bool = False
    code: bool = False
    personal: bool = False
    level: Level = Level.EDIT
    sort_column: str | None = None
    db_type: str = ""
    pk: int | None = None
    derived: Derived | None = None
    veils: tuple[tuple[str, str], ...] = ()

    @property
    def custom(self) -> bool:
        """True for a field that the tenant made itself."""
        return self.column is None

    @property
    def kind(self) -> FieldType:
        """The object that parses, shows, stores, filters and sorts values of this field."""
        return _kind(self.type)

    @property
    def editable(self) -> bool:
        """True when the actor may write it at all."""
        return not self.system and self.level is Level.EDIT

    @property
    def numeric(self) -> bool:
        """True for types that are right-aligned and can be summed."""
        return self.kind.numeric

    def option(self, key: object) -> OptionSpec | None:
        """The option with this key, switched-off ones included (old records still show them)."""
        return next((option for option in self.options if option.key == key), None)

    def with_level(self, level: Level) -> FieldSpec:
        """The same field under another right."""
        return self if level is self.level else replace(self, level=level)


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """One panel of a record page: `kind` is fields, related or timeline."""

    kind: str
    title: StrOrPromise
    fields: tuple[str, ...] = ()
    type: str | None = None
    link: str | None = None
    columns: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A list by its type and the link that leads here, as addresses name it."""
        return f"{self.type}:{self.link}"


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """A category view that a type brings along (QRY-09): `filter` as in `kezhou.records.filters`, `group` names the field whose
    values are offered with their counts, `display` is table, kanban or calendar. In a calendar `resource` names the link whose records are the rows, `scale` is
    month, week or day, and `group` gives the colours."""

    key: str
    title: StrOrPromise
    filter: Sequence[Any] | None = None
    group: str = ""
    display: str = "table"
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    resource: str = ""
    scale: str = ""


@dataclass(frozen=True, slots=True)
class SearchSpec:
    """Which fields full-text search reads, by weight: names, codes, running text, names of linked records, and records
    pointing here (type, link) whose words count in the list's search box. `importance` holds values that make a record weigh
    more, as (field, value, 1 to 3)."""

    title: str = ""
    codes: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    through: tuple[tuple[str, str], ...] = ()
    category: str = ""
    importance: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """A declared link from another type: what happens here when the linked record is deleted (refuse, cascade, clear)."""

    type: str
    field: str
    on_delete: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeSpec:
    """One kind of record in one tenant. Immutable; made anew whenever the tenant's shape changes.

    `discriminator` is the column and its value by which a table shared by several types tells them apart; `section` the module
    (a plugin's name) in whose menu the type stands when it is not its own plugin's.
    `class_field` names the choice field whose value is the record's class: layouts and own fields may be those of a class.
    `added` names the plugins that added some of the `verbs`.
    How fields are arranged is asked of `kezhou.records.layouts`, not of `layout`, `form`, `quick` and `columns` here.
    """

    key: str
    title: StrOrPromise
    plugin: str
    icon: str
    table: str
    model: type[Record]
    declaration: type[RecordType]
    fields: tuple[FieldSpec, ...]
    title_field: str
    layout: tuple[PanelSpec, ...] = ()
    form: tuple[PanelSpec, ...] = ()
    quick: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    averages: tuple[str, ...] = ()
    sort: tuple[str, ...] = ("-created_at",)
    search: SearchSpec = SearchSpec()
    twins: tuple[tuple[str, ...], ...] = ()
    views: tuple[ViewSpec, ...] = ()
    calendar: tuple[str, str] | None = None
    lanes: LanesSpec | None = None
    words_indexed: bool = False
    operations: frozenset[str] = frozenset()
    department_link: str | None = None
    class_field: str = ""
    retired: str = ""
    referrers: tuple[LinkSpec, ...] = ()
    order: int = 100
    hidden: bool = False
    lines: tuple[LinesSpec, ...] = ()
    parent: ParentSpec | None = None
    states: StatesSpec | None = None
    actions: tuple[ActionSpec, ...] = ()
    verbs: Mapping[str, StrOrPromise] = field(default_factory=dict)
    tree: str = ""
    tree_depth: int = 20
    validity: tuple[str, str] | None = None
    section: str = ""
    discriminator: tuple[str, int] | None = None
    rules: tuple[Rule, ...] = ()
    numbering: tuple[NumberingRule, ...] = ()
    added: Mapping[str, str] = field(default_factory=dict)
    by_key: Mapping[str, FieldSpec] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", MappingProxyType({spec.key: spec for spec in self.fields}))

    @property
    def rows(self) -> str:
        """The type's rows as they stand in FROM: its table, or its part of a table that several types share.

        Whoever reads names this and never `table`, so that no reader can take a row of another type for one of its own.
        """
        if self.discriminator is None:
            return quoted(self.table)
        column, value = self.discriminator
        return f"(SELECT * FROM {quoted(self.table)} WHERE {quoted(column)} = {value:d})"

    def only(self, ref: str) -> str:
        """What an UPDATE or DELETE of `table` adds to its WHERE: nothing, or ` AND` that the row is of this type."""
        if self.discriminator is None:
            return ""
        column, value = self.discriminator
        return f" AND {ref}.{quoted(column)} = {value:d}"

    @property
    def label(self) -> StrOrPromise:
        """The title: what the menu calls this kind of record."""
        return self.title

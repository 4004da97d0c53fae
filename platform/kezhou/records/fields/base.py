"""What a field type is: one object per type that knows everything about its values.

Readers of records (pages, API, import, export, filters, search) ask the field type and never look at a value's kind
themselves, so that adding a field type is adding one file here (FLD-01, FLD-02). Values are plain Python: `str`,
`Decimal`, `date`, aware `datetime`, `bool`, `int` (a link's primary key), `tuple[str, ...]`; nothing given is `None`.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields.html import EMPTY, cell_text
from kezhou.records.fields.reading import is_blank, quoted_value
from kezhou.records.fields.shapes import Choice, Context, Control, ControlKind, FieldError, Format, Index, Note
from kezhou.records.spec import FieldSpec
from kezhou.records.sql import Sql, all_of, any_of, literal, quoted

__all__ = ["Choice", "Context", "Control", "FieldError", "FieldType", "Format", "Index", "dumps", "split_list"]

Operators = Mapping[str, str | Promise]


LABELS: Operators = {
    "eq": gettext_lazy("等于"),
    "ne": gettext_lazy("不等于"),
    "in": gettext_lazy("属于"),
    "not_in": gettext_lazy("不属于"),
    "contains": gettext_lazy("包含"),
    "not_contains": gettext_lazy("不包含"),
    "starts": gettext_lazy("开头是"),
    "gt": gettext_lazy("大于"),
    "gte": gettext_lazy("大于等于"),
    "lt": gettext_lazy("小于"),
    "lte": gettext_lazy("小于等于"),
    "between": gettext_lazy("介于"),
    "relative": gettext_lazy("相对日期"),
    "is_empty": gettext_lazy("为空"),
    "not_empty": gettext_lazy("不为空"),
}

COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
ORDERS = {"gt": gt, "gte": ge, "lt": lt, "lte": le}


class FieldType(ABC):
    """Base of all field types, and what a plain text-like value does. Stateless: one instance serves all tenants.

    Subclasses set the class facts and override `read` (tolerant reading of something given), `rules` (checks of a read
    value) and what differs in storing, showing and filtering.
    """

    key: ClassVar[str]
    title: ClassVar[str | Promise]
    control_kind: ClassVar[ControlKind] = "text"
    operator_keys: ClassVar[tuple[str, ...]] = ("eq", "ne", "in", "not_in", "is_empty", "not_empty")
    sortable: ClassVar[bool] = True
    indexable: ClassVar[bool] = True
    aggregates: ClassVar[frozenset[str]] = frozenset({"count"})
    collated: ClassVar[bool] = True
    icon: ClassVar[str] = "text-size"
    numeric: ClassVar[bool] = False
    """Right-aligned, and its values can be summed."""
    totalled: ClassVar[bool] = False
    """Lists show its sum."""
    worded: ClassVar[bool] = False
    """A keyword can be found in the stored text."""
    coded: ClassVar[bool] = False
    """Full-text search takes it for a code, found by its beginning."""
    opaque: ClassVar[bool] = False
    """Who may only half see the field sees nothing of a value."""
    holds_files: ClassVar[bool] = False
    """Values are files (`files_of`)."""
    personal: ClassVar[bool] = False
    """Always data about a person."""
    importable: ClassVar[bool] = True
    single: ClassVar[bool] = True
    """An own field of this type can demand that no value occurs twice."""
    target: ClassVar[str] = ""
    """The type that every field of this type links to."""
    pieces: ClassVar[tuple[str, ...]] = ()
    """A form asks for the value by several inputs, named key__piece."""
    noted: ClassVar[bool] = False
    """There is something to say about a value in a form (see `note`)."""
    becomes: ClassVar[frozenset[str]] = frozenset()
    """Types that read every stored value of this one as it stands: an own field may change to them (FLD-06)."""
    groups: ClassVar[bool] = False
    """A list can be told apart by its values: few, and named."""
    dated: ClassVar[bool] = False
    """A calendar can place records by it."""
    computes: ClassVar[str] = ""
    """The kind of value that formulas read: number, text, date, datetime, yes_no or choice."""

    plain_json: ClassVar[bool] = False
    """A value is JSON as it stands: found out from the class."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.plain_json = cls.rest is FieldType.rest and cls.to_json is FieldType.to_json

    # --- reading -----------------------------------------------------------------------------------------------

    def parse(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        """The value that was meant by `raw` (text of a form or a cell, JSON of the API, a typed cell); None when blank.

        Raises FieldError with a sentence when it cannot be read.
        """
        return None if is_blank(raw) else self.read(raw, spec, context)

    @abstractmethod
    def read(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        """As `parse`, for something that is not blank."""

    def check(self, value: Any, spec: FieldSpec) -> None:
        """Refuse a value that breaks the field's rules (required, length, range, pattern) with a FieldError."""
        if value is None or value == ():
            if spec.required:
                raise FieldError(_("请填写%(label)s。") % {"label": spec.label})
            return
        self.rules(value, spec)

    def rules(self, value: Any, spec: FieldSpec) -> None:  # noqa: B027  # a type may have none
        """The checks of a value that is given. Raises FieldError."""

    def clean(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        """Read and check in one go."""
        value = self.parse(raw, spec, context)
        self.check(value, spec)
        return value

    def fitted(self, value: Any, spec: FieldSpec) -> Any:
        """A computed value as the field can hold it; None when it cannot. `computes` names the kind of value in formulas."""
        return value

    # --- storing -----------------------------------------------------------------------------------------------

    def to_json(self, value: Any, spec: FieldSpec) -> Any:
        """The one storage form (never of None): in `custom`, in the history, and as PostgreSQL's input functions read."""
        return value

    def from_json(self, raw: Any, spec: FieldSpec) -> Any:
        """The value of a storage form."""
        return raw

    def revived(self, raw: Any, spec: FieldSpec) -> Any:
        """A value that the history kept; None where the field had a type then that this one cannot read."""
        try:
            return None if raw is None else self.from_json(raw, spec)
        except (ValueError, TypeError, AttributeError, ArithmeticError):
            return None

    def from_db(self, value: Any, spec: FieldSpec) -> Any:
        """The value of what a raw cursor reads: a column's own type, or for an own field its storage form."""
        if value is None or value == "":
            return None
        return self.from_json(value, spec) if spec.custom else value

    def rest(self, value: Any, spec: FieldSpec) -> Any:
        """The value in the REST API (JSON)."""
        return None if value is None else self.to_json(value, spec)

    def schema(self, spec: FieldSpec) -> dict[str, Any]:
        """The OpenAPI schema of `rest`, with the field's label, help and rules."""
        facts: dict[str, Any] = {"title": str(spec.label), **self.json_type(spec)}
        if spec.help:
            facts["description"] = str(spec.help)
        if not spec.required:
            facts["nullable"] = True
        if not spec.editable:
            facts["readOnly"] = True
        return facts

    def json_type(self, spec: FieldSpec) -> dict[str, Any]:
        """`type`, `format` and limits for `schema`."""
        return {"type": "string"}

    # --- showing -----------------------------------------------------------------------------------------------

    def text(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        """The value as plain text for people; an empty text for None."""
        return "" if value is None else str(value)

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        """The value as HTML of a list cell or a detail line; the grey dash for None."""
        return EMPTY if value is None else cell_text(self.text(value, spec, fmt))

    def line(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        """The value as HTML on the record's own page, where more of it may be shown than in a list."""
        return self.cell(value, spec, fmt)

    def note(self, value: Any, spec: FieldSpec, fmt: Format) -> Note | None:
        """What is worth saying below the input of a form about a value, such as an amount in capitals."""
        return None

    def export(self, value: Any, spec: FieldSpec, fmt: Format) -> Any:
        """The value typed for a spreadsheet cell: number, date, naive local date-time or text; None when empty."""
        return None if value is None else self.text(value, spec, fmt)

    def edited(self, value: Any, spec: FieldSpec, fmt: Format) -> str:
        """The value as it stands in an input; `parse` reads it back unchanged."""
        return self.text(value, spec, fmt)

    def control(self, spec: FieldSpec, value: Any, fmt: Format | None = None) -> Control:
        """What the form shows for this field."""
        return Control(
            kind=self.control_kind,
            name=spec.key,
            label=str(spec.label),
            value="" if value is None else self.edited(value, spec, fmt or Format()),
            required=spec.required,
            help=str(spec.help),
            unit=str(spec.unit),
            attributes=self.attributes(spec),
            note=None if value is None else self.note(value, spec, fmt or Format()),
            noted=self.noted,
        )

    def attributes(self, spec: FieldSpec) -> tuple[tuple[str, str], ...]:
        """HTML attributes of the input, such as maxlength and inputmode."""
        return ()

    def search_texts(self, value: Any, spec: FieldSpec, fmt: Format) -> tuple[str, ...]:
        """The texts by which full-text search finds the value."""
        return () if value is None else (self.text(value, spec, fmt),)

    def files_of(self, value: Any) -> tuple[tuple[int, str], ...]:
        """The files that the value holds, as (key, name): what they say is found with the record."""
        return ()

    def twin_key(self, value: Any, spec: FieldSpec) -> str | None:
        """The form in which two values count as the same when twins are looked for; None for an empty value."""
        return None if value is None else json.dumps(self.to_json(value, spec), default=str, ensure_ascii=False)

    # --- SQL ---------------------------------------------------------------------------------------------------

    def expression(self, spec: FieldSpec, ref: str) -> str:
        """SQL of the stored value as its own type or text; `ref` is the table's alias."""
        if spec.column is not None:
            return f"{ref}.{quoted(spec.column)}"
        return f"({ref}.{quoted('custom')}->>{literal(spec.key)})"

    def sort_expression(self, spec: FieldSpec, ref: str) -> str:
        """SQL to compare and to order by; for an own field word for word the expression of its index.

        Empties are NULL in it. For a page of values order by it plainly (`ASC`, or `DESC`) under `IS NOT NULL`, so that
        one index serves both directions; the page of empties follows.
        """
        if spec.sort_column:
            return f"{ref}.{quoted(spec.sort_column)}"
        expression = self.expression(spec, ref)
        return f'({expression} COLLATE "C")' if spec.custom and self.collated else expression

    def numeric_expression(self, spec: FieldSpec, ref: str) -> str:
        """SQL of the value as numeric, for sums and averages; only for types with the aggregate `sum`."""
        raise FieldError(_("“%(label)s”不能求和。") % {"label": spec.label})

    def index(self, spec: FieldSpec, table: str) -> Index:
        """The expression index of an own field on `table`, to be built concurrently by the worker."""
        name = f"ix_{table[:40]}_{spec.key}"
        expression = self.sort_expression(spec, quoted(table))
        return Index(
            name=name,
            create=f"CREATE INDEX CONCURRENTLY {quoted(name)} ON {quoted(table)} (({expression}), {quoted('id')})",
            analyze=f"ANALYZE {quoted(table)}",
            drop=f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(name)}",
        )

    # --- filters -----------------------------------------------------------------------------------------------

    def operators(self, spec: FieldSpec) -> Mapping[str, str]:
        """The operators that a filter may use on this field, with their labels."""
        return {key: str(LABELS[key]) for key in self.operator_keys}

    def where(self, spec: FieldSpec, operator: str, value: Any, ref: str, *, context: Context | None = None) -> Sql:
        """SQL that is true for the rows that `[field, operator, value]` means. Raises FieldError for nonsense (400)."""
        self.demand_operator(spec, operator)
        return self.compile(spec, operator, value, ref, context or Context())

    def demand_operator(self, spec: FieldSpec, operator: str) -> None:
        """Refuse an operator that this type has not. Raises FieldError."""
        if operator not in self.operator_keys:
            raise FieldError(
                _("“%(label)s”不能用条件“%(operator)s”，可用：%(known)s。")
                % {"label": spec.label, "operator": operator, "known": "、".join(self.operator_keys)}
            )

    def compile(self, spec: FieldSpec, operator: str, value: Any, ref: str, context: Context) -> Sql:
        """As `where`, for an operator that this type has."""
        if operator in {"is_empty", "not_empty"}:
            empty = self.is_empty(spec, ref)
            return empty if operator == "is_empty" else ~empty
        if operator in {"ne", "not_in", "not_contains"}:
            positive = {"ne": "eq", "not_in": "in", "not_contains": "contains"}[operator]
            return ~self.compile(spec, positive, value, ref, context)
        if operator == "in":
            return self.equals_any(spec, self.reached(spec, self.operands(spec, value, context)), ref)
        if operator == "between":
            low, high = self.bounds(spec, value)
            parts = [("gte", low), ("lte", high)]
            return all_of([self.compile(spec, o, v, ref, context) for o, v in parts if not is_blank(v)])
        operand = self.operand(spec, value, context)
        if operator == "eq":
            return self.equals_any(spec, (operand,), ref)
        return self.compared(spec, COMPARISONS[operator], operand, ref)

    def holds(self, spec: FieldSpec, operator: str, value: Any, held: Any, *, context: Context | None = None) -> bool:
        """What `where` says of rows, said of one value in Python: the same answer, word for word (rules need it before a save)."""
        self.demand_operator(spec, operator)
        return self.answer(spec, operator, value, held, context or Context())

    def answer(self, spec: FieldSpec, operator: str, value: Any, held: Any, context: Context) -> bool:
        """As `holds`, for an operator that this type has; mirrors `compile`."""
        if operator in {"is_empty", "not_empty"}:
            return (held in (None, "", ())) is (operator == "is_empty")
        if operator in {"ne", "not_in", "not_contains"}:
            positive = {"ne": "eq", "not_in": "in", "not_contains": "contains"}[operator]
            return not self.answer(spec, positive, value, held, context)
        if operator == "in":
            return self.among(spec, held, self.reached(spec, self.operands(spec, value, context)))
        if operator == "between":
            low, high = self.bounds(spec, value)
            parts = [("gte", low), ("lte", high)]
            return all(self.answer(spec, o, v, held, context) for o, v in parts if not is_blank(v))
        operand = self.operand(spec, value, context)
        if operator == "eq":
            return self.among(spec, held, (operand,))
        return held is not None and bool(ORDERS[operator](held, operand))

    def among(self, spec: FieldSpec, held: Any, values: Sequence[Any]) -> bool:
        """Whether the value is one of these; mirrors `equals_any`."""
        return held is not None and held in values

    def operand(self, spec: FieldSpec, value: Any, context: Context) -> Any:
        """What the user compares with, read as tolerantly as a value of the field. Raises FieldError when blank."""
        read = self.parse(value, spec, context)
        if read is None:
            raise FieldError(_("“%(label)s”的条件缺少要比较的值。") % {"label": spec.label})
        return read

    def operands(self, spec: FieldSpec, value: Any, context: Context) -> tuple[Any, ...]:
        """The values of a list operator; a text is cut at commas, semicolons and line ends (a pasted list)."""
        items = value if isinstance(value, (list, tuple)) else split_list(str(value))
        return tuple(self.operand(spec, item, context) for item in items if not is_blank(item))

    def reached(self, spec: FieldSpec, values: Sequence[Any]) -> Sequence[Any]:
        """What 属于 means by these values: they themselves, and what stands below them where the values are a tree."""
        return values

    def bounds(self, spec: FieldSpec, value: Any) -> tuple[Any, Any]:
        """Both ends of a range; one of them may be blank."""
        if isinstance(value, (list, tuple)) and len(value) == 2 and not all(map(is_blank, value)):
            return value[0], value[1]
        shown = {"label": spec.label, "value": quoted_value(value)}
        raise FieldError(_("“%(label)s”的区间需要两个值，收到的是“%(value)s”。") % shown)

    def is_empty(self, spec: FieldSpec, ref: str) -> Sql:
        """SQL that is true where nothing is given."""
        return Sql(f"({self.expression(spec, ref)} IS NULL)")

    def equals_any(self, spec: FieldSpec, values: Sequence[Any], ref: str) -> Sql:
        """SQL for equality with one of the values.

        Own fields by containment, which `custom`'s GIN index serves; those with an index of their own by its expression, which
        saves looking into every found row again.
        """
        if spec.column is not None:
            held = [self.parameter(value, spec) for value in values]
            if len(held) == 1:
                return Sql(f"({self.expression(spec, ref)} = %s)", (held[0],))
            return Sql(f"({self.expression(spec, ref)} = ANY(%s))", (held,))
        stored = [self.to_json(value, spec) for value in values]
        if spec.indexed and self.indexable and all(isinstance(form, (str, Decimal)) for form in stored):
            side = self.order_side(spec, ref)
            return Sql(f"({side} = %s)", (stored[0],)) if len(stored) == 1 else Sql(f"({side} = ANY(%s))", (stored,))
        return any_of([self.contained(spec, form, ref) for form in stored])

    def contained(self, spec: FieldSpec, stored: Any, ref: str) -> Sql:
        """SQL for `custom` holding exactly this storage form under the field's key."""
        return Sql(f"({ref}.{quoted('custom')} @> %s::jsonb)", (dumps({spec.key: stored}),))

    def compared(self, spec: FieldSpec, sign: str, value: Any, ref: str) -> Sql:
        """SQL for a comparison with one value."""
        return Sql(f"({self.order_side(spec, ref)} {sign} %s)", (self.parameter(value, spec),))

    def order_side(self, spec: FieldSpec, ref: str) -> str:
        """The expression that ranges compare: the stored value, never a key made only for sorting."""
        return self.expression(spec, ref) if spec.column is not None else self.sort_expression(spec, ref)

    def parameter(self, value: Any, spec: FieldSpec) -> Any:
        """The value as a statement's parameter: typed for a column, in storage form for an own field."""
        return value if spec.column is not None else self.to_json(value, spec)


def dumps(value: Any) -> str:
    """JSON text of a storage form; decimals are written as exact JSON numbers."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {dumps(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(dumps, value)) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value, ensure_ascii=False)


def split_list(text: str) -> list[str]:
    """A pasted list as its items: cut at line ends, tabs, commas and semicolons of both widths."""
    for mark in "，,；;、\t\r":
        text = text.replace(mark, "\n")
    return [item.strip() for item in text.split("\n") if item.strip()]

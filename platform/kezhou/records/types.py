"""How a plugin author declares a kind of record: one class beside the model.

Storage facts (type, null, length, label) come from the model field; only what a model cannot say is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from kezhou.records.spec import ViewSpec as View

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.records.derived.declared import Derived
    from kezhou.records.model import Record
    from kezhou.records.rules.declared import Rule
    from kezhou.records.structure import Guard

Names = str | Sequence[str]


def names(value: Names) -> tuple[str, ...]:
    """Field names given as "name phone" or as a sequence."""
    return tuple(value.split()) if isinstance(value, str) else tuple(value)


class Access(StrEnum):
    """Whose the rows are: `OWNED` rows have an owner and a department and follow scopes; `SHARED` rows belong to all;
    `PARENT` rows are lines of another record: who may see or change it may see or change them."""

    OWNED = "owned"
    SHARED = "shared"
    PARENT = "parent"


@dataclass(frozen=True, slots=True)
class Panel:
    """A titled group of fields on the record page and in the form: `Panel(_("基本信息"), "name category phone")`."""

    title: StrOrPromise
    fields: Names


@dataclass(frozen=True, slots=True)
class RelatedList:
    """Records of another type that point here through its link field `by` (found by itself when there is only one)."""

    type: str
    by: str = ""
    title: StrOrPromise = ""
    columns: Names = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """The stream of changes of this record."""

    title: StrOrPromise = ""


@dataclass(frozen=True, slots=True)
class Search:
    """What full-text search reads: the name, codes found by prefix, running text, and links whose titles help to find it.

    `category` names a choice field by which hits of this kind can be filtered, such as a customer's class. `importance` says
    which values of choice fields make a record weigh more, from 1 to 3: {"category": {"vip": 3}}.
    `through` names records that point here and by whose words these are found in the list's search box as well, as
    "customers.contact:customer" (type and its link).
    """

    title: str = ""
    codes: Names = ()
    body: Names = ()
    related: Names = ()
    category: str = ""
    through: Names = ()
    importance: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows of the line type `type` (`access = Access.PARENT`), edited inside this record with it in one save.

    `key` names them in changes and errors (the type's own name when empty); `totals` are columns summed below the table.
    """

    type: str
    key: str = ""
    title: StrOrPromise = ""
    columns: Names = ()
    totals: Names = ()


@dataclass(frozen=True, slots=True)
class Lanes:
    """The records that stand as rows beside the calendar, the free ones too: `Lanes("room", parts="venue", facts="capacity")`.

    `link` leads to them; `parts` is the link of theirs by which the rows are grouped and narrowed, `facts` are told below their names.
    `firm` names the yes/no field without which an entry is only pencilled in.
    """

    link: str
    parts: str = ""
    facts: Names = ()
    firm: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """One state by the key of its option: what must be filled in it, what is locked in it ("*": everything) and why.

    `final` states end the record's way; nothing waits for it any more.
    """

    key: str
    required: Names = ()
    locked: Names = ()
    reason: StrOrPromise = ""
    final: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """A way between states: `Transition("draft", "sent")`; several sources as "draft returned", from anywhere as "*".

    `required` must be filled to go it, `asks` is offered besides. `operation` is the right that it needs: one of the six, or a
    verb of the type. `guard(actor, values)` answers why not, or ""; `when` is a filter tree, refused with `refusal`.
    `action` names the action that alone goes this way; it is not offered by itself then.
    """

    sources: Names
    target: str
    title: StrOrPromise = ""
    operation: str = "update"
    required: Names = ()
    asks: Names = ()
    guard: Callable[[Any, Mapping[str, Any]], StrOrPromise] | None = None
    when: Sequence[Any] | None = None
    refusal: StrOrPromise = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class States:
    """The states of a type over its choice field `field`. New records begin in one of `initial`.

    While a record is in one of the `unreviewed` states, search finds it for its author and for those who have the operation
    `reviewers` (one of the six, or a verb of the type) on it, and for nobody else.
    """

    field: str
    initial: Names
    transitions: Sequence[Transition]
    states: Sequence[State] = ()
    unreviewed: Names = ()
    reviewers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """What customers and partners may be given of a type through their own entrance (`docs/plugin-api.md`).

    `links` lead from these records to the one whose they are; a partner is given records by one of them. `shared` records are
    for whoever is given the type at all. `fields` are shown and `edits` filled in until the administrator says otherwise.
    `source` is set in records that are entered there. `contacts` makes records of this type partners: it names the type of their
    people and its link here ("customers.contact:customer"); of these people `profile` are the fields that each keeps for itself.
    """

    links: Names = ()
    shared: bool = False
    fields: Names = ()
    edits: Names = ()
    source: Mapping[str, str] = field(default_factory=dict)
    contacts: str = ""
    profile: Names = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """A question of an action's form that is no field of the record: a field type by name, with what it needs."""

    key: str
    type: str
    label: StrOrPromise
    required: bool = False
    default: Any = None
    dictionary: str | None = None
    target: str | None = None
    help: StrOrPromise = ""
    minimum: Any = None
    maximum: Any = None
    max_length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A domain verb such as 出票. `fields` names fields of the record or asks of its own; `run(doing)` does it.

    `operation` is the right that it needs: "update" unless the type declares a verb of its own. `states` are those in which it can
    be done (any when empty), `when` a filter tree refused with `refusal`. `guard(pks)` tells by record and by action's key why not, what
    neither state nor fields know, or None where the action is not to be offered at all; actions with the same guard ask it once.
    """

    key: str
    title: StrOrPromise
    run: Callable[[Any], None]
    icon: str = "bolt"
    fields: Sequence[str | Ask] = ()
    operation: str = "update"
    states: Names = ()
    when: Sequence[Any] | None = None
    refusal: StrOrPromise = ""
    confirm: StrOrPromise = ""
    bulk: bool = False
    danger: bool = False
    guard: Guard | None = None


class DeclarationError(TypeError):
    """A record type cannot exist as declared; the message says which, why, and a line to add."""


_DEMANDED: Mapping[str, str] = {
    "key": 'key = "customers.customer"',
    "model": "model = Customer",
    "title": 'title = _("客户")',
    "access": "access = Access.OWNED",
    "personal_data": 'personal_data = ("phone", "email")   # () when it holds none',
}


class RecordType:
    """One kind of record. Subclass it in `records.py` and return the class from the hook `record_types`.

    `columns`, `quick`, `sort` name fields; `twins` names groups of fields of which each alone says that two records are
    the same ("name" or ("name", "phone")); `dictionaries` need not be given, model fields name theirs.
    `views` are category views beside all, mine and my department's; `calendar` names the field where a record begins and, if there
    is one, the field where it ends; `lanes` says which records stand as rows beside it.
    `number` is the prefix of automatic numbers ("KH" gives KH000001), `person` says that titles are names of people (they sort
    by surname). `class_field` names the choice field whose value is the record's class, for which layouts and own fields may be made.
    `averages` names summed columns whose average lists show as well. `on_delete` of links pointing here is said at the links. `retired` names the yes/no field by which a record is taken out of use: what
    points to it keeps it, nothing new can choose it.

    `lines` are rows edited inside the record; `parent` names the link of a line type to it. `states` and `actions` say what can
    happen to a record; `verbs` are operations of its own that roles grant ({"issue": _("出票")}), which follow 改 until a role
    says otherwise. `tree` names the link to the record above, `tree_depth` how deep it may go; `validity` the two dates from and to which
    a record is in force. `sentences` tell what a violated constraint of the table means, by its name; that of an exclusion constraint
    may name its fields ("“%(room)s”在 %(starts_at)s 已被预订。") and is given the values of the record that was refused.
    `portal` says what customers and partners may be given of it. `derived` says which columns the engine computes (`{"amount": Formula("{quantity} * {price}")}`), `rules` what depends on values.
    """

    key: ClassVar[str]
    model: ClassVar[type[Record]]
    title: ClassVar[StrOrPromise]
    access: ClassVar[Access]
    personal_data: ClassVar[Names]
    icon: ClassVar[str] = "file"
    order: ClassVar[int] = 100
    title_field: ClassVar[str] = "name"
    person: ClassVar[bool] = False
    class_field: ClassVar[str] = ""
    retired: ClassVar[str] = ""
    columns: ClassVar[Names] = ()
    averages: ClassVar[Names] = ()
    quick: ClassVar[Names] = ()
    sort: ClassVar[Names] = ("-created_at",)
    layout: ClassVar[Sequence[Panel | RelatedList | Timeline]] = ()
    search: ClassVar[Search] = Search()
    twins: ClassVar[Sequence[Names]] = ()
    views: ClassVar[Sequence[View]] = ()
    calendar: ClassVar[Names] = ()
    lanes: ClassVar[Lanes | None] = None
    number: ClassVar[str] = ""
    operations: ClassVar[Names] = "read create update delete import export"
    hidden: ClassVar[bool] = False
    readonly: ClassVar[Names] = ()
    helps: ClassVar[Mapping[str, StrOrPromise]] = {}
    lines: ClassVar[Sequence[Lines]] = ()
    parent: ClassVar[str] = ""
    states: ClassVar[States | None] = None
    actions: ClassVar[Sequence[Action]] = ()
    verbs: ClassVar[Mapping[str, StrOrPromise]] = {}
    tree: ClassVar[str] = ""
    tree_depth: ClassVar[int] = 20
    validity: ClassVar[Names] = ()
    sentences: ClassVar[Mapping[str, StrOrPromise]] = {}
    derived: ClassVar[Mapping[str, Derived]] = {}
    rules: ClassVar[Sequence[Rule]] = ()
    portal: ClassVar[Portal | None] = None

    @classmethod
    def kept(cls, pks: Sequence[int]) -> Mapping[int, str]:
        """Which of these records must not be deleted, each with the sentence why; asked inside the transaction, in one statement."""
        return {}

    @classmethod
    def example(cls, actor: Any, values: dict[str, Any]) -> dict[str, Any]:
        """Made-up values such as generated tests save, mended so that they fit what only the plugin knows."""
        return values

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, line in _DEMANDED.items():
            if not hasattr(cls, name):
                raise DeclarationError(
                    f"Record type {cls.__name__} does not say its {name}. Add a line such as: {line}"
                )
        if cls.key.count(".") != 1:
            raise DeclarationError(
                f"Record type {cls.__name__} has key “{cls.key}”. Name it plugin.type, such as sales.opportunity."
            )

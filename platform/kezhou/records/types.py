"""How a plugin author declares a kind of record: one class beside the model.

Storage facts (type, null, length, label) come from the model field; only what a model cannot say is said here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.records.model import Record

Names = str | Sequence[str]


def names(value: Names) -> tuple[str, ...]:
    """Field names given as "name phone" or as a sequence."""
    return tuple(value.split()) if isinstance(value, str) else tuple(value)


class Access(StrEnum):
    """Whose the rows are: `OWNED` rows have an owner and a department and follow scopes; `SHARED` rows belong to all."""

    OWNED = "owned"
    SHARED = "shared"


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

    `category` names a choice field by which hits of this kind can be filtered, such as a customer's class.
    `through` names records that point here and by whose words these are found in the list's search box as well, as
    "customers.contact:customer" (type and its link).
    """

    title: str = ""
    codes: Names = ()
    body: Names = ()
    related: Names = ()
    category: str = ""
    through: Names = ()


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
    `number` is the prefix of automatic numbers ("KH" gives KH000001), `person` says that titles are names of people (they sort
    by surname). `on_delete` of links pointing here is said at the links.
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
    columns: ClassVar[Names] = ()
    quick: ClassVar[Names] = ()
    sort: ClassVar[Names] = ("-created_at",)
    layout: ClassVar[Sequence[Panel | RelatedList | Timeline]] = ()
    search: ClassVar[Search] = Search()
    twins: ClassVar[Sequence[Names]] = ()
    number: ClassVar[str] = ""
    operations: ClassVar[Names] = "read create update delete import export"
    hidden: ClassVar[bool] = False
    readonly: ClassVar[Names] = ()
    helps: ClassVar[Mapping[str, StrOrPromise]] = {}

    @classmethod
    def kept(cls, pks: Sequence[int]) -> Mapping[int, str]:
        """Which of these records must not be deleted, each with the sentence why; asked inside the transaction, in one statement."""
        return {}

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

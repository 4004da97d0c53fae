"""What a plugin's `models.py`, `records.py` and `actions.py` import."""

from kezhou import records
from kezhou.access.actor import Actor, System
from kezhou.records.fields.columns import (
    ChoiceField,
    CreditCodeField,
    MoneyField,
    MultiChoiceField,
    PhoneField,
)
from kezhou.records.link import Link
from kezhou.records.model import Record, record_indexes
from kezhou.records.spec import RecordNotFound, TypeSpec
from kezhou.records.types import Access, Panel, RecordType, RelatedList, Search, Timeline


def MemberLink(**kwargs: object) -> Link:
    """A link to a member of the company; see `Link` for `on_delete`."""
    return Link("access.Member", **kwargs)


OWNED = Access.OWNED
SHARED = Access.SHARED

__all__ = [
    "OWNED",
    "SHARED",
    "Access",
    "Actor",
    "ChoiceField",
    "CreditCodeField",
    "Link",
    "MemberLink",
    "MoneyField",
    "MultiChoiceField",
    "Panel",
    "PhoneField",
    "Record",
    "RecordNotFound",
    "RecordType",
    "RelatedList",
    "Search",
    "System",
    "Timeline",
    "TypeSpec",
    "record_indexes",
    "records",
]

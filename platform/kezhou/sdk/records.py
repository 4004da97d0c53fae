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
from kezhou.records.model import Line, Record, record_indexes
from kezhou.records.spec import RecordNotFound, TypeSpec
from kezhou.records.types import (
    Access,
    Action,
    Ask,
    Lines,
    Panel,
    RecordType,
    RelatedList,
    Search,
    State,
    States,
    Timeline,
    Transition,
)


def MemberLink(**kwargs: object) -> Link:
    """A link to a member of the company; see `Link` for `on_delete`."""
    return Link("access.Member", **kwargs)


OWNED = Access.OWNED
SHARED = Access.SHARED
PARENT = Access.PARENT

__all__ = [
    "OWNED",
    "PARENT",
    "SHARED",
    "Access",
    "Action",
    "Actor",
    "Ask",
    "ChoiceField",
    "CreditCodeField",
    "Line",
    "Lines",
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
    "State",
    "States",
    "System",
    "Timeline",
    "Transition",
    "TypeSpec",
    "record_indexes",
    "records",
]

"""What a plugin's `models.py`, `records.py` and `actions.py` import."""

from typing import Any

from kezhou import records
from kezhou.access.actor import Actor, System
from kezhou.records.actions.doing import Doing
from kezhou.records.derived.declared import Formula, Lookup, Rollup
from kezhou.records.fields.columns import (
    ChoiceField,
    CountryField,
    CreditCodeField,
    FilesField,
    IdentityCardField,
    MoneyField,
    MultiChoiceField,
    PassportField,
    PercentField,
    PhoneField,
    PicturesField,
    RatingField,
    RegionField,
)
from kezhou.records.link import Link
from kezhou.records.model import Line, Record, record_indexes
from kezhou.records.regions import region_of
from kezhou.records.regions.peoples import PEOPLES
from kezhou.records.rules.declared import Rule, hide, options, readonly, refuse, require, show
from kezhou.records.spec import RecordNotFound, TypeSpec
from kezhou.records.spec import ViewSpec as View
from kezhou.records.types import (
    Access,
    Action,
    Ask,
    Lanes,
    Lines,
    Panel,
    Portal,
    RecordType,
    RelatedList,
    Search,
    State,
    States,
    Timeline,
    Transition,
)


def DepartmentLink(**kwargs: Any) -> Link:
    """A link to a department of the company; see `Link` for `on_delete`."""
    return Link("access.Department", **kwargs)


def MemberLink(**kwargs: Any) -> Link:
    """A link to a member of the company; see `Link` for `on_delete`."""
    return Link("access.Member", **kwargs)


OWNED = Access.OWNED
SHARED = Access.SHARED
PARENT = Access.PARENT

__all__ = [
    "OWNED",
    "PARENT",
    "PEOPLES",
    "SHARED",
    "Access",
    "Action",
    "Actor",
    "Ask",
    "ChoiceField",
    "CountryField",
    "CreditCodeField",
    "DepartmentLink",
    "Doing",
    "FilesField",
    "Formula",
    "IdentityCardField",
    "Lanes",
    "Line",
    "Lines",
    "Link",
    "Lookup",
    "MemberLink",
    "MoneyField",
    "MultiChoiceField",
    "Panel",
    "PassportField",
    "PercentField",
    "PhoneField",
    "PicturesField",
    "Portal",
    "RatingField",
    "Record",
    "RecordNotFound",
    "RecordType",
    "RegionField",
    "RelatedList",
    "Rollup",
    "Rule",
    "Search",
    "State",
    "States",
    "System",
    "Timeline",
    "Transition",
    "TypeSpec",
    "View",
    "hide",
    "options",
    "readonly",
    "record_indexes",
    "records",
    "refuse",
    "region_of",
    "require",
    "show",
]

"""What the portal contributes through the same hooks as any plugin."""

from __future__ import annotations

from collections.abc import Iterable

from kezhou.sdk.hooks import DictionarySeed, Extension, Option, hookimpl
from portal import actions

PARTNERS = (
    Option("customer", "客户", "blue"),
    Option("supplier", "供应商", "teal"),
    Option("agent", "代理商", "violet"),
    Option("distributor", "分销商", "amber"),
    Option("ad_agency", "广告代理", "orange"),
    Option("other", "其他"),
)
"""L-PARTNER."""


@hookimpl
def dictionaries() -> Iterable[DictionarySeed]:
    """合作伙伴类别."""
    return (DictionarySeed(actions.KINDS, "合作伙伴类别", PARTNERS),)


@hookimpl
def extensions() -> Iterable[Extension]:
    """Accounts for contacts of customers."""
    return actions.extensions("customers.contact", "customers.customer")

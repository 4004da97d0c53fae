"""What the plugin contributes."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from kezhou.sdk.hooks import DictionarySeed, Grant, MenuItem, Occasion, Reference, RoleSeed, Samples, hookimpl
from kezhou.sdk.records import Actor, RecordType
from plugins.customers.dictionaries import DICTIONARIES
from plugins.customers.records import ContactType, CustomerType
from plugins.customers.samples import companies


@hookimpl
def record_types() -> Iterable[type[RecordType]]:
    return (CustomerType, ContactType)


@hookimpl
def dictionaries() -> Iterable[DictionarySeed]:
    return DICTIONARIES


@hookimpl
def roles() -> Iterable[RoleSeed]:
    return (
        RoleSeed("sales", "销售", [Grant("customers.*", "read create update import", "own")]),
        RoleSeed(
            "service", "客服", [Grant("customers.*", "read update", "all"), Grant("customers.contact", "create", "all")]
        ),
        RoleSeed("manager", "主管", [Grant("customers.*", "read create update delete import export", "below")]),
        RoleSeed("reader", "只读", [Grant("customers.*", "read", "all")]),
    )


@hookimpl
def menu(actor: Actor) -> Iterable[MenuItem]:
    return (
        MenuItem(title=_("客户"), icon="building", type="customers.customer", group="customer_files", order=10),
        MenuItem(title=_("联系人"), icon="address-book", type="customers.contact", group="customer_files", order=20),
    )


@hookimpl
def samples(occasion: Occasion) -> Iterable[Samples]:
    made = list(companies(today=occasion.today))
    owners = occasion.members or (None,)
    yield Samples(
        "customers.customer",
        [
            {"key": f"customer-{index}", **company.values, "owner": owners[index % len(owners)]}
            for index, company in enumerate(made)
        ],
    )
    yield Samples(
        "customers.contact",
        [
            {**person, "customer": Reference(f"customer-{index}"), "owner": owners[index % len(owners)]}
            for index, company in enumerate(made)
            for person in company.contacts
        ],
    )

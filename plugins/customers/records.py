"""How customers and contacts are shown, searched and told apart."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import OWNED, Panel, Portal, RecordType, RelatedList, Search, Timeline
from plugins.customers.models import Contact, Customer


class CustomerType(RecordType):
    """客户."""

    key = "customers.customer"
    model = Customer
    title = _("客户")
    icon = "building"
    order = 10
    access = OWNED
    personal_data = ("phone", "email", "legal_representative")
    number = "KH"
    tree = "parent"
    averages = "travel_budget"
    class_field = "category"
    columns = "name category assessment owner phone city industry travel_budget changed_at"
    quick = "name category phone region"
    twins = ("name", "credit_code")
    search = Search(
        title="name",
        codes="number phone fax credit_code email",
        body="short_name brands address remark",
        related="owner",
        category="category",
        through="customers.contact:customer",
        importance={"category": {"vip": 3}, "assessment": {"key": 2}},
    )
    portal = Portal(
        contacts="customers.contact:customer",
        fields="name short_name number region address postcode phone fax email website",
        edits="address postcode phone fax email website",
        source={"source": "portal"},
    )
    layout: ClassVar = (
        Panel(_("基本资料"), "name short_name number category customer_type assessment nature tier source parent"),
        Panel(
            _("企业信息"),
            "industry industry_detail product_category product_subcategory ownership company_type size credit_code "
            "legal_representative sales_channels brands",
        ),
        Panel(_("扩展资料"), "credit_standing industry_position registered_capital staff_size target_regions"),
        Panel(_("联系方式"), "country region province city address postcode area_code phone fax email website"),
        Panel(_("差旅与归属"), "travel_budget owner department collector registered_on remark"),
        RelatedList("customers.contact", columns="name position mobile"),
        Timeline(),
    )


class ContactType(RecordType):
    """联系人."""

    key = "customers.contact"
    model = Contact
    title = _("联系人")
    icon = "address-book"
    order = 20
    access = OWNED
    personal_data = (
        "mobile",
        "office_phone",
        "email",
        "birth_date",
        "postal_address",
        "preferences",
        "hobbies",
        "education",
        "ethnic_group",
        "family",
        "personality",
    )
    columns = "name customer position mobile email importance owner changed_at"
    quick = "name customer position mobile"
    twins = (("name", "customer"),)
    search = Search(
        title="name",
        codes="mobile office_phone email",
        body="project preferences hobbies remark",
        related="customer owner",
    )
    portal = Portal(
        links="customer",
        fields="name salutation main position sex mobile office_phone email postal_address",
        edits="name salutation position sex mobile office_phone email postal_address",
        profile="name salutation sex position mobile office_phone email postal_address",
    )
    layout: ClassVar = (
        Panel(_("基本资料"), "name salutation customer main position importance sex birth_date"),
        Panel(_("联系方式"), "mobile office_phone email postal_address"),
        Panel(_("个性化资料"), "education ethnic_group family personality"),
        Panel(_("更多"), "project preferences hobbies owner department collector registered_on remark"),
        Timeline(),
    )

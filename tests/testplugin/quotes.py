"""Quotes: columns that follow from others, and rules, so that whatever walks over all types walks over these as well."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import (
    OWNED,
    PARENT,
    Formula,
    Line,
    Lines,
    Link,
    Lookup,
    MoneyField,
    Panel,
    PhoneField,
    Record,
    RecordType,
    Rollup,
    Rule,
    Timeline,
    hide,
    readonly,
    refuse,
    require,
)


class Quote(Record):
    name = models.CharField(_("报价名称"), max_length=100)
    customer = Link("customers.Customer", null=True, blank=True, verbose_name=_("客户"))
    phone = PhoneField(_("客户电话"), blank=True)
    discount = MoneyField(_("优惠"), null=True, blank=True, minimum=0)
    total = MoneyField(_("合计"), null=True, blank=True)
    due = MoneyField(_("应付"), null=True, blank=True)
    reason = models.CharField(_("优惠原因"), max_length=200, blank=True)


class QuoteLine(Line):
    quote = Link(Quote, "cascade", verbose_name=_("报价"))
    name = models.CharField(_("项目"), max_length=100)
    quantity = models.IntegerField(_("数量"), default=1)
    price = MoneyField(_("单价"), null=True, blank=True, minimum=0)
    amount = MoneyField(_("金额"), null=True, blank=True)


class QuoteType(RecordType):
    key = "testplugin.quote"
    model = Quote
    title = _("测试报价")
    access = OWNED
    personal_data = ("phone",)
    icon = "receipt"
    number = "BJ"
    columns = "name customer total due owner"
    quick = "name customer"
    lines = (Lines("testplugin.quoteline", key="items", columns="name quantity price amount", totals="amount"),)
    derived = {
        "phone": Lookup("customer", "phone"),
        "total": Rollup("testplugin.quoteline", "quote", "sum", "amount"),
        "due": Formula("{total} - COALESCE({discount}, 0)"),
    }
    rules = (
        Rule(_("优惠要原因"), ["discount", "gt", 100_000], (require("reason"),)),
        Rule(_("没有优惠"), ["discount", "is_empty", None], (hide("reason"),)),
        Rule(_("封存"), ["name", "starts", "封存"], (readonly("discount"),)),
        Rule(
            _("优惠太多"),
            ["and", [["due", "lt", 0], ["total", "gt", 0]]],
            (refuse(_("优惠不能超过合计。"), "discount"),),
        ),
    )
    layout = (Panel(_("基本信息"), "name customer phone discount reason total due"), Timeline())


class QuoteLineType(RecordType):
    key = "testplugin.quoteline"
    model = QuoteLine
    title = _("测试报价明细")
    access = PARENT
    parent = "quote"
    personal_data = ()
    derived = {"amount": Formula("{quantity} * {price}")}

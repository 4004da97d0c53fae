"""The table of opportunities (SAL-03, SAL-04)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import ChoiceField, Link, MoneyField, PercentField, Record, record_indexes


class Opportunity(Record):
    """A chance of business with a customer, from the first step to its result."""

    name = models.CharField(_("机会名称"), max_length=100)
    customer = Link("customers.Customer", "refuse", verbose_name=_("客户"))
    contact = Link("customers.Contact", "clear", within="customer", null=True, blank=True, verbose_name=_("联系人"))
    stage = ChoiceField(_("阶段"), dictionary="sales.stage", default="find_prospect")
    result = ChoiceField(_("机会结果"), dictionary="sales.result", default="open")
    grade = ChoiceField(_("机会等级"), dictionary="sales.grade", blank=True)
    amount = MoneyField(_("预计金额"), null=True, blank=True, minimum=0)
    probability = PercentField(
        _("成交概率"), max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    expected_on = models.DateField(_("预计签约日期"), null=True, blank=True)
    source = ChoiceField(_("机会来源"), dictionary="customers.source", blank=True)
    sales_way = ChoiceField(_("销售方式"), dictionary="sales.way", blank=True)
    competitor = models.CharField(_("竞争对手"), max_length=100, blank=True)
    lost_reason = ChoiceField(_("失败原因"), dictionary="sales.lost_reason", blank=True)
    partner = Link("customers.Customer", "clear", null=True, blank=True, verbose_name=_("合作伙伴"))
    next_step = models.CharField(_("下一步"), max_length=200, blank=True)

    class Meta:
        app_label = "sales"
        indexes = [*record_indexes("opportunity", twins=True)]

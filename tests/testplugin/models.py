"""A project, its tasks (which go with it) and its notes (which lose the link)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import (
    ChoiceField,
    CreditCodeField,
    Link,
    MemberLink,
    MoneyField,
    MultiChoiceField,
    PhoneField,
    Record,
    record_indexes,
)
from tests.testplugin.quotes import Quote, QuoteLine
from tests.testplugin.shapes import Area, Order, OrderLine, Tariff

__all__ = ["Area", "Bill", "Note", "Order", "OrderLine", "Project", "Quote", "QuoteLine", "Tariff", "Task"]


class Project(Record):
    name = models.CharField(_("项目名称"), max_length=100)
    code = models.CharField(_("项目代码"), max_length=20, null=True, blank=True, unique=True)
    kind = ChoiceField(_("类别"), dictionary="testplugin.kind", blank=True)
    tags = MultiChoiceField(_("标签"), dictionary="testplugin.tag", default=list, blank=True)
    budget = MoneyField(_("预算"), null=True, blank=True, minimum=0)
    people = models.IntegerField(_("人数"), null=True, blank=True)
    starts_on = models.DateField(_("开始日期"), null=True, blank=True)
    meets_at = models.DateTimeField(_("会面时间"), null=True, blank=True)
    urgent = models.BooleanField(_("紧急"), default=False)
    phone = PhoneField(_("电话"), blank=True)
    email = models.EmailField(_("电子邮件"), blank=True)
    credit_code = CreditCodeField(_("统一社会信用代码"), blank=True)
    description = models.TextField(_("说明"), blank=True)
    customer = Link("customers.Customer", null=True, blank=True, verbose_name=_("客户"))
    helper = MemberLink(null=True, blank=True, verbose_name=_("协助人"))

    class Meta:
        indexes = [*record_indexes("tproj", twins=True)]


class Task(Record):
    name = models.CharField(_("任务"), max_length=100)
    project = Link(Project, "cascade", verbose_name=_("项目"))
    amount = MoneyField(_("金额"), null=True, blank=True)


class Note(Record):
    name = models.CharField(_("便条"), max_length=100)
    project = Link(Project, "clear", null=True, blank=True, verbose_name=_("项目"))


class Bill(Record):
    name = models.CharField(_("账单"), max_length=100)
    project = Link(Project, "refuse", null=True, blank=True, verbose_name=_("项目"))

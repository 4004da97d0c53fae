"""Types of every shape: an order with lines, states and actions, areas in a tree, tariffs with a period that must not overlap."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import ChoiceField, Line, Link, MoneyField, Record


class DateRange(Func):
    """The days from one to the other, both included."""

    function = "daterange"
    output_field = DateRangeField()


class Order(Record):
    name = models.CharField(_("订单名称"), max_length=100)
    state = ChoiceField(_("状态"), dictionary="testplugin.state", default="draft")
    customer = Link("customers.Customer", null=True, blank=True, verbose_name=_("客户"))
    due_on = models.DateField(_("到期日"), null=True, blank=True)
    reason = models.CharField(_("取消原因"), max_length=200, blank=True)
    approved_by = models.CharField(_("批准人"), max_length=40, blank=True)


class OrderLine(Line):
    order = Link(Order, "cascade", verbose_name=_("订单"))
    name = models.CharField(_("项目"), max_length=100)
    quantity = models.IntegerField(_("数量"), default=1)
    price = MoneyField(_("单价"), null=True, blank=True, minimum=0)
    served_on = models.DateField(_("服务日期"), null=True, blank=True)
    supplier = Link("customers.Customer", null=True, blank=True, verbose_name=_("供应商"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__lte=1_000_000), name="torderline_quantity"),
        ]


class Area(Record):
    name = models.CharField(_("区域"), max_length=60)
    parent = Link("testplugin.Area", null=True, blank=True, verbose_name=_("上级区域"))


class Tariff(Record):
    name = models.CharField(_("价目"), max_length=60)
    area = Link(Area, null=True, blank=True, verbose_name=_("区域"))
    code = models.CharField(_("价目代码"), max_length=20, blank=True)
    branch = ChoiceField(_("大类"), dictionary="testplugin.branch", blank=True)
    twig = ChoiceField(_("小类"), dictionary="testplugin.branch", parent="branch", blank=True)
    valid_from = models.DateField(_("生效日期"), null=True, blank=True)
    valid_until = models.DateField(_("失效日期"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(deleted_at__isnull=True) & ~Q(code=""), name="ttariff_code"
            ),
            ExclusionConstraint(
                name="ttariff_once",
                expressions=[
                    (F("area"), RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_until", Value("[]")), RangeOperators.OVERLAPS),
                ],
                condition=Q(deleted_at__isnull=True, area__isnull=False),
            ),
        ]

"""Tables of the booking process (MTG-02, MTG-03): the order and everything that stands inside it."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Deferrable, F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import ChoiceField, Line, Link, MemberLink, MoneyField, PhoneField, Record, record_indexes


class Span(Func):
    """The time from one moment up to the other, which is free for the next."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


class MeetingOrder(Record):
    """A meeting that a customer asks for, from the enquiry to the settlement."""

    name = models.CharField(_("会议名称"), max_length=100)
    customer = Link("customers.Customer", "refuse", verbose_name=_("客户"))
    contact = Link("customers.Contact", "clear", within="customer", null=True, blank=True, verbose_name=_("联系人"))
    state = ChoiceField(_("订单状态"), dictionary="meetings.state", default="enquiry")
    kind = ChoiceField(_("会议类型"), dictionary="meetings.kind", blank=True)
    channel = ChoiceField(_("订单来源"), dictionary="customers.source", blank=True)
    starts_on = models.DateField(_("会议开始日期"), null=True, blank=True)
    ends_on = models.DateField(_("会议结束日期"), null=True, blank=True)
    people = models.PositiveIntegerField(_("参会人数"), null=True, blank=True)
    budget = MoneyField(_("客户预算"), null=True, blank=True, minimum=0)
    demand = models.TextField(_("会议要求"), blank=True)
    rooms_total = MoneyField(_("场租合计"), null=True, blank=True)
    services_total = MoneyField(_("服务合计"), null=True, blank=True)
    discount = MoneyField(_("优惠金额"), null=True, blank=True, minimum=0)
    total = MoneyField(_("订单总额"), null=True, blank=True)
    cost = MoneyField(_("服务成本"), null=True, blank=True)
    paid = MoneyField(_("已付金额"), null=True, blank=True)
    balance = MoneyField(_("未付金额"), null=True, blank=True)
    room_count = models.IntegerField(_("会议室预订数"), null=True, blank=True)
    registered = models.IntegerField(_("已登记参会人"), null=True, blank=True)
    open_tasks = models.IntegerField(_("未完成准备事项"), null=True, blank=True)
    quoted_on = models.DateField(_("最近报价日期"), null=True, blank=True)
    follow_up_on = models.DateField(_("下次跟进日期"), null=True, blank=True)
    onsite_contact = MemberLink(null=True, blank=True, verbose_name=_("现场联系人"))
    onsite_phone = PhoneField(_("现场电话"), blank=True)
    settled_on = models.DateField(_("结算日期"), null=True, blank=True)
    return_visit_on = models.DateField(_("回访日期"), null=True, blank=True)
    cancel_reason = ChoiceField(_("取消原因"), dictionary="meetings.cancel_reason", blank=True)
    cancel_note = models.CharField(_("取消说明"), max_length=200, blank=True)

    class Meta:
        app_label = "meetings"
        indexes = [
            *record_indexes("morder"),
            models.Index(fields=["starts_on"], name="morder_starts"),
            models.Index(fields=["state"], name="morder_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="meetings_order_period",
            ),
        ]


class Booking(Line):
    """A room for some hours. `holds` says whether it keeps others out: the engine computes it, the database enforces it."""

    order = Link(MeetingOrder, "cascade", verbose_name=_("会议订单"))
    name = models.CharField(_("用途"), max_length=60, default="会议")
    room = Link("meetings.Room", "refuse", verbose_name=_("会议室"))
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    seating = ChoiceField(_("摆台方式"), dictionary="meetings.seating", blank=True)
    price = MoneyField(_("场租"), null=True, blank=True, minimum=0)
    reserved = models.BooleanField(_("预留"), default=True)
    order_state = ChoiceField(_("订单状态"), dictionary="meetings.state", blank=True)
    holds = models.BooleanField(_("占用"), null=True, blank=True)

    class Meta:
        app_label = "meetings"
        indexes = [models.Index(fields=["starts_at"], name="mbooking_starts")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="meetings_booking_period"),
            ExclusionConstraint(
                name="meetings_booking_once",
                expressions=[
                    (F("room"), RangeOperators.EQUAL),
                    (Span("starts_at", "ends_at", Value("[)")), RangeOperators.OVERLAPS),
                ],
                condition=Q(deleted_at__isnull=True, holds=True),
                deferrable=Deferrable.IMMEDIATE,  # at the end of a statement, so that two bookings may change places
            ),
        ]


class ServiceLine(Line):
    """A service in an order: how many at what price."""

    order = Link(MeetingOrder, "cascade", verbose_name=_("会议订单"))
    name = models.CharField(_("项目"), max_length=100)
    service = Link("meetings.Service", "refuse", null=True, blank=True, verbose_name=_("服务"))
    served_on = models.DateField(_("服务日期"), null=True, blank=True)
    quantity = models.DecimalField(
        _("数量"), max_digits=10, decimal_places=2, default=1, validators=[MinValueValidator(0)]
    )
    price = MoneyField(_("单价"), null=True, blank=True, minimum=0)
    amount = MoneyField(_("金额"), null=True, blank=True)
    unit_cost = MoneyField(_("单位成本"), null=True, blank=True, minimum=0)
    cost = MoneyField(_("成本"), null=True, blank=True)

    class Meta:
        app_label = "meetings"


class Participant(Line):
    """Somebody who comes to the meeting; perhaps a known contact."""

    order = Link(MeetingOrder, "cascade", verbose_name=_("会议订单"))
    name = models.CharField(_("姓名"), max_length=60)
    contact = Link("customers.Contact", "clear", null=True, blank=True, verbose_name=_("联系人档案"))
    unit = models.CharField(_("单位与职务"), max_length=100, blank=True)
    mobile = PhoneField(_("手机"), blank=True)
    diet = ChoiceField(_("饮食要求"), dictionary="meetings.diet", blank=True)
    arrives_at = models.DateTimeField(_("抵达时间"), null=True, blank=True)
    attended = models.BooleanField(_("已签到"), default=False)

    class Meta:
        app_label = "meetings"


class AgendaItem(Line):
    """A point of the agenda, within the days of the meeting."""

    order = Link(MeetingOrder, "cascade", verbose_name=_("会议订单"))
    name = models.CharField(_("议程"), max_length=100)
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    room = Link("meetings.Room", "clear", null=True, blank=True, verbose_name=_("会议室"))
    speaker = models.CharField(_("主讲或主持"), max_length=60, blank=True)

    class Meta:
        app_label = "meetings"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="meetings_agenda_period"),
        ]


class Preparation(Line):
    """Something to be done before or at the meeting."""

    order = Link(MeetingOrder, "cascade", verbose_name=_("会议订单"))
    name = models.CharField(_("准备事项"), max_length=100)
    responsible = MemberLink(null=True, blank=True, verbose_name=_("经办人"))
    due_on = models.DateField(_("完成期限"), null=True, blank=True)
    done = models.BooleanField(_("已完成"), default=False)

    class Meta:
        app_label = "meetings"
        indexes = [models.Index(fields=["due_on"], name="mpreparation_due")]


class FollowUp(Line):
    """A contact before or after the sale, by whom, with what came of it and when to ask again."""

    order = Link(MeetingOrder, "cascade", verbose_name=_("会议订单"))
    name = models.CharField(_("跟踪内容"), max_length=200)
    kind = ChoiceField(_("跟踪类别"), dictionary="meetings.follow_up", blank=True)
    happened_on = models.DateField(_("日期"), null=True, blank=True)
    person = MemberLink(null=True, blank=True, verbose_name=_("跟踪人"))
    satisfaction = ChoiceField(_("满意程度"), dictionary="meetings.satisfaction", blank=True)
    next_on = models.DateField(_("下次提醒"), null=True, blank=True)

    class Meta:
        app_label = "meetings"
        indexes = [models.Index(fields=["next_on"], name="mfollowup_next")]


class Quote(Line):
    """What was offered on a day: a picture of the order's figures that later changes do not touch."""

    order = Link(MeetingOrder, "cascade", verbose_name=_("会议订单"))
    name = models.CharField(_("报价"), max_length=100)
    quoted_on = models.DateField(_("报价日期"))
    valid_until = models.DateField(_("报价有效期"), null=True, blank=True)
    total = MoneyField(_("报价总额"), null=True, blank=True)
    content = models.TextField(_("报价内容"), blank=True)

    class Meta:
        app_label = "meetings"


class Payment(Line):
    """Money that came for an order; a refund is negative."""

    order = Link(MeetingOrder, "cascade", verbose_name=_("会议订单"))
    name = models.CharField(_("款项"), max_length=60, default="会议款")
    kind = ChoiceField(_("款项类别"), dictionary="meetings.payment_kind", blank=True)
    amount = MoneyField(_("金额"))
    paid_on = models.DateField(_("付款日期"))
    way = ChoiceField(_("付款方式"), dictionary="meetings.payment_way", blank=True)
    receipt = models.CharField(_("凭证号"), max_length=60, blank=True)

    class Meta:
        app_label = "meetings"
        indexes = [models.Index(fields=["paid_on"], name="mpayment_paid")]

"""What stands inside a meeting order, line by line."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import PARENT, Actor, Formula, Lanes, Lookup, Portal, RecordType, Search, View
from plugins.meetings.orders import (
    AgendaItem,
    Booking,
    FollowUp,
    Participant,
    Payment,
    Preparation,
    Quote,
    ServiceLine,
)
from plugins.meetings.saving import within_order


class BookingType(RecordType):
    """会议室场次: keeps the room from everybody else while it holds it."""

    key = "meetings.booking"
    model = Booking
    title = _("会议室场次")
    icon = "calendar-time"
    access = PARENT
    parent = "order"
    personal_data = ()
    columns = "name room order starts_at ends_at seating order_state holds"
    sort = ("starts_at",)
    calendar = "starts_at ends_at"
    lanes = Lanes("room", parts="venue", facts="capacity half_day_price", firm="holds")
    search = Search(title="name", related="room order")
    portal = Portal(fields="name starts_at ends_at seating price")
    derived: ClassVar = {
        "order_state": Lookup("order", "state", open=True),
        "holds": Formula(
            'AND({order_state} <> "cancelled", OR({reserved}, '
            'AND(NOT(ISEMPTY({order_state})), {order_state} <> "enquiry", {order_state} <> "quoted")))',
            open=True,
        ),
    }
    sentences: ClassVar = {
        "meetings_booking_once": _(
            "“%(room)s”在 %(starts_at)s 至 %(ends_at)s 这段时间已经被预订，请换一间会议室，或改时间。"
        ),
        "meetings_booking_period": _("会议室的结束时间要晚于开始时间。"),
    }
    helps: ClassVar = {
        "reserved": _("咨询和报价时先占住会议室；不勾选则到预订时才占。"),
        "holds": _("占用的会议室在这段时间不能再订；订单取消或删除后自动放开。"),
    }
    views = (View("rooms", _("会议室日历"), display="calendar", resource="room", scale="week", group="order_state"),)


class ServiceLineType(RecordType):
    """会议订单的服务项目."""

    key = "meetings.serviceline"
    model = ServiceLine
    title = _("会议服务明细")
    icon = "package"
    access = PARENT
    parent = "order"
    personal_data = ()
    columns = "name order service served_on quantity price amount"
    search = Search(title="name", related="service order")
    portal = Portal(fields="name served_on quantity price amount")
    derived: ClassVar = {
        "amount": Formula("{quantity} * {price}"),
        "cost": Formula("{quantity} * {unit_cost}"),
    }
    helps: ClassVar = {"price": _("选了服务而不填单价，就用服务目录的价格。")}


class AgendaType(RecordType):
    """会议议程."""

    key = "meetings.agenda"
    model = AgendaItem
    title = _("会议议程")
    icon = "list-details"
    access = PARENT
    parent = "order"
    personal_data = ()
    columns = "name order starts_at ends_at room speaker"
    sort = ("starts_at",)
    calendar = "starts_at ends_at"
    search = Search(title="name", body="speaker", related="order")
    portal = Portal(fields="name starts_at ends_at speaker")
    sentences: ClassVar = {"meetings_agenda_period": _("议程的结束时间要晚于开始时间。")}

    @classmethod
    def example(cls, actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
        return within_order(actor, values)


class ParticipantType(RecordType):
    """会议的参会人."""

    key = "meetings.participant"
    model = Participant
    title = _("参会人")
    icon = "users"
    access = PARENT
    parent = "order"
    person = True
    personal_data = ("mobile", "diet")
    columns = "name order contact unit mobile diet arrives_at attended"
    search = Search(title="name", codes="mobile", body="unit", related="order")
    portal = Portal(fields="name unit mobile diet arrives_at")


class PreparationType(RecordType):
    """会议的准备事项."""

    key = "meetings.preparation"
    model = Preparation
    title = _("会议准备事项")
    icon = "checklist"
    access = PARENT
    parent = "order"
    personal_data = ()
    columns = "name order responsible due_on done"
    sort = ("due_on",)
    calendar = "due_on"
    search = Search(title="name", related="order responsible")
    views = (
        View(
            "due",
            _("到期未完成"),
            filter=[
                "and",
                [
                    ["done", "eq", False],
                    ["or", [["due_on", "relative", "today"], ["due_on", "relative", "before_0_days"]]],
                ],
            ],
            sort=("due_on",),
        ),
    )


class FollowUpType(RecordType):
    """售前售后跟踪."""

    key = "meetings.followup"
    model = FollowUp
    title = _("会议跟踪记录")
    icon = "message-dots"
    access = PARENT
    parent = "order"
    personal_data = ()
    columns = "name order kind happened_on person satisfaction next_on"
    sort = ("-happened_on",)
    search = Search(title="name", related="order person")
    views = (
        View(
            "due",
            _("到期提醒"),
            filter=["or", [["next_on", "relative", "today"], ["next_on", "relative", "before_0_days"]]],
            sort=("next_on",),
        ),
    )


class QuoteType(RecordType):
    """会议报价单: a picture of an offer, made by the action 报价."""

    key = "meetings.quote"
    model = Quote
    title = _("会议报价单")
    icon = "file-invoice"
    access = PARENT
    parent = "order"
    personal_data = ()
    number = "BJ"
    columns = "name order quoted_on valid_until total"
    sort = ("-quoted_on",)
    search = Search(title="name", codes="number", body="content", related="order")
    portal = Portal(fields="name quoted_on valid_until total")


class PaymentType(RecordType):
    """会议收款, made by the action 付款登记."""

    key = "meetings.payment"
    model = Payment
    title = _("会议收款")
    icon = "cash"
    access = PARENT
    parent = "order"
    personal_data = ()
    number = "SK"
    columns = "name order kind amount paid_on way receipt"
    sort = ("-paid_on",)
    search = Search(title="name", codes="number receipt", related="order")
    portal = Portal(fields="name kind amount paid_on way")

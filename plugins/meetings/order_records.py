"""The meeting order: its states, what stands inside it, and what can be done with it (MTG-02, MTG-03)."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import (
    OWNED,
    Action,
    Ask,
    Formula,
    Lines,
    Panel,
    Portal,
    RecordType,
    RelatedList,
    Rollup,
    Rule,
    Search,
    State,
    States,
    Timeline,
    Transition,
    View,
    require,
    show,
)
from plugins.meetings.actions import offer, pay
from plugins.meetings.orders import MeetingOrder

OPEN = "enquiry quoted booked confirmed running"
DATES = "starts_on ends_on people"


class MeetingOrderType(RecordType):
    """会议订单."""

    key = "meetings.order"
    model = MeetingOrder
    title = _("会议订单")
    icon = "presentation"
    order = 10
    access = OWNED
    personal_data = ("onsite_phone",)
    number = "HW"
    columns = "name customer state starts_on people total balance follow_up_on owner"
    quick = "name customer contact starts_on ends_on people"
    sort = ("-created_at",)
    calendar = "starts_on ends_on"
    search = Search(
        title="name",
        codes="number onsite_phone",
        body="demand cancel_note remark",
        related="customer contact owner",
        category="state",
    )
    verbs: ClassVar = {"settle": _("结算")}
    lines: ClassVar = (
        Lines(
            "meetings.booking",
            key="bookings",
            title=_("会议室"),
            columns="name room starts_at ends_at seating price reserved",
            totals="price",
        ),
        Lines(
            "meetings.serviceline",
            key="services",
            title=_("服务项目"),
            columns="name service served_on quantity price amount",
            totals="amount",
        ),
        Lines("meetings.agenda", key="agenda", title=_("议程"), columns="name starts_at ends_at room speaker"),
        Lines(
            "meetings.participant",
            key="participants",
            title=_("参会人"),
            columns="name contact unit mobile diet arrives_at attended",
        ),
        Lines("meetings.preparation", key="tasks", title=_("准备事项"), columns="name responsible due_on done"),
        Lines(
            "meetings.followup",
            key="followups",
            title=_("售前售后跟踪"),
            columns="name kind happened_on person satisfaction next_on",
        ),
    )
    derived: ClassVar = {
        "rooms_total": Rollup("meetings.booking", "order", "sum", "price"),
        "services_total": Rollup("meetings.serviceline", "order", "sum", "amount"),
        "total": Formula("COALESCE({rooms_total}, 0) + COALESCE({services_total}, 0) - COALESCE({discount}, 0)"),
        "cost": Rollup("meetings.serviceline", "order", "sum", "cost"),
        "paid": Rollup("meetings.payment", "order", "sum", "amount"),
        "balance": Formula("COALESCE({total}, 0) - COALESCE({paid}, 0)"),
        "room_count": Rollup("meetings.booking", "order", "count"),
        "registered": Rollup("meetings.participant", "order", "count"),
        "open_tasks": Rollup("meetings.preparation", "order", "count", where=["done", "eq", False]),
    }
    readonly = "quoted_on"
    states = States(
        "state",
        initial="enquiry",
        transitions=(
            Transition("enquiry quoted", "quoted", _("报价"), required=DATES, action="offer"),
            Transition(
                "enquiry quoted",
                "booked",
                _("预订"),
                required=f"contact {DATES}",
                when=["room_count", "gt", 0],
                refusal=_("还没有选会议室，不能预订。请先在“会议室”里添加场次。"),
            ),
            Transition("booked", "confirmed", _("确认"), required="onsite_contact", asks="onsite_phone"),
            Transition("confirmed", "running", _("开始执行")),
            Transition("running", "done", _("完成"), asks="return_visit_on"),
            Transition(
                "done",
                "settled",
                _("结算"),
                operation="settle",
                required="settled_on",
                when=["balance", "eq", 0],
                refusal=_("还有未结清的金额，不能结算。请先用“付款登记”收齐尾款，或登记退款。"),
            ),
            Transition("quoted booked", "enquiry", _("退回咨询")),
            Transition(
                "enquiry quoted booked confirmed", "cancelled", _("取消"), required="cancel_reason", asks="cancel_note"
            ),
            Transition("cancelled", "enquiry", _("重新打开")),
        ),
        states=(
            State("confirmed", locked="customer", reason=_("订单已经确认，不能换客户。")),
            State("running", locked="customer bookings discount", reason=_("会议正在执行，场次、客户和优惠不能再改。")),
            State("done", locked="customer bookings discount", reason=_("会议已经开完，场次、客户和优惠不能再改。")),
            State("settled", locked="*", reason=_("订单已经结算，不能再改。"), final=True),
            State("cancelled", final=True),
        ),
    )
    actions: ClassVar = (
        Action(
            key="offer",
            title=_("报价"),
            icon="file-invoice",
            run=offer,
            states="enquiry quoted",
            when=["total", "gt", 0],
            refusal=_("还没有金额，不能报价。请先填写会议室的场租或服务项目。"),
            fields=(
                Ask("valid_until", "date", _("报价有效期"), help=_("客户在这一天之前答复。")),
                "follow_up_on",
                Ask("note", "long_text", _("报价说明"), max_length=2000),
            ),
        ),
        Action(
            key="pay",
            title=_("付款登记"),
            icon="cash",
            run=pay,
            states="booked confirmed running done cancelled",
            fields=(
                Ask("payment_kind", "choice", _("款项类别"), required=True, dictionary="meetings.payment_kind"),
                Ask("amount", "money", _("金额"), required=True, minimum=0, help=_("退款也填正数。")),
                Ask("paid_on", "date", _("付款日期"), required=True),
                Ask("way", "choice", _("付款方式"), dictionary="meetings.payment_way"),
                Ask("receipt", "text", _("凭证号"), max_length=60),
            ),
        ),
    )
    rules: ClassVar = (
        Rule(
            _("取消的订单要说明原因"),
            ["state", "eq", "cancelled"],
            (show("cancel_reason cancel_note"), require("cancel_reason")),
        ),
        Rule(
            _("结算日期在会议开完以后才有"), ["state", "in", ["done", "settled"]], (show("settled_on return_visit_on"),)
        ),
    )
    sentences: ClassVar = {"meetings_order_period": _("会议的结束日期不能早于开始日期。")}
    helps: ClassVar = {
        "follow_up_on": _("到了这一天，订单出现在“待跟进报价”里。"),
        "total": _("场租加服务减优惠，自动计算。"),
        "balance": _("订单总额减已付金额，自动计算；为 0 才能结算。"),
        "discount": _("从总额里减去。"),
        "onsite_contact": _("会议期间在现场的本公司人员。"),
    }
    views: ClassVar = (
        View("state", _("按状态"), group="state"),
        View("this_week", _("本周会议"), filter=["starts_on", "relative", "this_week"], sort=("starts_on",)),
        View(
            "follow_up",
            _("待跟进报价"),
            filter=[
                "and",
                [
                    ["state", "eq", "quoted"],
                    ["or", [["follow_up_on", "relative", "today"], ["follow_up_on", "relative", "before_0_days"]]],
                ],
            ],
            sort=("follow_up_on",),
            columns=("name", "customer", "contact", "total", "quoted_on", "follow_up_on", "owner"),
        ),
        View(
            "unpaid",
            _("待收款"),
            filter=["and", [["state", "in", ["confirmed", "running", "done"]], ["balance", "gt", 0]]],
            sort=("-balance",),
            columns=("name", "customer", "state", "total", "paid", "balance", "owner"),
        ),
        View(
            "return_visit",
            _("待回访"),
            filter=["and", [["state", "in", ["done", "settled"]], ["return_visit_on", "not_empty", None]]],
            sort=("return_visit_on",),
            columns=("name", "customer", "contact", "return_visit_on", "owner"),
        ),
        View("board", _("看板"), display="kanban", group="state"),
        View("calendar", _("会议日历"), display="calendar"),
    )
    portal = Portal(
        links="customer",
        fields="name number customer contact state kind starts_on ends_on people demand rooms_total services_total discount total "
        "paid balance",
        edits="name contact kind starts_on ends_on people demand",
        source={"channel": "portal"},
    )
    layout: ClassVar = (
        Panel(_("会议"), "name number customer contact state kind channel"),
        Panel(_("时间与人数"), "starts_on ends_on people registered budget demand"),
        Panel(_("金额"), "rooms_total services_total discount total paid balance cost"),
        Panel(_("跟进与现场"), "quoted_on follow_up_on onsite_contact onsite_phone open_tasks room_count"),
        Panel(_("收尾"), "settled_on return_visit_on cancel_reason cancel_note"),
        Panel(_("归属"), "owner department collector registered_on remark"),
        RelatedList("meetings.quote", columns="name quoted_on valid_until total"),
        RelatedList("meetings.payment", columns="name kind amount paid_on way receipt"),
        Timeline(),
    )

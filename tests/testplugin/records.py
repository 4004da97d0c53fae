"""The record types."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import (
    OWNED,
    PARENT,
    SHARED,
    Action,
    Ask,
    Doing,
    Lines,
    Panel,
    Portal,
    RecordType,
    RelatedList,
    Search,
    State,
    States,
    Timeline,
    Transition,
)
from tests.testplugin.models import Bill, Note, Project, Task
from tests.testplugin.shapes import Area, Order, OrderLine, Tariff


class ProjectType(RecordType):
    key = "testplugin.project"
    model = Project
    title = _("测试项目")
    access = OWNED
    personal_data = ("phone", "email")
    icon = "flask"
    number = "P"
    class_field = "kind"
    columns = "name kind budget owner created_at"
    quick = "name kind"
    layout = [
        Panel(_("基本信息"), "name code kind tags budget people urgent"),
        Panel(_("联系"), "phone email customer helper"),
        RelatedList("testplugin.task"),
        Timeline(),
    ]
    search = Search(
        title="name",
        codes="code phone credit_code",
        body="description",
        related="customer",
        through="testplugin.task:project",
    )
    twins = ("name", "credit_code")


class TaskType(RecordType):
    key = "testplugin.task"
    model = Task
    title = _("测试任务")
    access = OWNED
    personal_data = ()
    columns = "name project amount"


class NoteType(RecordType):
    key = "testplugin.note"
    model = Note
    title = _("测试便条")
    access = SHARED
    personal_data = ()


class BillType(RecordType):
    key = "testplugin.bill"
    model = Bill
    title = _("测试账单")
    access = SHARED
    personal_data = ()


def no_friday(actor: object, values: Mapping[str, Any]) -> str:
    return "周五的订单不能直接完成，请先改到期日。" if values["name"] == "周五" else ""


def approve(doing: Doing) -> None:
    doing.save({"pk": pk, "state": "approved", "approved_by": doing.values["approver"]} for pk in doing.records)


def remind(doing: Doing) -> None:
    for pk, values in doing.records.items():
        if values["name"] == "不理":
            doing.refuse("这张订单不能催，请改日再试。", pk=pk)


class OrderType(RecordType):
    key = "testplugin.order"
    model = Order
    title = _("测试订单")
    access = OWNED
    personal_data = ()
    icon = "receipt"
    number = "DD"
    columns = "name state customer due_on owner"
    quick = "name customer"
    lines = (
        Lines(
            "testplugin.orderline",
            key="items",
            columns="name quantity price served_on supplier",
            totals="quantity price",
        ),
    )
    verbs = {"approve": _("批准")}
    states = States(
        "state",
        initial="draft sent",
        transitions=(
            Transition("draft", "sent", _("发出"), asks="due_on"),
            Transition("sent", "draft", _("收回")),
            Transition("draft sent", "cancelled", _("取消"), required="reason"),
            Transition("sent", "approved", operation="approve"),
            Transition("approved", "done", _("完成"), guard=no_friday),
            Transition(
                "sent", "done", _("直接完成"), when=["customer", "not_empty"], refusal=_("没有客户的订单不能直接完成。")
            ),
        ),
        states=(
            State("sent", locked="customer", reason=_("已经发给客户，不能换客户。")),
            State("approved", locked="items"),
            State("done", required="due_on", locked="*", final=True),
            State("cancelled", final=True),
        ),
        unreviewed="draft sent",
        reviewers="approve",
    )
    portal = Portal(links="customer", fields="name state customer due_on", edits="name due_on")
    actions = (
        Action(
            key="approve",
            title=_("批准"),
            icon="rubber-stamp",
            run=approve,
            operation="approve",
            states="sent",
            fields=(Ask("approver", "text", _("批准人"), required=True, max_length=40), "due_on"),
            bulk=True,
        ),
        Action(key="remind", title=_("催办"), icon="bell", run=remind, confirm=_("确定催办？"), bulk=True),
    )
    layout = (Panel(_("基本信息"), "name state customer due_on reason approved_by"), Timeline())


class OrderLineType(RecordType):
    key = "testplugin.orderline"
    model = OrderLine
    title = _("测试明细")
    access = PARENT
    parent = "order"
    personal_data = ()


class AreaType(RecordType):
    key = "testplugin.area"
    model = Area
    title = _("测试区域")
    access = SHARED
    personal_data = ()
    tree = "parent"
    tree_depth = 4
    columns = "name parent"


class TariffType(RecordType):
    key = "testplugin.tariff"
    model = Tariff
    title = _("测试价目")
    access = SHARED
    personal_data = ()
    validity = "valid_from valid_until"
    columns = "name area valid_from valid_until"
    sentences = {"ttariff_once": _("这个区域在这段时间已有价目，请换一段时间。")}

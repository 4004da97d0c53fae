"""The record types."""

from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import OWNED, SHARED, Panel, RecordType, RelatedList, Search, Timeline
from tests.testplugin.models import Bill, Note, Project, Task


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

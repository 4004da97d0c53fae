"""Members and departments as record types: readable by all who work here, changed by administrators."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kezhou.access.models import Department, Member
from kezhou.records.types import Access, Panel, RecordType, RelatedList, Search, Timeline

MEMBER = "core.member"
DEPARTMENT = "core.department"


class MemberType(RecordType):
    """People of the company."""

    key = MEMBER
    model = Member
    title = _("成员")
    access = Access.SHARED
    personal_data = ("name", "mobile", "email")
    icon = "user"
    order = 900
    hidden = True
    columns = "name department position mobile email state"
    quick = "name mobile email department"
    sort = ("name",)
    search = Search(title="name", codes="mobile email number", body="position remark")
    twins = ("mobile", "email")
    readonly = ("state",)
    layout = (
        Panel(_("基本信息"), "name mobile email department position superior remark"),
        Timeline(),
    )


class DepartmentType(RecordType):
    """Nodes of the organisation."""

    key = DEPARTMENT
    model = Department
    title = _("部门")
    access = Access.SHARED
    personal_data = ()
    icon = "sitemap"
    order = 910
    hidden = True
    columns = "name parent head phone address"
    quick = "name parent head"
    sort = ("order", "name")
    search = Search(title="name", body="address remark")
    layout = (
        Panel(_("基本信息"), "name parent head phone address order remark"),
        RelatedList(MEMBER, by="department", columns=("name", "position", "mobile")),
        RelatedList(DEPARTMENT, by="parent", columns=("name", "head")),
        Timeline(),
    )

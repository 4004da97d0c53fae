"""Members and departments as record types: readable by all who work here, changed by administrators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection
from django.utils.translation import gettext
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
    person = True
    layout = (
        Panel(_("基本信息"), "name mobile email department position superior remark"),
        Timeline(),
    )

    @classmethod
    def kept(cls, pks: Sequence[int]) -> Mapping[int, str]:
        """Whoever has an account or an invitation is deactivated, not deleted: the sign-in has to end and records be handed on."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT m.id, m.name FROM access_member m LEFT JOIN access_account a ON a.member_id = m.id "
                "WHERE m.id = ANY(%s) AND (a.id IS NOT NULL OR m.state <> 'not_invited')",
                [list(pks)],
            )
            sentence = gettext("“%(name)s”有账号或邀请，不能删除。请在“机构与成员”里停用。")
            return {pk: sentence % {"name": name} for pk, name in cursor.fetchall()}


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
    retired = "retired"
    layout = (
        Panel(_("基本信息"), "name parent head phone address order retired remark"),
        RelatedList(MEMBER, by="department", columns=("name", "position", "mobile")),
        RelatedList(DEPARTMENT, by="parent", columns=("name", "head")),
        Timeline(),
    )

"""A link to a colleague."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.records.fields.html import EMPTY, cell_person, cell_quiet
from kezhou.records.fields.link import LinkTo
from kezhou.records.fields.reading import quoted_value
from kezhou.records.fields.shapes import Format
from kezhou.records.spec import FieldSpec


class MemberOf(LinkTo):
    """A member of the company, shown with a round mark as the owner of things is."""

    key = "member"
    title = gettext_lazy("成员")
    icon = "user"
    target = "core.member"
    columns = ()

    def missing(self, spec: FieldSpec, text: str) -> str:
        shown = {"value": quoted_value(text), "label": spec.label}
        return _("没有名为“%(value)s”的成员，请为%(label)s选择一位成员，或先添加这位成员。") % shown

    def cell(self, value: Any, spec: FieldSpec, fmt: Format) -> Markup:
        if value is None:
            return EMPTY
        name = self.linked_title(value, spec, fmt)
        return cell_quiet(_("无权限")) if name is None else cell_person(name, value)

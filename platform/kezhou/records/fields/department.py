"""A link to a department."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.records.fields.link import LinkTo
from kezhou.records.fields.reading import quoted_value
from kezhou.records.spec import FieldSpec


class DepartmentOf(LinkTo):
    """A department of the company."""

    key = "department"
    title = gettext_lazy("部门")
    icon = "sitemap"
    target = "core.department"
    columns = ()

    def missing(self, spec: FieldSpec, text: str) -> str:
        shown = {"value": quoted_value(text), "label": spec.label}
        return _("没有名为“%(value)s”的部门，请为%(label)s选择一个部门，或先在机构里添加它。") % shown

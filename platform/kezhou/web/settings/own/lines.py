"""The tab 明细: line items of a record type, each a table that is edited inside its records."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kezhou.pages import PageRequest
from kezhou.records import type_of
from kezhou.records.own import defining
from kezhou.records.own.outlines import Outline, outlines


def of(request: PageRequest, each: Outline) -> tuple[Outline, ...]:
    """The line types of a type."""
    return tuple(line for line in outlines(request.actor) if line.parent == each.key)


def write(request: PageRequest, each: Outline) -> str:
    """Make line items, rename them, or hide and show them again."""
    do, line, title = (request.POST.get(name, "") for name in ("do", "line", "title"))
    if do == "add":
        defining.make_lines(request.actor, each.key, title)
        return _("明细“%(title)s”建好了，接下来给它加字段。") % {"title": title.strip()}
    known = {one.key: one for one in of(request, each)}
    if line not in known:
        raise defining.OwnTypeError(_("这张明细已经不在了，请刷新看看。"))
    if do in {"hide", "show"}:
        (defining.remove if do == "hide" else defining.restore)(request.actor, line)
        return _("明细已停用，填过的行都留着。") if do == "hide" else _("明细已恢复，原来的行也回来了。")
    defining.change_lines(
        request.actor, line, title, name_label=request.POST.get("name_label", ""), totals=request.POST.getlist("totals")
    )
    return _("明细“%(title)s”已保存。") % {"title": title.strip()}


def show(request: PageRequest, each: Outline, typed: bool) -> dict[str, Any]:
    """Every table of lines with its columns."""
    return {
        "tables": [_table(request, line) for line in of(request, each)],
        "typed_title": request.POST.get("title", "") if typed and request.POST.get("do") == "add" else "",
    }


def _table(request: PageRequest, line: Outline) -> dict[str, Any]:
    fields = () if line.removed else tuple(f for f in type_of(request.actor, line.key).fields if f.custom)
    numeric = tuple(field for field in fields if field.numeric)
    chosen = line.choices.get("totals")
    summed = [field.key for field in numeric if (field.type == "money" if chosen is None else field.key in chosen)]
    return {
        "line": line,
        "columns": _("、").join(str(field.label) for field in fields),
        "numeric": [(field.key, field.label, field.key in summed) for field in numeric],
        "rows": f"{line.records:,}",
        "fields_url": f"/settings/fields/{line.key}",
    }

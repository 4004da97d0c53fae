"""What the buttons of a dictionary do. Each deed answers what to say and where to go; a refusal is a DictionaryError."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from kezhou.pages import PageRequest
from kezhou.records import dictionaries
from kezhou.records.dictionaries import DictionaryInfo
from kezhou.records.dictionary import bulk, making, merging, uses
from kezhou.web.settings.dictionary_panel import NEW

HERE = "/settings/dictionaries"
Answer = tuple[str, str]
Deed = Callable[[PageRequest, DictionaryInfo], Answer]


def _here(info: DictionaryInfo) -> str:
    return f"{HERE}/{info.key}"


def save(request: PageRequest, info: DictionaryInfo) -> Answer:
    """Add a value or change one."""
    data = request.POST
    key, given = data.get("value", NEW), _given(data)
    if key != NEW:
        dictionaries.change(request.actor, info.key, key, default=data.get("default") == "1", **given)
        return _("“%(label)s”已保存。") % {"label": given["label"].strip()}, f"{_here(info)}?value={key}"
    dictionaries.add(request.actor, info.key, **given)
    again = f"?value={NEW}&under={given['parent']}" if data.get("again") else ""
    return _("“%(label)s”加好了。") % {"label": given["label"].strip()}, _here(info) + again


def _given(data: QueryDict) -> dict[str, Any]:
    aliases = tuple(word for word in re.split(r"[、,，;；\s]+", data.get("aliases", "")) if word)
    hue = data.get("hue", "") or "grey"
    return {"label": data.get("label", ""), "hue": hue, "aliases": aliases, "parent": data.get("parent", "")}


def switch(request: PageRequest, info: DictionaryInfo) -> Answer:
    """Offer a value no longer, or again."""
    key, enabled = request.POST.get("value", ""), request.POST.get("do") == "enable"
    dictionaries.change(request.actor, info.key, key, enabled=enabled)
    return (_("已恢复。") if enabled else _("已停用，旧记录照样显示。")), f"{_here(info)}?value={key}"


def move(request: PageRequest, info: DictionaryInfo) -> Answer:
    """One place up or down among those under the same value."""
    key, by = request.POST.get("value", ""), -1 if request.POST.get("do") == "up" else 1
    found = dictionaries.values(request.actor, info.key)
    one = next((value for value in found if value.key == key), None)
    if one is None:
        raise Http404
    beside = [value.key for value in found if value.parent == one.parent]
    place = beside.index(key)
    beside.insert(min(max(place + by, 0), len(beside) - 1), beside.pop(place))
    dictionaries.reorder(request.actor, info.key, [*beside, *(v.key for v in found if v.parent != one.parent)])
    return "", _here(info)


def order(request: PageRequest, info: DictionaryInfo) -> Answer:
    """The whole order, as it was dragged."""
    dictionaries.reorder(request.actor, info.key, request.POST.getlist("order"))
    return "", _here(info)


def delete(request: PageRequest, info: DictionaryInfo) -> Answer:
    """Delete a value that nothing uses."""
    uses.delete(request.actor, info.key, request.POST.get("value", ""))
    return _("已删除。"), _here(info)


def merge(request: PageRequest, info: DictionaryInfo) -> Answer:
    """Let another value take its place."""
    into = request.POST.get("into", "")
    job = merging.merge(request.actor, info.key, request.POST.get("value", ""), into)
    return "", f"{_here(info)}?value={into}&job={job.pk}"


def split(request: PageRequest, info: DictionaryInfo) -> Answer:
    """Take a merge back."""
    key = request.POST.get("value", "")
    job = merging.split(request.actor, info.key, key)
    return "", f"{_here(info)}?value={key}&job={job.pk}"


def rename(request: PageRequest, info: DictionaryInfo) -> Answer:
    """Give the dictionary another name."""
    making.rename(request.actor, info.key, request.POST.get("title", ""))
    return _("字典已改名。"), _here(info)


def drop(request: PageRequest, info: DictionaryInfo) -> Answer:
    """Delete a dictionary of the company's own that no field offers."""
    making.drop(request.actor, info.key)
    return _("字典“%(title)s”已删除。") % {"title": info.title}, HERE


def paste(request: PageRequest, info: DictionaryInfo) -> Answer:
    """Many values at once, one a line."""
    done = bulk.apply(request.actor, info.key, bulk.lines_of(request.POST.get("text", "")))
    return _("新增 %(added)d 个，修改 %(changed)d 个。") % {"added": done.added, "changed": done.changed}, _here(info)


DEEDS: Mapping[str, Deed] = {
    "save": save,
    "enable": switch,
    "disable": switch,
    "up": move,
    "down": move,
    "order": order,
    "delete": delete,
    "merge": merge,
    "split": split,
    "rename": rename,
    "drop": drop,
    "paste": paste,
}

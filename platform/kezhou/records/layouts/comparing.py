"""What differs between two contents of one arrangement, in short sentences: for histories and for two who save at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from kezhou.records.layouts.spec import Kind
from kezhou.records.spec import TypeSpec

Content = Mapping[str, Any]
MOST_SHOWN = 8


def differences(spec: TypeSpec, kind: Kind, old: Content, new: Content, titles: Mapping[str, Any]) -> tuple[str, ...]:
    """The changes from `old` to `new`, at most eight and then how many more. `titles` are those of related lists by type."""
    if kind in {Kind.FORM, Kind.DETAIL}:
        found = [*_sections(old, new), *_fields(spec, old, new)]
    elif kind is Kind.RELATED:
        before, after = (([part["type"] for part in content["lists"]]) for content in (old, new))
        found = _lists(before, after, {key: str(title) for key, title in titles.items()})
        found += _list_columns(old, new, titles)
    else:
        found = _lists(old["fields"], new["fields"], {key: str(field.label) for key, field in spec.by_key.items()})
    more = len(found) - MOST_SHOWN
    return tuple(found) if more <= 0 else (*found[:MOST_SHOWN], _("还有 %(n)s 处") % {"n": more})


def _parts(content: Content) -> Iterator[Mapping[str, Any]]:
    for tab in content["tabs"]:
        yield from tab["sections"]


def _sections(old: Content, new: Content) -> Iterator[str]:
    before, after = ({part["key"]: part for part in _parts(content)} for content in (old, new))
    for key, part in after.items():
        was, shown = before.get(key), {"title": str(part["title"])}
        if was is None:
            yield _("加了“%(title)s”一段") % shown
            continue
        if str(was["title"]) != str(part["title"]):
            yield _("“%(old)s”改名为“%(title)s”") % {**shown, "old": str(was["title"])}
        if was["columns"] != part["columns"]:
            yield _("“%(title)s”改为 %(n)s 列") % {**shown, "n": part["columns"]}
        if was["lazy"] != part["lazy"]:
            yield (_("“%(title)s”改为收起") if part["lazy"] else _("“%(title)s”改为展开")) % shown
    for key, part in before.items():
        if key not in after:
            yield _("去掉了“%(title)s”一段") % {"title": str(part["title"])}
    tabs = [[str(tab["title"]) for tab in content["tabs"]] for content in (old, new)]
    if tabs[0] != tabs[1] and len(tabs[0]) + len(tabs[1]) > 2:
        yield _("标签页变为 %(names)s") % {"names": "、".join(filter(None, tabs[1])) or "1"}
    kept = [[key for key in one if key in other] for one, other in ((before, after), (after, before))]
    if kept[0] != kept[1]:
        yield _("段的顺序变了")


def _fields(spec: TypeSpec, old: Content, new: Content) -> Iterator[str]:
    before, after = _places(old), _places(new)
    left = [key for key in before if key not in after and key not in new["hidden"] and key in spec.by_key]
    if len(left) > 2:
        yield _("%(n)s 个字段不再指定位置") % {"n": len(left)}
    for key in dict.fromkeys([*after, *before]):
        if key not in spec.by_key or (len(left) > 2 and key in left):
            continue
        was, now = before.get(key), after.get(key)
        shown = {"label": spec.by_key[key].label, "title": now and now[1]}
        if was is None or now is None or was[0] != now[0]:
            if now is None:
                off = key in new["hidden"]
                yield (_("“%(label)s”移出了页面") if off else _("“%(label)s”不再指定位置")) % shown
            else:
                yield _("“%(label)s”放到了“%(title)s”") % shown
        elif was[2] != now[2]:
            yield (_("“%(label)s”占整行") if now[2] else _("“%(label)s”不占整行")) % shown
    for key in new["hidden"]:
        if key in spec.by_key and key not in old["hidden"] and key not in before:
            yield _("“%(label)s”移出了页面") % {"label": spec.by_key[key].label}
    if not [key for key in after if before.get(key, (None,))[0] != after[key][0]] and list(before) != list(after):
        yield _("字段的顺序变了")


def _places(content: Content) -> dict[str, tuple[str, str, Any]]:
    return {
        field["key"]: (part["key"], str(part["title"]), field["wide"])
        for part in _parts(content)
        for field in part["fields"]
    }


def _lists(before: Sequence[str], after: Sequence[str], titles: Mapping[str, str]) -> list[str]:
    added = [titles.get(key, key) for key in after if key not in before]
    gone = [titles.get(key, key) for key in before if key not in after]
    found = [_("加了 %(names)s") % {"names": "、".join(added)}] if added else []
    found += [_("去掉了 %(names)s") % {"names": "、".join(gone)}] if gone else []
    moved = [key for key in before if key in after] != [key for key in after if key in before]
    return [*found, _("顺序变了")] if moved else found


def _list_columns(old: Content, new: Content, titles: Mapping[str, Any]) -> list[str]:
    before = {(part["type"], part["link"]): part["columns"] for part in old["lists"]}
    return [
        _("“%(title)s”换了显示的列") % {"title": titles.get(part["type"], part["type"])}
        for part in new["lists"]
        if before.get((part["type"], part["link"]), part["columns"]) != part["columns"]
    ]

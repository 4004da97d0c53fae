"""Two record types as an administrator would make them: a plain one, and one with states, line items and a number."""

from __future__ import annotations

from dataclasses import dataclass

from kezhou.access.actor import Actor, System
from kezhou.records import custom
from kezhou.records.own import defining, stating
from kezhou.records.own.defining import Basics


@dataclass(frozen=True)
class Made:
    """The keys of a made type and of what is in it."""

    key: str
    fields: dict[str, str]
    lines: str = ""
    line_fields: dict[str, str] | None = None


KINDS = ("own.plain", "own.whole")


def made(kind: str) -> str:
    """The key of a type of this kind, made in the present company; "" for anything but the kinds above."""
    makers = {"own.plain": plain, "own.whole": whole}
    return makers[kind](System("makes record types")).key if kind in makers else ""


def plain(actor: Actor, title: str = "签证资料", **basics: object) -> Made:
    """签证资料: a name and a field of every common kind."""
    key = defining.make(actor, Basics(title=title, icon="plane", **basics), grants="everybody")  # type: ignore[arg-type]
    fields = {
        "country": custom.add_field(actor, key, label="国家", kind="text", required=True, searchable=True).key,
        "fee": custom.add_field(actor, key, label="签证费", kind="money", listed=True).key,
        "stays": custom.add_field(actor, key, label="停留天数", kind="number").key,
        "expires": custom.add_field(actor, key, label="有效期", kind="date").key,
        "kind": custom.add_field(
            actor, key, label="类别", kind="choice", options=[{"label": "旅游"}, {"label": "商务"}]
        ).key,
        "member": custom.add_field(actor, key, label="经办人", kind="member").key,
    }
    defining.choose(actor, key, twins=["name"], quick=[fields["fee"]])
    return Made(key, fields)


def whole(actor: Actor, title: str = "设备借用", linked: str = "") -> Made:
    """设备借用: states from 申请 to 归还, line items with a price, numbers beginning with SB; `linked` is a type it points to."""
    key = defining.make(actor, Basics(title=title, icon="device-laptop"), grants="everybody")
    state = custom.add_field(
        actor, key, label="状态", kind="choice", options=[{"label": "申请"}, {"label": "借出"}, {"label": "归还"}]
    ).key
    fields = {
        "state": state,
        "place": custom.add_field(actor, key, label="地点", kind="text", listed=True).key,
        "until": custom.add_field(actor, key, label="归还日期", kind="date").key,
    }
    if linked:
        fields["linked"] = custom.add_field(
            actor, key, label="归属", kind="link", target=linked, rules={"on_delete": "refuse"}
        ).key
    asked, lent, back = (option.key for option in defining.type_spec(actor, key).by_key[state].options)
    stating.set_states(
        actor, key, field=state, initial=[asked], moves={asked: [lent], lent: [back]},
        required={back: [fields["until"]]}, final=[back],
    )  # fmt: skip
    defining.set_number(actor, key, "SB", "name")
    lines = defining.make_lines(actor, key, "设备")
    line_fields = {
        "pieces": custom.add_field(actor, lines, label="数量", kind="number").key,
        "price": custom.add_field(actor, lines, label="押金", kind="money").key,
    }
    return Made(key, fields, lines, line_fields)

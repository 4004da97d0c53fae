"""The form of one own field: what was typed, read for the engine and shown again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kezhou.records import dictionaries
from kezhou.records.custom import FLAGS, OwnField
from kezhou.records.dictionaries import HUE_NAMES

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HUES: tuple[tuple[str, StrOrPromise], ...] = tuple(HUE_NAMES.items())
BLANK_OPTIONS = 3
ON_DELETE = "on_delete"
"""A choice of three beside the target, not an input among the other rules."""
PARENT = "parent"
"""The field above a choice of the same dictionary; chosen beside the options."""
WHEN_DELETED: tuple[tuple[str, StrOrPromise], ...] = (
    ("keep", _("这里不变，继续显示它的名称")),
    ("clear", _("这里清空")),
    ("refuse", _("不让删，先处理这里")),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and the field types that know it."""

    key: str
    label: StrOrPromise
    kinds: str
    mode: str = ""
    placeholder: StrOrPromise = ""


RULES = (
    Rule("min_length", _("最少字数"), "text long_text", "numeric"),
    Rule("max_length", _("最多字数"), "text long_text", "numeric"),
    Rule("pattern", _("格式（正则）"), "text", placeholder=r"\d{6}"),
    Rule("pattern_hint", _("格式不对时说"), "text", placeholder=_("请填 6 位数字")),
    Rule("minimum", _("最小"), "number money percent date datetime time"),
    Rule("maximum", _("最大"), "number money percent date datetime time"),
    Rule("decimals", _("小数位"), "number money percent", "numeric"),
    Rule("unit", _("单位"), "number", placeholder=_("例如 次、晚")),
    Rule(
        "default",
        _("默认值"),
        "text long_text number money percent date datetime time rating email phone yes_no credit_code",
    ),
    Rule(ON_DELETE, _("那条记录被删除时"), "link"),
    Rule(PARENT, _("上级字段"), "choice multi_choice"),
)


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option as typed; `key` is empty for a new one."""

    key: str = ""
    label: str = ""
    hue: str = "grey"
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class FieldForm:
    """The form's values; `type` is the field type's key."""

    label: str = ""
    type: str = "text"
    help: str = ""
    target: str = ""
    dictionary: str = ""
    required: bool = False
    searchable: bool = False
    listed: bool = False
    indexed: bool = False
    unique: bool = False
    personal: bool = False
    classes: tuple[str, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[OptionRow, ...] = ()
    chosen: str = ""
    """The label of the option that new records start with."""

    @classmethod
    def read(cls, post: QueryDict) -> FieldForm:
        """From a submitted form; rules of other types are left out."""
        kind = post.get("type", "text")
        rows = zip(
            post.getlist("option_key"),
            post.getlist("option_label"),
            post.getlist("option_hue"),
            post.getlist("option_enabled"),
            strict=False,
        )
        flags = {name: post.get(name) == "1" for name in FLAGS}
        return cls(
            label=post.get("label", "").strip(),
            type=kind,
            help=post.get("help", "").strip(),
            target=post.get("target", ""),
            classes=tuple(post.getlist("classes")),
            dictionary=post.get("dictionary", ""),
            chosen=post.get("chosen", "").strip(),
            rules={
                rule.key: text
                for rule in RULES
                if kind in rule.kinds.split() and (text := post.get(rule.key, "").strip())
            },
            options=tuple(OptionRow(key, label.strip(), hue, enabled == "1") for key, label, hue, enabled in rows),
            **flags,
        )

    @classmethod
    def of(cls, own: OwnField, values: tuple[dictionaries.Value, ...]) -> FieldForm:
        """An existing field as its form."""
        spec = own.spec
        return cls(
            label=str(spec.label),
            type=spec.type,
            help=str(spec.help),
            target=spec.target or "",
            dictionary=spec.dictionary or "",
            chosen=next((value.label for value in values if value.default), ""),
            required=spec.required,
            searchable=spec.searchable,
            listed=spec.listed,
            indexed=own.marked,
            unique=spec.unique,
            personal=spec.personal,
            classes=spec.classes,
            rules=own.rules,
            options=tuple(OptionRow(value.key, value.label, value.hue, value.enabled) for value in values),
        )

    def shown_options(self, extra: int = 1) -> tuple[OptionRow, ...]:
        """The options with empty rows below them for further ones."""
        empty = max(extra, 0 if any(option.label for option in self.options) else BLANK_OPTIONS)
        filled = tuple(option for option in self.options if option.label or option.key)
        return (*filled, *(OptionRow(hue=HUES[(len(filled) + place + 1) % len(HUES)][0]) for place in range(empty)))

    def new_options(self) -> list[dict[str, object]]:
        """The options of a new field, as the engine takes them."""
        return [{"label": option.label, "hue": option.hue} for option in self.options if option.label]

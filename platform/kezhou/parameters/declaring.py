"""Declaring a parameter: once, beside the code that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from kezhou.records.spec import FieldSpec

GROUPS: Mapping[str, StrOrPromise] = MappingProxyType(
    {
        "access": _("登录与安全"),
        "lists": _("列表与页面"),
        "records": _("记录"),
        "data": _("导入与导出"),
        "search": _("搜索"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter. `type` is a key of our field types (number, choice, yes_no, text …), which read, check and show its value.

    `minimum` and `maximum` are in `unit`; `options` are (key, label) pairs of a choice; `words` are further words by which the
    settings' search finds it.
    """

    key: str
    group: str
    title: StrOrPromise
    help: StrOrPromise
    type: str
    default: Any
    minimum: int | None = None
    maximum: int | None = None
    unit: StrOrPromise = ""
    options: tuple[tuple[str, StrOrPromise], ...] = ()
    words: StrOrPromise = ""

    @property
    def spec(self) -> FieldSpec:
        """The parameter as a field, so that the field types do everything with its value."""
        from kezhou.records.spec import FieldSpec, OptionSpec  # field types need Django's models

        return FieldSpec(
            key=self.key,
            type=self.type,
            label=self.title,
            help=self.help,
            required=True,
            minimum=self.minimum,
            maximum=self.maximum,
            decimals=0 if self.type == "number" else None,
            unit=str(self.unit),
            options=tuple(OptionSpec(key, label) for key, label in self.options),
        )


_declared: dict[str, Parameter] = {}


def declare(*parameters: Parameter) -> None:
    """Make parameters known. Two of one key, or one in a group that does not exist, stop the start."""
    for each in parameters:
        if each.group not in GROUPS:
            raise ValueError(f"Parameter {each.key} is in group {each.group!r}; there are: {', '.join(GROUPS)}.")
        if _declared.setdefault(each.key, each) != each:
            raise ValueError(f"Two parameters are named {each.key!r}. Rename one of them.")


def declared() -> Mapping[str, Parameter]:
    """Every parameter by key, in the order of declaration."""
    return MappingProxyType(_declared)

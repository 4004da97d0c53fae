"""Validity periods (BAS-08): in force between two dates, both included; afterwards the record stays, marked as historical."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.records.drafting import Batch
from kezhou.records.spec import TypeSpec

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Force(StrEnum):
    """Whether a record is in force today."""

    IN_FORCE = "in_force"
    FUTURE = "future"
    HISTORICAL = "historical"

    @property
    def label(self) -> StrOrPromise:
        """As people read it."""
        return _LABELS[self]

    @property
    def hue(self) -> str:
        """Its colour."""
        return {"in_force": "green", "future": "blue"}.get(self.value, "grey")


_LABELS: Mapping[Force, StrOrPromise] = {
    Force.IN_FORCE: gettext_lazy("有效"),
    Force.FUTURE: gettext_lazy("未生效"),
    Force.HISTORICAL: gettext_lazy("历史"),
}


def force(spec: TypeSpec, values: Mapping[str, Any], today: date) -> Force | None:
    """The mark of a record; None for types without a period, and where the dates are not shown to the actor.

    Without a first day it has always been in force, without a last day it stays so.
    """
    if spec.validity is None or not all(key in values for key in spec.validity):
        return None
    begins, ends = (values[key] for key in spec.validity)
    if not all(day is None or isinstance(day, date) for day in (begins, ends)):
        return None
    if begins is not None and begins > today:
        return Force.FUTURE
    return Force.HISTORICAL if ends is not None and ends < today else Force.IN_FORCE


def tree_of(spec: TypeSpec, wanted: Force) -> list[Any]:
    """The filter that finds the records of one mark, whatever day it is asked."""
    begins, ends = spec.validity or ("", "")
    future, over = [begins, "relative", "after_0_days"], [ends, "relative", "before_0_days"]
    if wanted is Force.FUTURE:
        return future
    return ["and", [["not", future], over if wanted is Force.HISTORICAL else ["not", over]]]


def check(batch: Batch) -> None:
    """A period does not end before it begins."""
    if batch.spec.validity is None:
        return
    begins, ends = batch.spec.validity
    for work in batch.alive():
        first, last = work.after.get(begins), work.after.get(ends)
        if first is not None and last is not None and last < first and {begins, ends} & work.changed:
            shown = {"ends": batch.spec.by_key[ends].label, "begins": batch.spec.by_key[begins].label, "first": first}
            work.refuse(_("%(ends)s不能早于%(begins)s（%(first)s）。") % shown, field=ends)

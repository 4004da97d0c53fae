"""What is seen to when lines of an order are saved: an agenda within the meeting, prices from the catalogue."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.sdk.hooks import Correction, Draft, Refusal
from kezhou.sdk.records import Actor, records


def agenda_within(actor: Actor, drafts: Sequence[Draft]) -> Iterable[Refusal]:
    """Refuse points of the agenda outside the days of their meeting; one statement."""
    given = [draft for draft in drafts if {"starts_at", "ends_at", "order"} & draft.changed]
    pks = {draft.after["order"] for draft in given if draft.after["order"]}
    found = records.query(actor, "meetings.order").filter(pk__in=pks).values_list("pk", "starts_on", "ends_on")
    days = {pk: (first, last) for pk, first, last in found} if pks else {}
    for draft in given:
        first, last = days.get(draft.after["order"], (None, None))
        start, end = (timezone.localtime(draft.after[key]).date() for key in ("starts_at", "ends_at"))
        shown = {"name": draft.after["name"], "first": first, "last": last or first}
        if first is not None and (start < first or end > (last or first)):
            sentence = _("议程“%(name)s”不在会议的日期 %(first)s 至 %(last)s 里，请改议程时间或会议日期。")
            yield Refusal(draft.position, sentence % shown, "starts_at" if start < first else "ends_at")


def within_order(actor: Actor, values: Mapping[str, Any]) -> dict[str, Any]:
    """The same point of an agenda, moved to the first morning of its meeting."""
    starts = records.get(actor, "meetings.order", values["order"]).values["starts_on"]
    hour = datetime.combine(starts, time(9), timezone.get_current_timezone())
    return {**values, "starts_at": hour, "ends_at": hour + timedelta(minutes=30)}


def service_prices(actor: Actor, drafts: Sequence[Draft]) -> Iterable[Correction]:
    """A chosen service brings its price and cost where none was given; one statement."""
    given = [draft for draft in drafts if "service" in draft.changed and draft.after["service"]]
    wanted = {draft.after["service"] for draft in given}
    rows = records.query(actor, "meetings.service").filter(pk__in=wanted).values_list("pk", "price", "cost")
    prices = {pk: (price, cost) for pk, price, cost in rows} if wanted else {}
    for draft in given:
        price, cost = prices.get(draft.after["service"], (None, None))
        for field, value in (("price", price), ("unit_cost", cost)):
            if value is not None and draft.after[field] is None:
                yield Correction(draft.position, field, value)

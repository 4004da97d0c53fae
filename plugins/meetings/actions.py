"""Domain verbs of the meeting order: an offer keeps a picture of what was offered, a payment is a record of its own."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.sdk.records import Doing, records

REFUND = "refund"


def offer(doing: Doing) -> None:
    """Keep a quote of today with the lines as they stand, and take the orders to 已报价 with the day to ask again."""
    today = timezone.localdate()
    doing.save(
        {
            "pk": pk,
            "state": "quoted",
            "quoted_on": today,
            **({"follow_up_on": asked} if (asked := doing.values.get("follow_up_on")) else {}),
        }
        for pk in doing.records
    )
    content = _contents(doing)
    doing.save_other(
        "meetings.quote",
        [
            {
                "order": pk,
                "name": _("%(name)s报价 %(day)s") % {"name": str(values["name"])[:80], "day": today.isoformat()},
                "quoted_on": today,
                "valid_until": doing.values.get("valid_until"),
                "total": values["total"],
                "content": content[pk],
            }
            for pk, values in doing.records.items()
        ],
    )


def _contents(doing: Doing) -> dict[int, str]:
    """What each order offers, one line per room and service; two statements for any number of orders."""
    pks, zone = list(doing.records), timezone.get_current_timezone()
    told: dict[int, list[str]] = {pk: [] for pk in pks}
    rooms = records.query(doing.actor, "meetings.booking").filter(order__in=pks).order_by("starts_at")
    for row in rooms.values("order_id", "name", "starts_at", "ends_at", "price"):
        start, end = (timezone.localtime(row[key], zone) for key in ("starts_at", "ends_at"))
        told[row["order_id"]].append(f"{row['name']} {start:%Y-%m-%d %H:%M}–{end:%H:%M} {_money(row['price'])}")
    services = records.query(doing.actor, "meetings.serviceline").filter(order__in=pks).order_by("position")
    for row in services.values("order_id", "name", "quantity", "price", "amount"):
        told[row["order_id"]].append(
            f"{row['name']} {row['quantity'].normalize():f} × {_money(row['price'])} = {_money(row['amount'])}"
        )
    note = str(doing.values.get("note") or "")
    return {pk: "\n".join([*lines, *([note] if note else [])]) for pk, lines in told.items()}


def _money(amount: Decimal | None) -> str:
    return "—" if amount is None else f"¥{amount:,.2f}"


def pay(doing: Doing) -> None:
    """Note money that came, or went back: a refund counts against what was paid and is never more than that."""
    given = doing.values
    if not given["amount"]:
        doing.refuse(_("金额要大于 0。"), field="amount")
        return
    sign = -1 if given["payment_kind"] == REFUND else 1
    for pk, values in doing.records.items():
        if sign < 0 and given["amount"] > (values["paid"] or 0):
            doing.refuse(_refund_sentence(values), pk=pk, field="amount")
            return
    doing.save_other(
        "meetings.payment",
        [
            {
                "order": pk,
                "kind": given["payment_kind"],
                "amount": sign * given["amount"],
                "paid_on": given["paid_on"],
                "way": given.get("way"),
                "receipt": given.get("receipt"),
            }
            for pk in doing.records
        ],
    )


def _refund_sentence(values: Mapping[str, Any]) -> str:
    shown = {"paid": _money(values["paid"] or Decimal(0))}
    return _("这个订单一共收到 %(paid)s，退款不能比它多。") % shown

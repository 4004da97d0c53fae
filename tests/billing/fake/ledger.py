"""The state of the fake: customers, products, prices, subscriptions, invoices, and a clock that moves when told to."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from dateutil.relativedelta import relativedelta

RETRIES = (3, 5, 7, 7)
"""Days between the attempts to get an unpaid bill paid; after the last one Stripe gives up."""

Object = dict[str, Any]


class Ledger:
    """All of it. Money is in fen, moments are seconds."""

    def __init__(self, now: datetime, *, gives_up: str = "unpaid") -> None:
        self.now = now
        self.gives_up = gives_up
        self.rows: dict[str, dict[str, Object]] = {
            kind: {} for kind in ("product", "price", "customer", "checkout.session", "subscription", "invoice")
        }
        self.events: list[Object] = []
        self.declining: set[str] = set()
        self._numbers = count(1)

    # -- rows ------------------------------------------------------------------------------------------------------------

    def stamp(self) -> int:
        return int(self.now.timestamp())

    def add(self, kind: str, prefix: str, **facts: Any) -> Object:
        row = {"id": f"{prefix}_{next(self._numbers):06d}", "object": kind, "created": self.stamp(), **facts}
        self.rows[kind][row["id"]] = row
        return row

    def tell(self, type: str, row: Object) -> None:
        """An event with the object as it is at this moment."""
        key = f"evt_{next(self._numbers):06d}"
        data = {"object": copy.deepcopy(row)}
        self.events.append(
            {"id": key, "object": "event", "type": type, "created": self.stamp(), "api_version": "", "data": data}
        )

    def of_customer(self, kind: str, customer: str) -> list[Object]:
        found = [row for row in self.rows[kind].values() if row["customer"] == customer]
        return sorted(found, key=lambda row: (row["created"], row["id"]), reverse=True)

    def running(self, customer: str) -> Object:
        return next(row for row in self.of_customer("subscription", customer) if row["status"] != "canceled")

    # -- buying ------------------------------------------------------------------------------------------------------------

    def complete(self, session: str) -> Object:
        """The person pays on Stripe's page."""
        row = self.rows["checkout.session"][session]
        assert row["status"] == "open", "Stripe shows such a page no more."
        trial_end = row["subscription_data"].get("trial_end")
        items = [self._item(item["price"], int(item.get("quantity", 1))) for item in row["line_items"]]
        subscription = self.add(
            "subscription", "sub", customer=row["customer"], status="trialing" if trial_end else "active",
            items={"object": "list", "data": items}, trial_end=int(trial_end) if trial_end else None,
            cancel_at_period_end=False, cancel_at=None, ended_at=None, cancellation_details={"reason": None},
            latest_invoice=None, pending=[], attempts=0,
        )  # fmt: skip
        end = datetime.fromtimestamp(int(trial_end), UTC) if trial_end else self._next(subscription, self.now)
        self._period(subscription, self.now, end)
        row["status"] = "complete"
        self.tell("checkout.session.completed", row)
        self.tell("customer.subscription.created", subscription)
        self._bill(subscription, 0 if trial_end else None)
        return subscription

    def _item(self, price: str, quantity: int) -> Object:
        return {
            "id": f"si_{next(self._numbers):06d}", "object": "subscription_item", "quantity": quantity,
            "price": {"id": price, "object": "price"}, "current_period_start": 0, "current_period_end": 0,
        }  # fmt: skip

    def _next(self, subscription: Object, begin: datetime) -> datetime:
        interval = self.rows["price"][subscription["items"]["data"][0]["price"]["id"]]["recurring"]["interval"]
        return begin + (relativedelta(years=1) if interval == "year" else relativedelta(months=1))

    def _period(self, subscription: Object, begin: datetime, end: datetime) -> None:
        for item in subscription["items"]["data"]:
            item["current_period_start"], item["current_period_end"] = int(begin.timestamp()), int(end.timestamp())

    def _amount(self, item: Object) -> int:
        return int(self.rows["price"][item["price"]["id"]]["unit_amount"]) * int(item["quantity"])

    # -- bills -------------------------------------------------------------------------------------------------------------

    def _bill(self, subscription: Object, amount: int | None = None) -> None:
        lines = [*subscription["pending"]]
        if amount is None:
            lines += [
                {"description": f"{item['quantity']} × {item['price']['id']}", "amount": self._amount(item)}
                for item in subscription["items"]["data"]
            ]
        subscription["pending"] = []
        total = sum(line["amount"] for line in lines)
        invoice = self.add(
            "invoice", "in", customer=subscription["customer"], subscription=subscription["id"], status="draft",
            number=None, currency="cny", total=total, lines={"object": "list", "data": lines},
            due_date=None, status_transitions={"paid_at": None}, hosted_invoice_url=None, invoice_pdf=None,
        )  # fmt: skip
        self.tell("invoice.created", invoice)
        invoice["number"], invoice["status"] = f"INV-{invoice['id'][3:]}", "open"
        invoice["hosted_invoice_url"] = f"https://stripe.test/i/{invoice['id']}"
        invoice["invoice_pdf"] = f"https://stripe.test/i/{invoice['id']}/pdf"
        subscription["latest_invoice"] = invoice["id"]
        self.tell("invoice.finalized", invoice)
        self._collect(subscription, invoice)

    def _collect(self, subscription: Object, invoice: Object) -> None:
        if invoice["total"] > 0 and subscription["customer"] in self.declining:
            self.tell("invoice.payment_failed", invoice)
            if subscription["status"] != "past_due":
                subscription["status"], subscription["attempts"] = "past_due", 0
                self.tell("customer.subscription.updated", subscription)
            subscription["retry_at"] = self.stamp() + RETRIES[subscription["attempts"]] * 86400
            return
        invoice["status"], invoice["status_transitions"] = "paid", {"paid_at": self.stamp()}
        self.tell("invoice.paid", invoice)
        if subscription["status"] in {"past_due", "unpaid"}:
            subscription["status"], subscription["attempts"] = "active", 0
            self.tell("customer.subscription.updated", subscription)

    def pay(self, customer: str) -> None:
        """The person gives another card in the portal, and the open bill is paid."""
        self.declining.discard(customer)
        subscription = self.running(customer)
        invoice = self.rows["invoice"][subscription["latest_invoice"]]
        if invoice["status"] == "open":
            self._collect(subscription, invoice)

    # -- changing ------------------------------------------------------------------------------------------------------------

    def change(self, subscription: Object, item: Object, *, price: str = "", quantity: int | None = None) -> None:
        """Another price or number of seats; the rest of the period is settled with the next bill."""
        left = max(0.0, item["current_period_end"] - self.stamp())
        share = left / (item["current_period_end"] - item["current_period_start"])
        before = self._amount(item)
        item["price"]["id"] = price or item["price"]["id"]
        item["quantity"] = item["quantity"] if quantity is None else quantity
        if subscription["status"] != "trialing" and (self._amount(item) != before):
            subscription["pending"] += [
                {"description": "Unused time", "amount": -round(before * share)},
                {"description": "Remaining time", "amount": round(self._amount(item) * share)},
            ]
        self.tell("customer.subscription.updated", subscription)

    def add_item(self, subscription: Object, price: str, quantity: int) -> None:
        """One more thing in a subscription, paid from now on."""
        first, item = subscription["items"]["data"][0], self._item(price, quantity)
        item["current_period_start"], item["current_period_end"] = (
            first["current_period_start"],
            first["current_period_end"],
        )
        left = max(0.0, item["current_period_end"] - self.stamp()) / (
            item["current_period_end"] - item["current_period_start"]
        )
        subscription["items"]["data"].append(item)
        subscription["pending"].append({"description": "Remaining time", "amount": round(self._amount(item) * left)})
        self.tell("customer.subscription.updated", subscription)

    def cancel(self, customer: str, *, now: bool = False, reason: str = "cancellation_requested") -> None:
        """The person cancels in the portal, or Stripe gives up."""
        subscription = self.running(customer)
        subscription["cancellation_details"] = {"reason": reason}
        if now:
            subscription["status"], subscription["ended_at"] = "canceled", self.stamp()
            self.tell("customer.subscription.deleted", subscription)
        else:
            subscription["cancel_at_period_end"] = True
            self.tell("customer.subscription.updated", subscription)

    # -- the clock -------------------------------------------------------------------------------------------------------------

    def advance(self, days: float) -> None:
        """Let time pass in steps of a day at most."""
        end = self.now + timedelta(days=days)
        while self.now < end:
            self.now = min(end, self.now + timedelta(days=1))
            for subscription in list(self.rows["subscription"].values()):
                if subscription["status"] in {"trialing", "active", "past_due"}:
                    self._day(subscription)

    def _day(self, subscription: Object) -> None:
        item = subscription["items"]["data"][0]
        if self.stamp() >= item["current_period_end"]:
            if subscription["cancel_at_period_end"]:
                self.cancel(subscription["customer"], now=True)
                return
            begin = datetime.fromtimestamp(item["current_period_end"], UTC)
            self._period(subscription, begin, self._next(subscription, begin))
            if subscription["status"] == "trialing":
                subscription["status"] = "active"
            self.tell("customer.subscription.updated", subscription)
            self._bill(subscription)
        elif subscription["status"] == "past_due" and self.stamp() >= subscription["retry_at"]:
            self._retry(subscription)

    def _retry(self, subscription: Object) -> None:
        subscription["attempts"] += 1
        if subscription["attempts"] < len(RETRIES):
            self._collect(subscription, self.rows["invoice"][subscription["latest_invoice"]])
        elif self.gives_up == "canceled":
            self.cancel(subscription["customer"], now=True, reason="payment_failed")
        else:
            subscription["status"] = "unpaid"
            self.tell("customer.subscription.updated", subscription)

"""The fake over HTTP: form-encoded calls in, JSON out, as the real client expects it."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.billing.fake.ledger import Ledger, Object

SECRET = "whsec_of_the_tests"
ALLOWED: Mapping[str, frozenset[str]] = {
    "POST products": frozenset({"name", "active", "metadata"}),
    "POST prices": frozenset({"product", "currency", "unit_amount", "recurring", "metadata", "active"}),
    "POST customers": frozenset({"name", "preferred_locales", "metadata"}),
    "POST checkout/sessions": frozenset(
        {
            "mode",
            "customer",
            "client_reference_id",
            "line_items",
            "subscription_data",
            "success_url",
            "cancel_url",
            "locale",
        }
    ),
    "POST checkout/sessions/expire": frozenset(),
    "GET checkout/sessions": frozenset({"customer", "status", "limit"}),
    "POST billing_portal/sessions": frozenset({"customer", "return_url"}),
    "POST subscriptions": frozenset({"items", "proration_behavior"}),
    "GET subscriptions": frozenset({"customer", "status", "limit"}),
    "GET invoices": frozenset({"customer", "limit"}),
}


class Refused(Exception):
    """An answer of 4xx."""

    def __init__(self, status: int, message: str, param: str = "") -> None:
        super().__init__(message)
        self.status, self.param = status, param


class FakeStripe:
    """A running fake: `ledger` is its state, `calls` what it was asked, `down` makes it answer 500."""

    def __init__(self, now: datetime | None = None, *, gives_up: str = "unpaid") -> None:
        self.ledger = Ledger(now or datetime.now(UTC), gives_up=gives_up)
        self.calls: list[str] = []
        self.down = False
        self._answers: dict[str, Object] = {}
        self._lock = Lock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer("GET", urlsplit(self.path).query)

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                self._answer("POST", self.rfile.read(length).decode())

            def _answer(self, method: str, text: str) -> None:
                path = urlsplit(self.path).path.removeprefix("/v1/")
                status, body = fake.answer(method, path, text, self.headers.get("Idempotency-Key", ""))
                raw = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, daemon=True, name="fake Stripe").start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, text: str, idempotency: str) -> tuple[int, Object]:
        with self._lock:
            self.calls.append(f"{method} {path}")
            if self.down:
                return 500, {"error": {"type": "api_error", "message": "We are down."}}
            if idempotency and idempotency in self._answers:
                return 200, self._answers[idempotency]
            try:
                body = self._do(method, path, _nested(text))
            except Refused as error:
                told = {"type": "invalid_request_error", "message": str(error), "param": error.param}
                return error.status, {"error": told}
            if idempotency:
                self._answers[idempotency] = json.loads(json.dumps(body))
            return 200, body

    def _do(self, method: str, path: str, given: Object) -> Object:
        kind, _slash, key = path.partition("/") if not path.startswith(("checkout", "billing")) else (path, "", "")
        if expired := re.fullmatch(r"(checkout/sessions)/([^/]+)/expire", path):
            kind, key = f"{expired[1]}/expire", expired[2]
        allowed = ALLOWED.get(f"{method} {kind}")
        if allowed is None:
            raise Refused(404, f"Unrecognized request URL ({method}: /v1/{path}).")
        for name in given:
            if name not in allowed:
                raise Refused(400, f"Received unknown parameter: {name}", name)
        return getattr(self, f"_{method.lower()}_{kind.replace('/', '_')}")(key, given)

    def _post_products(self, key: str, given: Object) -> Object:
        return self._keep("product", "prod", key, {"active": True, **given})

    def _post_prices(self, key: str, given: Object) -> Object:
        if not key:
            self._known("product", given.get("product", ""))
            given["unit_amount"] = int(given["unit_amount"])
        return self._keep("price", "price", key, {"active": True, **given} if not key else given)

    def _post_customers(self, key: str, given: Object) -> Object:
        return self._keep("customer", "cus", key, given)

    def _keep(self, kind: str, prefix: str, key: str, facts: Object) -> Object:
        if key:
            row = self._known(kind, key)
            row.update(facts)
            self.ledger.tell(f"{kind}.updated", row)
            return row
        row = self.ledger.add(kind, prefix, **facts)
        self.ledger.tell(f"{kind}.created", row)
        return row

    def _known(self, kind: str, key: str) -> Object:
        if key not in self.ledger.rows[kind]:
            raise Refused(404, f"No such {kind}: '{key}'", kind)
        return self.ledger.rows[kind][key]

    def _post_checkout_sessions(self, key: str, given: Object) -> Object:
        self._known("customer", given["customer"])
        items = list(given["line_items"].values())
        for item in items:
            if self._known("price", item["price"])["active"] not in (True, "true"):
                raise Refused(400, f"The price {item['price']} is inactive.", "line_items")
        row = self.ledger.add("checkout.session", "cs", **{**given, "line_items": items, "status": "open"})
        row["url"] = f"https://stripe.test/pay/{row['id']}"
        return row

    def _get_checkout_sessions(self, key: str, given: Object) -> Object:
        rows = self.ledger.of_customer("checkout.session", given["customer"])
        return _list("checkout/sessions", [row for row in rows if row["status"] == given["status"]])

    def _post_checkout_sessions_expire(self, key: str, given: Object) -> Object:
        row = self._known("checkout.session", key)
        if row["status"] != "open":
            raise Refused(400, f'Only Checkout Sessions with a status in ["open"] can be expired: {key}', "status")
        row["status"] = "expired"
        self.ledger.tell("checkout.session.expired", row)
        return row

    def _post_billing_portal_sessions(self, key: str, given: Object) -> Object:
        self._known("customer", given["customer"])
        return {
            "id": "bps_1",
            "object": "billing_portal.session",
            "url": f"https://stripe.test/portal/{given['customer']}",
        }

    def _post_subscriptions(self, key: str, given: Object) -> Object:
        row = self._known("subscription", key)
        for change in given["items"].values():
            if "id" not in change:
                self.ledger.add_item(row, change["price"], int(change["quantity"]))
                continue
            item = next((each for each in row["items"]["data"] if each["id"] == change["id"]), None)
            if item is None:
                raise Refused(404, f"No such subscription item: '{change['id']}'", "items")
            self.ledger.change(row, item, quantity=int(change["quantity"]))
        return row

    def _get_subscriptions(self, key: str, given: Object) -> Object:
        return _list("subscriptions", self.ledger.of_customer("subscription", given["customer"]))

    def _get_invoices(self, key: str, given: Object) -> Object:
        return _list("invoices", self.ledger.of_customer("invoice", given["customer"]))


def _list(kind: str, rows: list[Object]) -> Object:
    return {"object": "list", "url": f"/v1/{kind}", "has_more": False, "data": rows}


def _nested(text: str) -> Object:
    """`items[0][id]=x` as {"items": {"0": {"id": "x"}}}."""
    result: Object = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        parts = re.findall(r"[^\[\]]+", name)
        place = result
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        place[parts[-1]] = value
    return result


def signed(event: Mapping[str, Any], *, secret: str = SECRET, age: int = 0) -> tuple[bytes, str]:
    """The body of an event and its signature header."""
    body = json.dumps(event).encode()
    at = int(time.time()) - age
    mark = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={at},v1={mark}"

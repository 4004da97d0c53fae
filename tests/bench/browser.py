"""The least of a browser: cookies, forms, redirects, over loopback with any host name."""

from __future__ import annotations

import http.client
import re
from urllib.parse import urlencode, urlsplit


class Visitor:
    """One person's session on one host of the installation."""

    def __init__(self, port: int, host: str) -> None:
        self.port, self.host = port, host
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, text and the address redirected to."""
        return self._send("GET", path, None)

    def post(self, path: str, form: dict[str, object]) -> tuple[int, str, str]:
        """The same for a form; the CSRF token comes from the cookie."""
        sent = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **form}
        return self._send("POST", path, urlencode(sent, doseq=True).encode())

    def _send(self, method: str, path: str, body: bytes | None) -> tuple[int, str, str]:
        headers = {
            "Host": f"{self.host}:{self.port}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Origin": f"http://{self.host}:{self.port}",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            found = re.match(r"([^=]+)=([^;]*)", cookie)
            if found:
                self.cookies[found[1]] = found[2]
        return answer.status, text, answer.headers.get("Location") or ""


def follow(port: int, address: str) -> Visitor:
    """A new visitor who opens a full address and what it redirects to; raises RuntimeError unless it ends on a page."""
    visitor = Visitor(port, urlsplit(address).hostname or "localhost")
    for _ in range(5):
        parts = urlsplit(address)
        status, _text, location = visitor.get(parts.path + (f"?{parts.query}" if parts.query else ""))
        if status == 200:
            return visitor
        if status not in {301, 302, 303}:
            raise RuntimeError(f"{address} answered {status}.")
        address = location if "//" in location else f"http://{parts.netloc}{location}"
    raise RuntimeError(f"{address} redirects in a circle.")

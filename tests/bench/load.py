"""A small closed-loop load: so many clients, each sending its next request when the answer has come. Loopback only.

All clients are sockets of one thread, with one kept-alive connection each, and answers are read as far as it takes to know their end: the
machine that is measured carries the clients too, and `http.client` took as much of it as a tenth of a search. Times are seconds, rates
requests a second.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
WAIT = 30.0


@dataclass(frozen=True)
class Call:
    """One request: method, path, headers and body."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None

    @property
    def sent(self) -> bytes:
        """The bytes on the wire."""
        body = self.body or b""
        lines = [f"{self.method} {self.path} HTTP/1.1", *([] if "Host" in self.headers else ["Host: 127.0.0.1"])]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"Content-Length: {len(body)}"] if self.body is not None else []
        return "\r\n".join([*lines, "Accept-Encoding: identity", "", ""]).encode() + body


@dataclass(frozen=True)
class Load:
    """What a run of load found."""

    requests: int
    seconds: float
    errors: int
    latencies: tuple[float, ...]
    first_error: str = ""

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    def percentile(self, share: float) -> float:
        """The latency below which this share of the requests lay."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def beginning(make: Callable[[int], Call], first: int) -> Callable[[int], Call]:
    """The same calls from the `first` on, so that another round asks for something else."""
    return lambda number: make(first + number)


class _Client:
    """One connection and the request that it waits for."""

    def __init__(self, port: int, place: int, stride: int) -> None:
        self.port, self.number, self.stride = port, place, stride
        self.held = b""
        self.call: Call | None = None
        self.begun = 0.0
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=WAIT)

    def send(self, make: Callable[[int], Call]) -> None:
        """The next request."""
        self.call, self.held = make(self.number), b""
        self.number += self.stride
        wire = self.call.sent
        self.begun = time.perf_counter()
        self.socket.sendall(wire)

    def receive(self) -> bytes | None:
        """The whole answer, None while it is on its way. Raises OSError when the server went away."""
        came = self.socket.recv(1 << 18)
        if not came:
            raise ConnectionResetError("the server closed the connection")
        self.held += came
        return self.held if _is_whole(self.held) else None


def _is_whole(answer: bytes) -> bool:
    end = answer.find(b"\r\n\r\n") + 4
    if end < 4:
        return False
    length = _LENGTH.search(answer, 0, end)
    if length is not None:
        return len(answer) - end >= int(length.group(1))
    return answer.endswith(b"0\r\n\r\n") or answer[9:12] in {b"204", b"304"}


def run(port: int, make: Callable[[int], Call], *, clients: int = 8, seconds: float = 8.0, limit: int = 20_000) -> Load:
    """Send `make(0), make(1), …` from `clients` clients for `seconds` or `limit` requests, whichever ends first."""
    latencies: list[float] = []
    errors: list[str] = []
    started = time.perf_counter()
    with selectors.DefaultSelector() as waiting:
        for place in range(clients):
            client = _Client(port, place, clients)
            waiting.register(client.socket, selectors.EVENT_READ, client)
            client.send(make)
        while waiting.get_map():
            ready = waiting.select(WAIT)
            if not ready:
                errors.append(f"{len(waiting.get_map())} clients got no answer within {WAIT:.0f} s")
                break
            for key, _ in ready:
                _answered(key.data, latencies, errors, waiting)
                is_over = time.perf_counter() - started > seconds or len(latencies) + clients > limit
                if key.fileobj in waiting.get_map() and key.data.call is None:
                    _end(key.data, waiting) if is_over else key.data.send(make)
    return Load(
        len(latencies), time.perf_counter() - started, len(errors), tuple(latencies), errors[0] if errors else ""
    )


def _answered(client: _Client, latencies: list[float], errors: list[str], waiting: selectors.BaseSelector) -> None:
    """Note what came; a client whose request is answered has no call."""
    call = client.call
    if call is None:
        return
    try:
        answer = client.receive()
    except OSError as error:
        errors.append(f"{call.method} {call.path}: {error!r}")
        _end(client, waiting)
        return
    if answer is None:
        return
    latencies.append(time.perf_counter() - client.begun)
    client.call = None
    if answer[9:12] >= b"400":
        errors.append(f"{call.method} {call.path}: {answer[9:12].decode()} {answer[answer.find(b'{') :][:300]!r}")


def _end(client: _Client, waiting: selectors.BaseSelector) -> None:
    waiting.unregister(client.socket)
    client.socket.close()

"""A small closed-loop load: so many clients, each sending its next request when the answer has come. Loopback only.

Clients are threads over two processes, with one kept-alive connection each; times are seconds, rates requests a second.
"""

import http.client
import multiprocessing
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

PROCESSES = 2


@dataclass(frozen=True)
class Call:
    """One request: method, path, headers and body."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None


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


def run(port: int, make: Callable[[int], Call], *, clients: int = 8, seconds: float = 8.0, limit: int = 20_000) -> Load:
    """Send `make(0), make(1), …` from `clients` clients for `seconds` or `limit` requests, whichever ends first."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    started = time.perf_counter()
    workers = [
        context.Process(
            target=_process, args=(port, make, clients // PROCESSES, number, seconds, limit // PROCESSES, queue)
        )
        for number in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    answers = [queue.get(timeout=seconds + 60) for _ in workers]
    for worker in workers:
        worker.join()
    latencies = tuple(latency for found, _ in answers for latency in found)
    errors = [error for _, found in answers for error in found]
    return Load(len(latencies), time.perf_counter() - started, len(errors), latencies, errors[0] if errors else "")


def _process(port, make, threads, number, seconds, limit, queue) -> None:  # type: ignore[no-untyped-def]
    latencies: list[float] = []
    errors: list[str] = []
    until = time.perf_counter() + seconds
    stride = threads * PROCESSES

    def client(index: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        step = number * threads + index
        for turn in range(limit // threads):
            if time.perf_counter() > until:
                break
            call = make(step + turn * stride)
            begun = time.perf_counter()
            try:
                connection.request(call.method, call.path, body=call.body, headers=dict(call.headers))
                answer = connection.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException) as error:
                errors.append(f"{call.method} {call.path}: {error!r}")
                connection.close()
                continue
            latencies.append(time.perf_counter() - begun)
            if answer.status >= 400:
                errors.append(f"{call.method} {call.path}: {answer.status} {text[:300]!r}")

    running = [threading.Thread(target=client, args=(index,)) for index in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    queue.put((latencies, errors))

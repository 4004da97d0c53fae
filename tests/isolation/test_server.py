"""Real web processes, their threads and pools, under mixed requests of two companies: nobody sees the other's name."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from django.conf import settings
from django.test import Client

from kezhou.finding.models import Asked
from kezhou.local.ports import free_port
from tenants.context import Current, tenant


@contextmanager
def server(environment: Mapping[str, str], *, processes: int = 2) -> Iterator[int]:
    """Web processes with four threads each on a port of their own."""
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", str(processes),
        "--blocking-threads", "4", "--backpressure", "8", "--workers-kill-timeout", "3", "--no-log", "kezhou.wsgi:application",
    ]  # fmt: skip
    process = subprocess.Popen(command, env=dict(environment), start_new_session=True)
    try:
        deadline = time.monotonic() + 40
        while True:
            try:
                if ask(port, "alpha.localhost", path="/-/health")[0] == 200:
                    break
            except OSError:
                assert time.monotonic() < deadline, "The server did not start."
                time.sleep(0.1)
        yield port
        process.terminate()
        process.wait(timeout=20)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


def ask(port: int, host: str, *, cookie: str = "", path: str = "/") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        cookies = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"} if cookie else {}
        connection.request("GET", path, headers={"Host": host, **cookies})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


@pytest.mark.committed
@pytest.mark.req("PLT-01", part="web processes under load")
@pytest.mark.req("PLT-08", part="web, database and cache as processes of their own, by address")
def test_two_companies_in_the_same_processes_never_see_each_other(
    alpha: Current,
    beta: Current,
    process_environment: Mapping[str, str],
    member_factory: Callable[..., object],
    sign_in: Callable[..., Client],
) -> None:
    cookies: dict[str, str] = {}
    for place in (alpha, beta):
        with tenant(place):
            person = member_factory()
        cookies[place.slug] = sign_in(Client(), person).cookies[settings.SESSION_COOKIE_NAME].value
    environment = {
        **process_environment, "DJANGO_SETTINGS_MODULE": "kezhou.testing.settings", "KEZHOU_TEST_POOL": "yes",
    }  # fmt: skip
    names = {"alpha": alpha.name, "beta": beta.name}

    def visit(number: int) -> str:
        own, other = ("alpha", "beta") if number % 2 else ("beta", "alpha")
        if number % 5 == 0:  # with the other company's cookie one is nobody
            status, text = ask(port, f"{own}.localhost", cookie=cookies[other])
            return "refused" if status == 302 and names[other] not in text else f"wrong: {status}"
        status, text = ask(port, f"{own}.localhost", cookie=cookies[own])
        return "own" if status == 200 and names[own] in text and names[other] not in text else f"wrong: {status}"

    def search(number: int) -> None:
        own = ("alpha", "beta", "alpha")[number % 3]
        ask(port, f"{own}.localhost", cookie=cookies[own], path=f"/search?q=before+the+end+{number}")

    with server(environment) as port, ThreadPoolExecutor(8) as clients:
        seen = list(clients.map(visit, range(400)))
        unknown = ask(port, "nobody.localhost")[0]
        list(clients.map(search, range(12)))

    assert {word: seen.count(word) for word in set(seen)} == {"own": 320, "refused": 80}
    assert unknown == 404
    noted = {}
    for place in (alpha, beta):
        with tenant(place):
            noted[place.slug] = Asked.objects.filter(text__startswith="before the end").count()
    assert noted == {"alpha": 8, "beta": 4}, "An orderly stop lost notes of searches."

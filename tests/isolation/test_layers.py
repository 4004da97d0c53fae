"""The four layers on four machines, as far as one machine can show it: each by address alone, none sharing a folder (PLT-08)."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from kezhou import records
from kezhou.access.actor import System
from kezhou.testing import services
from kezhou.testing.access import MemberFactory, SignIn
from tenants.context import Current, tenant
from tenants.directory import find_by_slug
from tests.bench.browser import Visitor
from tests.isolation.test_server import server

TYPE = "customers.customer"


@contextmanager
def worker(environment: Mapping[str, str]) -> Iterator[None]:
    """The application services: a worker process of its own."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "--quiet",
        "-A",
        "kezhou.celery",
        "worker",
        "--pool",
        "solo",
        "--loglevel",
        "ERROR",
    ]
    process = subprocess.Popen(command, env=dict(environment), start_new_session=True)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


@pytest.mark.committed
@pytest.mark.req("PLT-08")
def test_web_services_and_data_run_apart_and_a_browser_is_enough(
    alpha: Current,
    process_environment: Mapping[str, str],
    plugins_on: Callable[..., None],
    member_factory: MemberFactory,
    sign_in: SignIn,
    tmp_path: Path,
) -> None:
    with tenant(alpha):
        plugins_on("customers")
        boss = member_factory("admin", name="周敏")
        cookie = sign_in(Client(), boss).cookies[settings.SESSION_COOKIE_NAME].value
    name = settings.DATABASE_URL.rpartition("/")[2].partition("?")[0]
    by_address = {**process_environment, "DATABASE_URL": services.postgres().url(name)}
    assert "@127.0.0.1:" in by_address["DATABASE_URL"]
    places = {part: {**by_address, "KEZHOU_HOME": str(tmp_path / part)} for part in ("web", "services")}
    for part in ("web", "services"):
        places[part] |= {"DJANGO_SETTINGS_MODULE": "kezhou.testing.settings", "KEZHOU_TEST_POOL": "yes"}

    with server(places["web"], processes=1) as port, worker(places["services"]):
        browser = Visitor(port, "alpha.localhost")
        browser.cookies[settings.SESSION_COOKIE_NAME] = cookie
        _status, form, _ = browser.get(f"/r/{TYPE}/new")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token is not None
        status, text, location = browser.post(
            f"/r/{TYPE}/new", {"csrfmiddlewaretoken": token[1], "name": "川西能源集团有限公司"}
        )
        assert status == 302, text[:2000]
        listed = browser.get(f"/r/{TYPE}/")[1]
        found = browser.get("/search?q=%E5%B7%9D%E8%A5%BF")[1]
        browser.post("/settings/plugins/sales", {"csrfmiddlewaretoken": token[1], "to": "on", "sure": "1"})
        _until_on("sales")

    assert location.startswith(f"/r/{TYPE}/")
    assert "川西能源集团有限公司" in listed
    assert "<mark>川西</mark>能源集团有限公司" in found
    assert "这是数据库的简单查询结果" in found  # the index lies elsewhere
    with tenant(find_by_slug("alpha")):  # type: ignore[arg-type]  # it was there before
        assert records.query(System("layers"), "sales.opportunity").count() == 0


def _until_on(plugin: str) -> None:
    deadline = time.monotonic() + 40
    while True:
        place = find_by_slug("alpha")
        if place is not None and plugin in place.plugins:
            return
        assert time.monotonic() < deadline, f"The worker did not switch {plugin} on."
        time.sleep(0.2)

"""Cache keys, files, locks and log lines take the tenant from the context."""

import logging
import os
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache as django_cache
from django.db import connection

from tenants import files, locks
from tenants.context import Current, NoTenant, control_plane, tenant
from tenants.housekeeping import delete_expired
from tenants.log import TenantFilter


@pytest.mark.req("PLT-01", part="cache")
def test_the_same_cache_key_holds_another_value_per_tenant(alpha: Current, beta: Current) -> None:
    with tenant(alpha):
        django_cache.set("greeting", "from alpha")
    with tenant(beta):
        assert django_cache.get("greeting") is None
        django_cache.set("greeting", "from beta")
    with control_plane():
        assert django_cache.get("greeting") is None
    with tenant(alpha):
        assert django_cache.get("greeting") == "from alpha"


def test_a_cache_key_outside_every_tenant_is_refused(alpha: Current) -> None:
    with pytest.raises(NoTenant, match="The cache key 'greeting' was used outside every tenant"):
        django_cache.get("greeting")


@pytest.mark.req("PLT-01", part="files")
def test_files_lie_in_the_tenants_own_folder(alpha: Current, beta: Current) -> None:
    with tenant(alpha):
        with files.incoming() as path:
            path.write_text("alpha", "utf-8")
            files.keep("notes/a", path)
        at_alpha = files.near("notes/a")
    assert at_alpha == Path(settings.KEZHOU_FILES) / "t_alpha" / "notes" / "a"
    with tenant(beta):
        assert files.near("notes/a") is None
        files.delete("notes/a")
    assert at_alpha.read_text("utf-8") == "alpha"
    with pytest.raises(NoTenant):
        files.near("notes/a")
    with control_plane(), pytest.raises(NoTenant):
        files.near("notes/a")


def test_what_a_killed_process_left_unfinished_goes_after_a_day(in_alpha: Current) -> None:
    folder = Path(settings.KEZHOU_FILES) / files.INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    for name, age in (("old", 25), ("new", 23)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (time.time() - age * 3600,) * 2)

    delete_expired()

    assert [path.name for path in folder.iterdir()] == ["new"]


@pytest.mark.parametrize("place", ["../t_beta/a", "/etc/passwd", "x/../../y", "", ".", "a//b", "a\\..\\b", "a\x00"])
def test_a_place_never_leads_out_of_the_folder(in_alpha: Current, place: str) -> None:
    with pytest.raises(ValueError, match="leads out of the tenant's folder"):
        files.near(place)


def test_a_link_out_of_the_folder_is_refused(in_alpha: Current) -> None:
    folder = Path(settings.KEZHOU_FILES) / "t_alpha"
    folder.mkdir(parents=True)
    (folder / "way-out").symlink_to("/etc")

    with pytest.raises(ValueError, match="leads out"):
        files.near("way-out/passwd")


def test_a_lock_of_one_tenant_is_free_in_another(alpha: Current, beta: Current) -> None:
    with tenant(alpha):
        ours = locks.number("import")
        with locks.locked("import"), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
            assert cursor.fetchone()[0] == 1
        with locks.try_locked("import") as got:
            assert got
    with tenant(beta):
        assert locks.number("import") != ours
    with pytest.raises(NoTenant):
        locks.number("import")


def test_a_log_line_says_its_tenant(alpha: Current) -> None:
    def line() -> str:
        record = logging.LogRecord("x", logging.INFO, __file__, 1, "hello", (), None)
        assert TenantFilter().filter(record)
        return str(record.tenant)  # type: ignore[attr-defined]  # the filter adds it

    outside = line()
    with tenant(alpha):
        inside = line()
    with control_plane():
        control = line()

    assert (outside, inside, control) == ("-", "alpha", "control")

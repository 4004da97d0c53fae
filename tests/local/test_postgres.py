"""The embedded PostgreSQL: made, found again, recovered, refused with a sentence."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from kezhou.local import ports, service
from kezhou.local.postgres import Postgres
from kezhou.local.problems import LocalProblem
from kezhou.local.service_user import service_folder, service_user
from tests.local.conftest import as_user, needs_root


def test_chinese_text_has_trigrams_and_the_application_is_no_superuser(postgres: Postgres) -> None:
    postgres.start()

    made = [postgres.ensure_database("kezhou"), postgres.ensure_database("kezhou")]

    assert made == [True, False]
    for over_socket in (True, False):
        with psycopg.connect(postgres.url("kezhou", over_socket=over_socket), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            (trigrams,) = connection.execute("SELECT cardinality(show_trgm('成都酒店'))").fetchone() or (None,)
            (is_superuser,) = connection.execute("SHOW is_superuser").fetchone() or (None,)
        assert (trigrams, is_superuser) == (5, "off")


def test_a_wrong_password_is_refused(postgres: Postgres) -> None:
    address = postgres.start()

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host="127.0.0.1", port=address.port, user="kezhou", password="wrong", dbname="postgres")


def test_a_second_launcher_adopts_the_running_server(postgres: Postgres, home: Path) -> None:
    first = postgres.start()

    second = Postgres(home, durable=False).start()

    assert second == first


def test_after_kill_minus_nine_the_data_are_there_again_on_the_same_port(home: Path) -> None:
    postgres = Postgres(home)
    before = postgres.start()
    with postgres.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    os.kill(before.pid, signal.SIGKILL)

    after = postgres.start()

    with postgres.connect() as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (7,)
    assert after.port == before.port
    assert after.pid != before.pid
    postgres.remove()


def test_a_killed_server_that_nobody_collected_does_not_stop_the_start(postgres: Postgres) -> None:
    address = postgres.start()
    postgres.stop()
    ended = service.spawn(["true"], user=postgres.user, folder=postgres.folder, output=subprocess.DEVNULL)
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    lock = address.socket_folder / f".s.PGSQL.{address.port}.lock"
    lock.write_text(f"{ended.pid}\n{postgres.data}\n0\n{address.port}\n{lock.parent}\n")

    try:
        assert postgres.start().port == address.port
    finally:
        ended.wait()


def test_a_stale_lock_that_names_a_foreign_process_does_not_stop_the_start(postgres: Postgres) -> None:
    postgres.start()
    postgres.stop()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (postgres.data / "postmaster.pid").write_text(f"{stranger.pid}\n{postgres.data}\n0\n5432\n/tmp\n127.0.0.1\n")

    try:
        assert postgres.start().pid != stranger.pid
        assert service.is_alive(stranger.pid)
    finally:
        stranger.kill()
        stranger.wait()


def test_a_half_finished_initdb_is_made_anew(postgres: Postgres) -> None:
    unfinished = postgres.folder / "data.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")

    postgres.start()

    assert postgres.ready()
    assert not unfinished.exists()


def test_a_chosen_port_that_is_taken_is_told_with_its_holder(home: Path) -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        server = Postgres(home, port=port, durable=False)
        with pytest.raises(LocalProblem) as refused:
            server.start()

    assert str(refused.value).startswith(f"Port {port}, chosen for PostgreSQL, is taken by ")
    assert f"(process {os.getpid()})" in str(refused.value)
    server.remove()


def test_data_of_another_major_version_are_refused(postgres: Postgres) -> None:
    postgres.start()
    postgres.stop()
    (postgres.data / "PG_VERSION").write_text("15\n")

    with pytest.raises(LocalProblem, match="were made by PostgreSQL 15, and this is 18: start the earlier version"):
        postgres.start()


def test_a_database_without_chinese_character_types_is_refused(postgres: Postgres) -> None:
    postgres.start()
    with postgres.connect() as connection:
        connection.execute(
            "CREATE DATABASE latin TEMPLATE template0 LOCALE_PROVIDER libc LC_CTYPE 'C' LC_COLLATE 'C' ENCODING 'UTF8'"
        )

    with pytest.raises(LocalProblem, match="under which Chinese text cannot be searched"):
        postgres.ensure_database("latin")


def test_a_folder_too_deep_for_a_socket_still_works(home: Path) -> None:
    server = Postgres(home / ("d" * 60) / ("e" * 60), durable=False)
    try:
        server.start()
        server.ensure_database("kezhou")
        with psycopg.connect(server.url("kezhou", over_socket=True)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.remove()


@needs_root
def test_as_root_the_server_belongs_to_an_ordinary_user(postgres: Postgres) -> None:
    address = postgres.start()

    owner = os.stat(f"/proc/{address.pid}").st_uid

    assert owner == service_user().uid != 0


@needs_root
def test_a_home_closed_to_others_stays_closed(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(parents=True, mode=0o700)
    user = service_user()

    place = service_folder(closed / "kezhou", "postgres", user)

    assert user.can_enter(place)
    assert closed.stat().st_mode & 0o777 == 0o700
    assert (closed / "kezhou" / "postgres").is_symlink()
    place.rmdir()


@needs_root
def test_a_user_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEZHOU_RUN_AS", "nobody-at-all")

    with pytest.raises(LocalProblem, match="There is no user 'nobody-at-all' on this machine"):
        service_user()


@needs_root
def test_an_ordinary_user_starts_its_own_servers(home: Path) -> None:
    nobody = service_user()
    home.mkdir()
    os.chown(home, nobody.uid or 0, nobody.gid or 0)
    script = (
        "import os, sys; from pathlib import Path\n"
        "from kezhou.local.postgres import Postgres; from kezhou.local.valkey import Valkey\n"
        "home = Path(sys.argv[1]); postgres, valkey = Postgres(home, durable=False), Valkey(home)\n"
        "postgres.start(); valkey.start(); print(postgres.ready(), valkey.ready(), os.getuid())\n"
        "postgres.stop(); valkey.stop()\n"
    )

    ran = as_user(nobody, ["-c", script, str(home)], home)

    assert ran.stdout.split() == ["True", "True", str(nobody.uid)], ran.stderr

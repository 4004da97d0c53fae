"""Backup and restore of a whole installation over real servers: round trip, refusals, damage."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kezhou.local.backup import MANIFEST, backup
from kezhou.local.installation import DATABASE, Choices, Installation
from kezhou.local.postgres import OWNER
from kezhou.local.problems import LocalProblem
from kezhou.local.restore import check, restore
from tests.local.conftest import new_place

PICTURE = bytes(range(256)) * 5000


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    folder = new_place()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def installation(place: Path) -> Iterator[Installation]:
    """One for all: each test leaves it as it found it."""
    made = Installation(home=place / "home", choices=Choices(base_domain="crm.example.com"), durable=False)
    made.save()
    made.secret_key()
    (made.files / "t_one" / "ab").mkdir(parents=True)
    (made.files / "t_one" / "ab" / "图片.bin").write_bytes(PICTURE)
    with made.services("test"), made.postgres().connect(DATABASE, role=OWNER) as connection:
        connection.execute("CREATE SCHEMA extensions")
        connection.execute("CREATE EXTENSION pg_trgm SCHEMA extensions")
        connection.execute("CREATE SCHEMA t_one")
        connection.execute("CREATE TABLE t_one.customer (id bigint GENERATED ALWAYS AS IDENTITY, name text)")
        connection.execute("INSERT INTO t_one.customer (name) VALUES ('锦城商旅'), ('100%')")
        connection.execute("CREATE INDEX ON t_one.customer USING gin (name extensions.gin_trgm_ops)")
        connection.execute("CREATE TABLE public.registry AS SELECT 't_one'::text AS schema")
    yield made
    made.postgres().remove()
    made.valkey().remove()


def names(installation: Installation) -> list[str]:
    with installation.services("test"), installation.postgres().connect(DATABASE, role=OWNER) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM t_one.customer ORDER BY id").fetchall()]


@pytest.fixture(scope="module")
def saved(installation: Installation, place: Path) -> Path:
    target = place / "one.backup"
    with installation.services("backup"):
        backup(installation, target)
    return target


def test_a_new_installation_gets_rows_files_key_and_base_domain(
    installation: Installation, saved: Path, place: Path
) -> None:
    other = replace(Installation.open(place / "other"), durable=False)
    finished: list[str] = []

    restore(other, saved, finish=finished.append)

    assert names(other) == ["锦城商旅", "100%"]
    assert (other.files / "t_one" / "ab" / "图片.bin").read_bytes() == PICTURE
    assert other.secret_key() == installation.secret_key()
    kept = json.loads((other.home / "installation.json").read_text())
    assert kept["base_domain"] == "crm.example.com"
    assert ["kezhou_restoring" in url for url in finished] == [True]
    other.postgres().remove()
    other.valkey().remove()


def test_an_installation_with_data_is_replaced_only_when_told_so(installation: Installation, saved: Path) -> None:
    with installation.services("test"), installation.postgres().connect(DATABASE, role=OWNER) as connection:
        connection.execute("DELETE FROM t_one.customer")
    (installation.files / "later.txt").write_text("later")
    (installation.home / "search" / "t_one").mkdir(parents=True)

    with pytest.raises(LocalProblem, match="holds data already; restore into another folder"):
        restore(installation, saved, finish=lambda url: None)
    assert names(installation) == []

    restore(installation, saved, replace=True, finish=lambda url: None)
    assert names(installation) == ["锦城商旅", "100%"]
    assert not (installation.files / "later.txt").exists()
    assert not (installation.home / "search").exists()


def test_what_fails_on_the_way_leaves_everything_as_it_was(installation: Installation, saved: Path) -> None:
    def break_off(url: str) -> None:
        raise LocalProblem("The power went.")

    (installation.files / "later.txt").write_text("later")

    with pytest.raises(LocalProblem, match=r"The power went\."):
        restore(installation, saved, replace=True, finish=break_off)

    assert names(installation) == ["锦城商旅", "100%"]
    assert (installation.files / "later.txt").read_text() == "later"
    (installation.files / "later.txt").unlink()


def test_a_running_installation_is_not_restored_into(installation: Installation, saved: Path) -> None:
    with installation.alone("run"), pytest.raises(LocalProblem, match=r"`kezhou run \(process \d+\)` works on"):
        restore(installation, saved, replace=True, finish=lambda url: None)


def test_a_backup_overwrites_nothing_and_only_its_owner_reads_it(installation: Installation, saved: Path) -> None:
    assert saved.stat().st_mode & 0o777 == 0o600

    with installation.services("backup"), pytest.raises(LocalProblem, match="never overwrites a file"):
        backup(installation, saved)


def test_every_member_is_in_the_manifest(saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        manifest = json.loads(archive.read(MANIFEST))
        assert sorted([*manifest["members"], MANIFEST]) == sorted(archive.namelist())
    assert manifest["members"]["files/t_one/ab/图片.bin"][1] == len(PICTURE)


def changed(saved: Path, name: str, content: bytes, *, renamed: str | None = None) -> Path:
    """A copy of a backup in which one member (and with ``renamed`` its name, also in the manifest) is another."""
    target = saved.with_suffix(".changed")
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(target, "w") as copy:
        for entry in source.infolist():
            data = content if entry.filename == name else source.read(entry)
            if renamed and entry.filename == MANIFEST:
                data = data.replace(json.dumps(name, ensure_ascii=False).encode(), json.dumps(renamed).encode())
            copy.writestr(renamed if renamed and entry.filename == name else entry.filename, data)
    return target


@pytest.mark.parametrize(
    ("name", "renamed", "sentence"),
    [
        ("secret-key", None, "The backup is damaged: secret-key is not what its checksum says"),
        ("secret-key", "files/../../outside", "that has no place in an installation; nothing was changed"),
        ("secret-key", "/etc/passwd", "that has no place in an installation; nothing was changed"),
    ],
)
def test_a_changed_backup_is_refused(saved: Path, name: str, renamed: str | None, sentence: str) -> None:
    damaged = changed(saved, name, b"other", renamed=renamed)

    with zipfile.ZipFile(damaged) as archive, pytest.raises(LocalProblem, match=sentence):
        check(archive)


def test_a_cut_off_backup_and_a_foreign_file_are_refused(installation: Installation, saved: Path) -> None:
    cut = saved.with_suffix(".cut")
    cut.write_bytes(saved.read_bytes()[:-100])

    with pytest.raises(LocalProblem, match="is no backup of Kezhou, or it was cut off"):
        restore(installation, cut, replace=True, finish=lambda url: None)


def test_a_backup_of_a_newer_version_is_refused(saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        manifest = json.loads(archive.read(MANIFEST))
    newer = changed(saved, MANIFEST, json.dumps({**manifest, "version": "99.0"}).encode())

    with zipfile.ZipFile(newer) as archive, pytest.raises(LocalProblem, match=r"made by Kezhou 99\.0, which is newer"):
        check(archive)

"""Files lie in their tenant's folder, are limited while they stream in, and open only for who may."""

import hashlib
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from kezhou import files
from kezhou.access.actor import System
from kezhou.files.expiry import delete_expired
from kezhou.files.models import File
from kezhou.files.storage import LIMITS
from tenants.context import Current, tenant
from tests.jobs.test_jobs import Somebody

ACTOR = System("tests of files")


def stored() -> list[str]:
    return sorted(path.name for path in Path(settings.KEZHOU_FILES).rglob("*") if path.is_file())


def test_a_file_is_stored_and_opened_again(in_alpha: Current) -> None:
    content = b"x" * 700_000

    row = files.store(Somebody(), "客户 名单.xlsx", io.BytesIO(content), purpose="import")

    with files.open(Somebody(), row.pk) as stream:
        assert stream.read() == content
    assert (row.name, row.size, row.digest) == ("客户 名单.xlsx", 700_000, hashlib.sha256(content).hexdigest())
    assert row.media_type == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert files.location(ACTOR, row.pk).is_relative_to(Path(settings.KEZHOU_FILES) / "t_alpha")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\\b\x00.csv", "a_b_.csv"),
        ("...", "file"),
        ("x" * 400 + ".csv", "x" * 251 + ".csv"),
    ],
)
def test_a_name_is_only_shown_and_never_a_path(in_alpha: Current, given: str, kept: str) -> None:
    row = files.store(ACTOR, given, io.BytesIO(b"x"), purpose="import")

    assert row.name == kept
    assert kept not in row.place


def test_a_file_that_is_too_large_is_refused_while_it_streams_in(
    in_alpha: Current, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "import", 1024 * 1024)
    taken: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            taken.append(1)
            yield b"x" * 1024 * 256

    with pytest.raises(files.FileRefused, match="文件超过 1 MB，不能接收。"):
        files.store(ACTOR, "big.csv", endless(), purpose="import")

    assert len(taken) == 5
    assert stored() == []
    assert File.objects.count() == 0


def test_somebody_elses_file_is_not_found(in_alpha: Current) -> None:
    row = files.store(Somebody(7), "a.csv", io.BytesIO(b"x"), purpose="import")

    for attempt in (files.get, files.open, files.location, files.remove):
        with pytest.raises(files.FileNotFound):
            attempt(Somebody(8), row.pk)
    assert files.get(ACTOR, row.pk) == row


@pytest.mark.req("PLT-01", part="file addresses")
def test_another_tenants_file_is_not_found(alpha: Current, beta: Current) -> None:
    with tenant(alpha):
        row = files.store(ACTOR, "a.csv", io.BytesIO(b"x"), purpose="import")
    with tenant(beta), pytest.raises(files.FileNotFound):
        files.open(ACTOR, row.pk)


def test_expired_files_go_and_cannot_be_opened_before(in_alpha: Current) -> None:
    row = files.store(ACTOR, "a.csv", io.BytesIO(b"x"), purpose="export", expires=timedelta(days=7))
    kept = files.store(ACTOR, "b.csv", io.BytesIO(b"y"), purpose="export")
    File.objects.filter(pk=row.pk).update(expires_at=timezone.now())

    with pytest.raises(files.FileNotFound):
        files.get(ACTOR, row.pk)
    assert delete_expired() == 1
    assert stored() == [kept.place.split("/")[1]]


def test_a_removed_file_goes_with_the_commit(
    in_alpha: Current, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    row = files.store(ACTOR, "a.csv", io.BytesIO(b"x"), purpose="import")

    with django_capture_on_commit_callbacks(execute=True):
        files.remove(ACTOR, row.pk)
        assert len(stored()) == 1

    assert stored() == []


def test_a_download_is_an_attachment_that_runs_nothing(
    in_alpha: Current, member_factory: Callable[..., Any], sign_in: Callable[..., Client]
) -> None:
    member = member_factory()
    browser = sign_in(Client(), member)
    row = files.store(ACTOR, "坏.html", io.BytesIO(b"<script>"), purpose="import")
    File.objects.filter(pk=row.pk).update(member=member.pk)

    response = browser.get(f"/files/{row.pk}")

    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"<script>"  # type: ignore[attr-defined]  # a streamed answer
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert browser.get(f"/files/{row.pk + 1}").status_code == 404

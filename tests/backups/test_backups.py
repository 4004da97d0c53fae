"""Backups of one company (BAK-01): on demand and by schedule, listed, checked, downloaded by administrators, kept for a while."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kezhou import jobs, parameters, records
from kezhou.access import roles
from kezhou.backups import archive, making, scheduling
from kezhou.backups.models import Backup
from kezhou.backups.parameters import EVERY, KEPT
from kezhou.files import attachments
from kezhou.files.models import File
from kezhou.notify.models import Notice
from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants import dumps, files
from tenants.context import Current, tenant
from tests.matrix.world import TYPE

PAGE = "/settings/backups"


@pytest.fixture
def boss(alpha: Current, plugins_on: Callable[..., None], member_factory: MemberFactory) -> Person:
    """alpha's administrator, a customer and a file on it."""
    with tenant(alpha):
        plugins_on("customers")
        person = member_factory("admin", name="周敏", username="boss")
        pk = records.save(person.actor, TYPE, [{"name": "川西能源集团有限公司"}]).demand().pk
        attachments.attach(person.actor, TYPE, pk, "合同.txt", BytesIO("合同正文".encode()))
    return person


@pytest.fixture
def admin(boss: Person, sign_in: SignIn) -> Client:
    return sign_in(Client(), boss)


@pytest.mark.committed
@pytest.mark.req("BAK-01")
def test_a_backup_is_made_checked_listed_downloaded_scheduled_and_forgotten(
    alpha: Current, boss: Person, admin: Client, member_factory: MemberFactory, sign_in: SignIn, run_jobs: Any
) -> None:
    with tenant(alpha):
        seller = sign_in(Client(), member_factory("sales", username="seller"))
    pressed = admin.post(PAGE)
    again = admin.post(PAGE, follow=True).content.decode()
    with tenant(alpha):
        (job,) = run_jobs()
        row = Backup.objects.get()
    page = admin.get(PAGE).content.decode()
    answer = admin.get(f"/files/{row.file}")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]

    assert (pressed.status_code, "正在做一份备份" in again, job.state) == (302, True, "done")
    assert (row.state, row.made_by, row.files, row.size) == ("good", "周敏", 1, len(content))
    assert f"{row.tables} 张表、1 个文件都读得出来。" in page
    assert timezone.localtime(row.made_at).strftime("%Y-%m-%d %H:%M") in page
    with zipfile.ZipFile(BytesIO(content)) as zipped:
        manifest = json.loads(zipped.read("manifest.json"))
        (held,) = [name for name in zipped.namelist() if name.startswith("files/")]
        assert zipped.read(held).decode() == "合同正文"
        assert (manifest["company"], manifest["tables"], manifest["missing"]) == (alpha.name, row.tables, 0)
    assert [seller.get(PAGE).status_code, seller.get(f"/files/{row.file}").status_code] == [403, 404]

    with tenant(alpha):
        assert scheduling.begin() == 0
        parameters.change(boss.actor, EVERY, "day")
        parameters.change(boss.actor, KEPT, "1")
        assert (scheduling.begin(), scheduling.is_due()) == (1, False)
        run_jobs()
        kept = Backup.objects.get()
        assert (kept.made_by, kept.state, kept.pk > row.pk) == ("", "good", True)
        assert File.objects.filter(purpose="backup").count() == 1
        Backup.objects.update(made_at=timezone.now() - timedelta(days=2))
        assert scheduling.is_due()


@pytest.mark.committed
def test_who_is_no_administrator_any_more_cannot_download_what_they_made(
    alpha: Current, boss: Person, admin: Client, member_factory: MemberFactory, run_jobs: Any
) -> None:
    with tenant(alpha):
        member_factory("admin", name="李雪", username="second")
    admin.post(PAGE)
    with tenant(alpha):
        run_jobs()
        address = f"/files/{Backup.objects.get().file}"
        before = admin.get(address).status_code
        roles.set_roles(boss.actor.member_pk, [roles.role_pk("sales")])

    assert (before, admin.get(address).status_code) == (200, 404)


def test_a_bad_backup_drives_out_no_good_one(alpha: Current, boss: Person) -> None:
    with tenant(alpha):
        parameters.change(boss.actor, KEPT, "2")
        now = timezone.now()
        for days, state in enumerate(("bad", "bad", "bad", "good", "bad", "good", "good")):
            row = Backup.objects.create(state=state, file=1_000 + days)
            Backup.objects.filter(pk=row.pk).update(made_at=now - timedelta(days=days))

        gone = making.forget_old()
        left = [row.file for row in Backup.objects.order_by("-made_at")]

    assert (gone, left) == (3, [1_000, 1_001, 1_003, 1_005])


@pytest.mark.committed
@pytest.mark.parametrize("how", ["cut off", "another content", "gone"])
def test_a_backup_that_cannot_be_read_is_told(
    alpha: Current, boss: Person, admin: Client, run_jobs: Any, how: str
) -> None:
    admin.post(PAGE)
    with tenant(alpha):
        run_jobs()
        row = Backup.objects.get()
        path = files.near(File.objects.get(pk=row.file).place)
        assert path is not None
        content = path.read_bytes()
        if how == "gone":
            path.unlink()
        else:
            at = len(content) // 2
            path.write_bytes(
                content[:at]
                if how == "cut off"
                else content[:at] + bytes(255 - byte for byte in content[at : at + 4]) + content[at + 4 :]
            )
    admin.post(f"{PAGE}/{row.pk}", {"do": "check"})
    with tenant(alpha):
        run_jobs()
        row.refresh_from_db()
        told = [notice.sentence for notice in Notice.objects.all() if "备份" in notice.sentence]
    removed = admin.post(f"{PAGE}/{row.pk}", {"do": "remove"})

    assert row.state == "bad"
    assert ("不见了" if how == "gone" else "坏了") in row.told
    assert told == ["有一份备份不能用"]
    with tenant(alpha):
        assert (removed.status_code, Backup.objects.count(), File.objects.filter(purpose="backup").count()) == (
            302,
            0,
            0,
        )


def test_a_dump_that_fails_leaves_no_file_and_says_why(
    alpha: Current, boss: Person, admin: Client, run_jobs: Any, settings: Any
) -> None:
    settings.KEZHOU_PG_DUMP = "/bin/false"
    admin.post(PAGE)
    with tenant(alpha):
        (job,) = run_jobs()
        row = Backup.objects.get()

    assert (job.state, row.state, row.file) == ("failed", "failed", None)
    assert row.told.startswith("没有做成：")
    assert "没做成" in admin.get(PAGE).content.decode()


def test_a_backup_whose_job_was_stopped_in_the_queue_holds_up_no_other(
    alpha: Current, boss: Person, admin: Client, run_jobs: Any
) -> None:
    admin.post(PAGE)
    with tenant(alpha):
        parameters.change(boss.actor, EVERY, "day")
        stopped = Backup.objects.get()
        waits = scheduling.is_due()
        jobs.cancel(boss.actor, stopped.job or 0)
        due = scheduling.is_due()
    page = admin.get(PAGE).content.decode()
    admin.post(PAGE)

    with tenant(alpha):
        stopped.refresh_from_db()
        assert (waits, due) == (False, True)
        assert "hx-trigger" not in page.partition('id="kz-backups"')[2].partition(">")[0]
        assert "没做成" in page
        assert (stopped.state, stopped.told) == ("failed", "中途停下，没有做成。")
        assert Backup.objects.filter(state="making").count() == 1


def test_what_the_disk_cannot_hold_is_refused_before_it_is_written(
    alpha: Current, boss: Person, admin: Client, run_jobs: Any
) -> None:
    with tenant(alpha):
        File.objects.update(size=2**50)
    admin.post(PAGE)
    with tenant(alpha):
        run_jobs()
        row = Backup.objects.get()

    assert (row.state, row.file, "服务器的磁盘只剩" in row.told) == ("failed", None, True)


def test_what_is_no_backup_is_damaged(tmp_path: Any, alpha: Current) -> None:
    (tmp_path / "x.zip").write_bytes(b"no zip")
    with tenant(alpha), pytest.raises(archive.BackupDamaged, match="读不出来"):
        archive.check(tmp_path / "x.zip")
    assert dumps.LEFT_OUT == ("django_session",)

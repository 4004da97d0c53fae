"""Making, checking and forgetting backups, each as a job."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import notify, parameters
from kezhou.access.actor import Actor, System
from kezhou.access.roles import administrators
from kezhou.backups import archive
from kezhou.backups.models import Backup
from kezhou.backups.parameters import KEPT
from kezhou.files import storage
from kezhou.files.models import File
from kezhou.jobs import control as jobs
from kezhou.jobs.models import Job
from kezhou.jobs.registry import JobFailed, job
from kezhou.notify import kinds
from kezhou.records.spec import NotAllowed
from tenants import dumps, files, locks

KIND, CHECK = "backups.make", "backups.check"
PURPOSE = "backup"
MEGABYTE = 1024 * 1024
LARGEST = 1024 * 1024 * 1024 * 1024
FAILED_SHOWN = 10
OPEN = (Job.State.QUEUED, Job.State.RUNNING)
NOBODYS = "a backup belongs to whoever is an administrator when it is opened"
STOPPED = gettext_lazy("中途停下，没有做成。")
TOLD = kinds.Kind(
    "backups", gettext_lazy("备份没做成或坏了"), "system", icon="database-export", url="/settings/backups"
)
kinds.register(TOLD)


class BackupRunning(Exception):
    """Another one is being made; ``str()`` says so."""


def start(actor: Actor) -> Backup:
    """Begin a backup of the entered company. Raises NotAllowed, BackupRunning."""
    if not actor.is_admin:
        raise NotAllowed(_("只有管理员可以备份公司的数据。"))
    with locks.locked("backups.start"):
        if making_job() is not None:
            raise BackupRunning(_("正在做一份备份，等它做好再来。"))
        end_stopped()
        row = Backup.objects.create(made_by=actor.name[:120] if actor.member_pk else "")
        row.job = jobs.start(actor, KIND, {"backup": row.pk}).pk
        row.save(update_fields=["job"])
    return row


def end_stopped() -> None:
    """Those that nobody makes any more have failed; administrators are told."""
    making = Job.objects.filter(kind=KIND, state__in=OPEN).values("pk")
    for left in Backup.objects.filter(state=Backup.State.MAKING).exclude(
        job__in=making
    ):  # asked at once with the jobs: one may begin now
        _note(left, Backup.State.FAILED, str(STOPPED))


def making_job() -> Job | None:
    """The job that makes a backup now; one that ended before it could say so (stopped in the queue, its member gone) makes none."""
    jobs_of_it = Backup.objects.filter(state=Backup.State.MAKING).values("job")
    return Job.objects.filter(pk__in=jobs_of_it, state__in=OPEN).first()


def check_again(actor: Actor, pk: int) -> None:
    """Read a backup again in the background. Raises NotAllowed, Backup.DoesNotExist."""
    if not actor.is_admin:
        raise NotAllowed(_("只有管理员可以备份公司的数据。"))
    jobs.start(actor, CHECK, {"backup": Backup.objects.get(pk=pk, file__isnull=False).pk})


@job(KIND, resumable=True, title=gettext_lazy("备份公司数据"))
def make(actor: Actor, running: Job, params: Mapping[str, Any]) -> dict[str, int]:
    """Write the zip, keep it, read it again from where it is kept; older ones go."""
    row = Backup.objects.get(pk=params["backup"])
    if row.file is None:  # else its worker died while it was checked
        _keep(row, running)
    _check(row)
    forget_old()
    return {"tables": row.tables, "files": row.files}


def _keep(row: Backup, running: Job) -> None:
    try:
        _demand_room()
        with TemporaryDirectory(prefix="kezhou-backup-") as folder:
            path = Path(folder) / "backup.zip"
            archive.write(path, partial(jobs.progress, running))
            with path.open("rb") as stream:
                kept = storage.store(System(NOBODYS), _name(), stream, purpose=PURPOSE, largest=LARGEST)
    except (dumps.DumpFailed, files.StoreAway, storage.FileRefused, OSError) as error:
        _note(row, Backup.State.FAILED, _("没有做成：%(why)s") % {"why": str(error)[:200]})
        raise JobFailed(row.told) from error
    except BaseException:
        _note(row, Backup.State.FAILED, str(STOPPED))
        raise
    row.file, row.size, row.made_at = kept.pk, kept.size, timezone.now()
    row.save(update_fields=["file", "size", "made_at"])


def _demand_room() -> None:
    """A disk that a backup fills stops the database of every company: the zip is written, then kept, so twice the size must be free."""
    wanted, folder = 2 * archive.weight(), Path(gettempdir())
    free = shutil.disk_usage(folder).free
    if wanted > free:
        words = {"wanted": wanted // MEGABYTE, "free": free // MEGABYTE}
        raise storage.FileRefused(_("要 %(wanted)d MB，服务器的磁盘只剩 %(free)d MB。请联系运营方。") % words)


@job(CHECK, resumable=True, title=gettext_lazy("检查备份"))
def check(actor: Actor, running: Job, params: Mapping[str, Any]) -> dict[str, int]:
    """Read one backup again."""
    row = Backup.objects.get(pk=params["backup"])
    _check(row)
    return {"tables": row.tables, "files": row.files}


def _check(row: Backup) -> None:
    try:
        path = files.near(File.objects.get(pk=row.file or 0).place)
        if path is None:
            raise archive.BackupDamaged(_("文件不见了，这份备份不能用。"))
        found = archive.check(path)
    except (archive.BackupDamaged, File.DoesNotExist, files.StoreAway) as error:
        _note(row, Backup.State.BAD, str(error))
        return
    row.tables, row.files = found.tables, found.files
    facts = {"tables": found.tables, "files": found.files, "missing": found.missing}
    said = _("%(tables)d 张表、%(files)d 个文件都读得出来。")
    _note(
        row,
        Backup.State.GOOD,
        (said if not found.missing else said + _("做的时候已有 %(missing)d 个文件不见了。")) % facts,
    )


def _note(row: Backup, state: Backup.State, told: str) -> None:
    row.state, row.told, row.checked_at = state, told[:300], timezone.now()
    row.save()
    if state is not Backup.State.GOOD:
        system = System("telling administrators that a backup is not good")
        notify.tell(system, administrators(), kind=TOLD.key, sentence=_("有一份备份不能用"), note=row.told)


def _name() -> str:
    return _("备份-%(at)s.zip") % {"at": timezone.localtime().strftime("%Y%m%d-%H%M")}


def forget_old() -> int:
    """Delete backups beyond those the company keeps, and what is told of failures long past; says how many contents went.

    A bad one counts beside the bad ones: it drives out no good one.
    """
    old: list[Backup] = []
    for state in (Backup.State.GOOD, Backup.State.BAD):
        kept = Backup.objects.filter(file__isnull=False, state=state).order_by("-made_at", "-pk")
        old += kept[parameters.whole(KEPT) :]
    for row in old:
        remove(row)
    failed = Backup.objects.filter(state=Backup.State.FAILED).order_by("-pk").values_list("pk", flat=True)
    Backup.objects.filter(pk__in=list(failed[FAILED_SHOWN:])).delete()
    return len(old)


def remove(row: Backup) -> None:
    """Delete a backup with its content."""
    held = File.objects.filter(pk=row.file or 0, purpose=PURPOSE).first()
    with transaction.atomic():
        row.delete()
        if held is not None:
            place = held.place
            held.delete()
            transaction.on_commit(partial(files.delete, place), robust=True)

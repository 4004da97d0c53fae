"""How the installation is, in sentences: services, queue, lag, failed work, disk, index (PLT-16)."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import publishing, refreshing
from billing.models import Subscription, Terms
from billing.stripe_client import connected
from kezhou import jobs
from kezhou.jobs.registry import kind_of, kinds
from tenants import directory, outbox
from tenants.asking import of_each
from tenants.context import Current, control_plane, tenant
from tenants.models import UpgradeEntry
from tenants.states import KEPT
from tenants.tasks import task

GOOD, WARN, BAD = "good", "warn", "bad"
SLOW = 0.5
BEHIND = 60.0
QUIET = timedelta(minutes=5)
FAILED = """
    SELECT '{schema}', id, kind, finished_at FROM "{schema}".jobs_job
     WHERE state = 'failed' AND finished_at > now() - interval '7 days'"""
FULL, NEARLY = 0.05, 0.15
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Fact:
    """One sentence; `usual` is what it is like on a good day, `retry` the deed that may mend it."""

    level: str
    sentence: str
    usual: str = ""
    retry: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """Work that failed: where, what kind, when; never what it was about."""

    tenant_pk: int
    slug: str
    company: str
    job: int
    title: str
    at: datetime
    refused: str


@dataclass(frozen=True, slots=True)
class Health:
    """The whole page."""

    facts: tuple[Fact, ...]
    failed: tuple[Failed, ...]

    @property
    def level(self) -> str:
        levels = {fact.level for fact in self.facts}
        return BAD if BAD in levels else WARN if WARN in levels or self.failed else GOOD


@task(control=True, name="billing.console.beat")
def beat() -> None:
    """Once a minute: that this was written says that scheduler, broker and worker are alive."""
    Terms.objects.update_or_create(pk=1, defaults={"beat_at": timezone.now()})


def health() -> Health:
    """How it is now. Called in the operator's tenant."""
    facts = (_database, _broker, _workers, _consumers, _disk, _upgrades, _stripe)
    return Health(facts=tuple(fact for part in facts for fact in _asked(part)), failed=failed_jobs())


def _asked(part: Callable[[], Iterable[Fact]]) -> Iterable[Fact]:
    """A part that cannot be asked is a fact itself: one broken service must not hide the others."""
    try:
        with control_plane():
            return tuple(part())
    except (redis.RedisError, OSError) as error:
        return (Fact(BAD, _("问不到：%(what)s") % {"what": f"{type(error).__name__}: {error}"[:200]}),)


def _database() -> Iterable[Fact]:
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), pg_database_size(current_database()),"
            " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),"
            " current_setting('max_connections')::int"
        )
        version, size, used, most = cursor.fetchone()
    seconds = time.perf_counter() - begun
    words = {"version": version.split()[0], "ms": round(seconds * 1000), "size": filesizeformat(size)}
    yield Fact(
        WARN if seconds > SLOW else GOOD,
        _("PostgreSQL %(version)s 在 %(ms)d 毫秒内回答，占 %(size)s") % words,
        _("平时 50 毫秒以内"),
    )
    level = WARN if used > most * 0.8 else GOOD
    yield Fact(level, _("数据库连接用了 %(used)d / %(most)d 个") % {"used": used, "most": most}, _("八成以内"))


def _broker() -> Iterable[Fact]:
    server = redis.Redis.from_url(settings.BROKER_URL, socket_timeout=2, socket_connect_timeout=2)
    try:
        waiting = int(server.llen(settings.CELERY["task_default_queue"]))
        taken = int(server.hlen("unacked"))
        memory = int(server.info("memory")["used_memory"])
    finally:
        server.close()
    level = WARN if waiting > 1000 else GOOD
    words = {"waiting": waiting, "taken": taken}
    yield Fact(level, _("任务队列里有 %(waiting)d 项在等，%(taken)d 项在做") % words, _("平时几十项以内"))
    yield Fact(GOOD, _("缓存和队列占内存 %(size)d MB") % {"size": memory // 2**20})


def _workers() -> Iterable[Fact]:
    last = Terms.objects.filter(pk=1).values_list("beat_at", flat=True).first()
    if last is None:
        yield Fact(WARN, _("后台还没有报过到：调度和工作进程可能没有启动"), _("每分钟报一次"))
        return
    ago = timezone.now() - last
    level = BAD if ago > QUIET else GOOD
    sentence = (
        _("调度和工作进程 %(seconds)d 秒前还在干活")
        if level == GOOD
        else _("调度或工作进程已经 %(seconds)d 秒没有动静")
    )
    yield Fact(level, sentence % {"seconds": ago.total_seconds()}, _("每分钟报一次"))


def _consumers() -> Iterable[Fact]:
    names = {"search": _("搜索索引")}
    for name, lag in outbox.lags().items():
        words = {"name": names.get(name, name), "events": lag.events, "seconds": round(lag.seconds)}
        if lag.problem:
            sentence = _("%(name)s停在 %(events)d 处变更前：%(problem)s")
            yield Fact(BAD, sentence % {**words, "problem": lag.problem}, retry=f"consumer:{name}")
        elif lag.events:
            sentence = _("%(name)s还差 %(events)d 处变更，最早的是 %(seconds)d 秒前")
            yield Fact(WARN if lag.seconds > BEHIND else GOOD, sentence % words, _("平时 1 秒以内"))
        else:
            yield Fact(GOOD, _("%(name)s跟上了所有变更") % words, _("平时 1 秒以内"))


def _disk() -> Iterable[Fact]:
    home = settings.KEZHOU_HOME
    room = shutil.disk_usage(next(place for place in (home, *home.parents) if place.exists()))
    share = room.free / room.total
    words = {"free": f"{room.free / 2**30:.0f}", "total": f"{room.total / 2**30:.0f}"}
    level = BAD if share < FULL else WARN if share < NEARLY else GOOD
    yield Fact(level, _("磁盘还剩 %(free)s GB，共 %(total)s GB") % words, _("留一成半以上"))
    yield Fact(GOOD, _("搜索索引占 %(size)d MB") % {"size": _size(settings.KEZHOU_SEARCH_DIR) // 2**20})


def _size(folder: Path) -> int:
    """Bytes of the files below; the indexer takes some away while they are counted."""
    size = 0
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):
            size += file.stat().st_size if file.is_file() else 0
    return size


def _upgrades() -> Iterable[Fact]:
    newest = UpgradeEntry.objects.order_by("-pk").values_list("target", flat=True).first()
    failed = UpgradeEntry.objects.filter(target=newest, state=UpgradeEntry.State.FAILED).select_related("tenant")
    for entry in failed:
        words = {"slug": entry.tenant.slug, "error": entry.error[:200]}
        yield Fact(BAD, _("%(slug)s 升级没有成功，停在旧版本：%(error)s") % words, _("运行 kezhou upgrade 再试"))
    if not failed:
        yield Fact(GOOD, _("所有公司都在同一版本"))


def _stripe() -> Iterable[Fact]:
    if not connected():
        yield Fact(GOOD, _("没有接 Stripe，只收对公转账"))
        return
    waiting = publishing.names(publishing.behind())
    broken = list(Subscription.objects.exclude(problem="").select_related("tenant")[:20])
    if waiting:
        sentence = _("还没有发布到 Stripe：%(names)s") % {"names": "、".join(waiting)}
        yield Fact(WARN, sentence, _("改价后一小时内自动发布"), retry="publish")
    for row in broken:
        words = {"slug": row.tenant.slug, "problem": row.problem}
        yield Fact(WARN, _("%(slug)s 的订阅：%(problem)s") % words, retry=f"stripe:{row.tenant_id}")
    if not waiting and not broken:
        yield Fact(GOOD, _("Stripe 已接通，套餐和订阅都是最新的"))


def failed_jobs() -> tuple[Failed, ...]:
    """Work that failed within a week in any company, newest first; what it was about stays there."""
    places = {place.schema: place for place in directory.tenants(states=KEPT)}
    rows = _failed_rows(places)
    return tuple(
        Failed(
            places[schema].pk,
            places[schema].slug,
            places[schema].name,
            pk,
            _title(kind),
            at,
            _refused(kind, works=places[schema].effect.works),
        )
        for schema, pk, kind, at in rows
    )


def _failed_rows(places: Mapping[str, Current]) -> Sequence[tuple[str, int, str, datetime]]:
    with control_plane():
        found: Sequence[tuple[str, int, str, datetime]] = of_each(FAILED, tuple(places))
    return sorted(found, key=lambda row: row[3], reverse=True)[:SHOWN]


def _title(kind: str) -> str:
    return str(kind_of(kind).title or kind) if kind in kinds() else kind


def _refused(kind: str, *, works: bool) -> str:
    if not works:
        return _("公司停用时后台不做事，恢复后再重试")
    if kind not in kinds():
        return _("这种工作已经没有了")
    return "" if kind_of(kind).resumable else _("从头再做会重复，要由发起人重新开始")


def retry_job(tenant_pk: int, job: int) -> bool:
    """Let a failed job be taken up again; False when it is none that can."""
    place = directory.find_by_pk(tenant_pk)
    if place is None or not place.effect.works:
        return False
    with control_plane(), tenant(place):
        return bool(jobs.retry(job))


def retry(deed: str) -> bool:
    """The deed of a fact: go on with a consumer, look at Stripe again, publish; False for an unknown one."""
    what, _colon, key = deed.partition(":")
    if what == "consumer" and key in outbox.consumers():
        outbox.go_on(key)
    elif what == "stripe" and key.isdecimal():
        with control_plane():
            row = Subscription.objects.filter(tenant_id=int(key)).first()
            Subscription.objects.filter(tenant_id=int(key)).update(claimed_until=None)
        if row is None:
            return False
        refreshing.note(row.stripe_customer)
        refreshing.refresh(int(key))
    elif what == "publish":
        publishing.publish_all()
    else:
        return False
    return True

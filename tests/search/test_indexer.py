"""From a saved record to a hit: the outbox, the indexer, outages, other companies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.finding import SearchRequest, find
from search import keeping
from search.engines import engine
from search.indexer import CONSUMER, Indexer
from tenants import outbox, provisioning
from tenants.context import Current, NoTenant, current, tenant
from tests.search import staff
from tests.search.conftest import Outage
from tests.search.staff import CUSTOMER, SYSTEM


def _found(text: str, actor: Actor = SYSTEM) -> set[int]:
    result = find(actor, SearchRequest(text))
    assert not result.notice.startswith("全文搜索暂时不可用"), result.notice
    return {hit.pk for hit in result.hits}


def _caught_up() -> None:
    indexer = Indexer(engine())
    while indexer.step():
        pass


@pytest.fixture
def two(alpha: Current, beta: Current, search_folder: Path) -> tuple[Current, Current]:
    """Two companies with customers on."""
    fresh = []
    for place in (alpha, beta):
        with tenant(place):
            staff.plugins()
            fresh.append(current())
    return fresh[0], fresh[1]


@pytest.mark.committed
@pytest.mark.req("SRH-08", part="created, changed, deleted")
@pytest.mark.req("SRH-07", part="another tenant never")
def test_changes_reach_the_index_of_their_own_company(two: tuple[Current, Current]) -> None:
    alpha, beta = two
    with tenant(alpha):
        pk = staff.saved(CUSTOMER, name="川西能源")
    with tenant(beta):
        other = staff.saved(CUSTOMER, name="川西能源")
        assert other == pk  # the same key in both
    _caught_up()

    with tenant(alpha):
        assert _found("川西") == {pk}
        records.save(SYSTEM, CUSTOMER, [{"pk": pk, "name": "岭南能源"}], source="system").demand()
    _caught_up()
    with tenant(alpha):
        assert (_found("川西"), _found("岭南")) == (set(), {pk})
        records.delete(SYSTEM, CUSTOMER, [pk], source="system")
    _caught_up()

    with tenant(alpha):
        assert (_found("岭南"), _found("能源")) == (set(), set())
        assert keeping.check(engine(), repair=False).right
    with tenant(beta):
        assert (_found("川西"), _found("岭南")) == ({other}, set())


@pytest.mark.committed
@pytest.mark.req("SRH-08", part="caught up after an outage, saving never fails")
@pytest.mark.parametrize("search_folder", ["embedded"], indirect=True)
def test_what_was_saved_while_the_folder_was_away_is_caught_up(
    two: tuple[Current, Current], search_folder: Path
) -> None:
    alpha, _ = two
    _caught_up()
    shutil.rmtree(search_folder)
    search_folder.write_text("not a folder")  # nothing can be written there

    with tenant(alpha):
        pk = staff.saved(CUSTOMER, name="川西能源")
        away = find(SYSTEM, SearchRequest("川西"))
        assert ({hit.pk for hit in away.hits}, away.notice[:9]) == ({pk}, "全文搜索暂时不可用")
    with pytest.raises(OSError):  # noqa: PT011 whatever the system says
        _caught_up()
    search_folder.unlink()
    _caught_up()

    with tenant(alpha):
        assert _found("川西") == {pk}


@pytest.mark.committed
def test_a_batch_delivered_twice_changes_nothing(two: tuple[Current, Current]) -> None:
    alpha, _ = two
    with tenant(alpha):
        pk = staff.saved(CUSTOMER, name="川西能源")
    _caught_up()

    outbox.restart(CONSUMER)
    _caught_up()

    with tenant(alpha):
        assert _found("川西") == {pk}
        assert [uid for uid, *_ in engine().reader().versions()] == [f"{CUSTOMER}:{pk}"]
    assert outbox.lag(CONSUMER).events == 0


@pytest.mark.committed
@pytest.mark.req("SRH-11")
def test_marking_an_own_field_searchable_re_indexes(two: tuple[Current, Current]) -> None:
    from kezhou.records import custom

    alpha, _ = two
    with tenant(alpha):
        field = custom.add_field(SYSTEM, CUSTOMER, label="品牌故事", kind="text")
        stars = custom.add_field(SYSTEM, CUSTOMER, label="酒店星级", kind="choice", options=[{"label": "铂金白鹭"}])
        option = records.type_of(SYSTEM, CUSTOMER).by_key[stars.key].options[0].key
        pk = staff.saved(CUSTOMER, name="甲公司", **{field.key: "源于青城山", stars.key: option})
    _caught_up()
    with tenant(alpha):
        assert (_found("青城山"), _found("白鹭")) == (set(), set())
        custom.change_field(SYSTEM, CUSTOMER, field.key, searchable=True)
        custom.change_field(SYSTEM, CUSTOMER, stars.key, searchable=True)
    _caught_up()

    with tenant(alpha):
        assert (_found("青城山"), _found("白鹭")) == ({pk}, {pk})
        custom.change_field(SYSTEM, CUSTOMER, field.key, searchable=False)
    _caught_up()

    with tenant(alpha):
        assert (_found("青城山"), _found("白鹭")) == (set(), {pk})


@pytest.mark.committed
@pytest.mark.parametrize("search_folder", ["embedded"], indirect=True)
def test_a_damaged_index_is_built_anew(two: tuple[Current, Current], search_folder: Path) -> None:
    alpha, _ = two
    with tenant(alpha):
        pk = staff.saved(CUSTOMER, name="川西能源")
    _caught_up()
    for path in search_folder.glob("*/v*-*/meta.json"):
        path.write_text("{")

    with tenant(alpha):
        assert find(SYSTEM, SearchRequest("川西")).notice.startswith("全文搜索暂时不可用")
    _caught_up()

    with tenant(alpha):
        assert _found("川西") == {pk}


@pytest.mark.committed
@pytest.mark.req("SRH-08", part="caught up after a full disk, one company's trouble is its own")
def test_what_could_not_be_written_is_missed_until_it_is_built(
    two: tuple[Current, Current], search_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alpha, beta = two
    _caught_up()
    with tenant(beta):
        theirs = staff.saved(CUSTOMER, name="川西航空")
    with tenant(alpha):
        pk = staff.saved(CUSTOMER, name="川西能源")
    with monkeypatch.context() as full:
        for name in ("apply", "rebuild"):
            full.setattr(keeping, name, _full_for(alpha, getattr(keeping, name)))
        _caught_up()
        _caught_up()  # another process, which knows nothing of the first one's trouble

        with tenant(alpha):
            found = find(SYSTEM, SearchRequest("川西"))
            assert ([hit.pk for hit in found.hits], bool(found.notice)) == ([pk], True)
        with tenant(beta):
            assert _found("川西") == {theirs}
    _caught_up()

    with tenant(alpha):
        assert _found("川西") == {pk}


def _full_for(place: Current, work: Callable[..., Any]) -> Callable[..., Any]:
    def tried(*arguments: Any) -> Any:
        if current().pk == place.pk:
            raise OSError(28, "No space left on device")
        return work(*arguments)

    return tried


@contextmanager
def _process(environment: Mapping[str, str], found: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "kezhou.cli", "search", "index"]
    with subprocess.Popen(command, env={**environment, **found}) as process:
        try:
            yield process
        finally:
            process.kill()


def _within(seconds: float, condition: Callable[[], bool]) -> float:
    """Polls until the condition holds; how long it took. Fails after `seconds`."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if condition():
            return time.monotonic() - started
        time.sleep(0.02)
    pytest.fail(f"not within {seconds} s")


@pytest.mark.committed
@pytest.mark.parametrize("search_folder", ["embedded"], indirect=True)
def test_only_one_indexer_works_in_a_folder(
    two: tuple[Current, Current],
    search_folder: Path,
    search_environment: Mapping[str, str],
    process_environment: Mapping[str, str],
) -> None:
    with _process(process_environment, search_environment):
        _within(60, lambda: (search_folder / "pulse.json").exists())
        second = subprocess.run(
            [sys.executable, "-m", "kezhou.cli", "search", "index"],
            env={**process_environment, **search_environment}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert second.returncode == 1
    assert second.stderr.strip().endswith("Another indexer is already at work in this search folder; one is enough.")
    assert os.path.exists(search_folder)


@pytest.mark.committed
@pytest.mark.req("SRH-07")
def test_indexes_are_separated_by_company(two: tuple[Current, Current], search_folder: Path) -> None:
    alpha, beta = two
    pks = {}
    for place, name in ((alpha, "川西能源"), (beta, "岭南航空")):
        with tenant(place):
            pks[place.slug] = staff.saved(CUSTOMER, name=name)
    _caught_up()

    assert pks[alpha.slug] == pks[beta.slug]
    for place, own, other in ((alpha, "川西", "岭南"), (beta, "岭南", "川西")):
        with tenant(place):
            assert _found(own) == {pks[place.slug]}
            nothing = find(SYSTEM, SearchRequest(other))
            assert (nothing.hits, nothing.total, nothing.groups, nothing.owners) == ((), 0, (), ())
    with pytest.raises(NoTenant):
        find(SYSTEM, SearchRequest("川西"))
    with pytest.raises(NoTenant):
        engine().reader()

    provisioning.remove(beta)

    assert engine().sweep([alpha]) == ()  # nothing of it is left
    with tenant(alpha):
        assert _found("川西") == {pks[alpha.slug]}


@pytest.mark.committed
@pytest.mark.req("SRH-08")
@pytest.mark.req("SRH-08", part="within seconds across processes, kill -9, SIGTERM")
def test_records_are_findable_within_seconds_after_kill_9_and_through_an_outage(
    two: tuple[Current, Current],
    outage: Outage,
    search_environment: Mapping[str, str],
    process_environment: Mapping[str, str],
) -> None:
    alpha, _ = two

    def pks(text: str) -> set[int]:
        with tenant(alpha):
            result = find(SYSTEM, SearchRequest(text))
            return {hit.pk for hit in result.hits} if not result.notice else {-1}

    with _process(process_environment, search_environment):
        _within(60, lambda: pks("川西") == set())
        with tenant(alpha):
            kept, gone = staff.saved(CUSTOMER, name="川西能源"), staff.saved(CUSTOMER, name="川西航空")
        assert _within(10, lambda: pks("川西") == {kept, gone}) < 5
        with tenant(alpha):
            records.save(SYSTEM, CUSTOMER, [{"pk": kept, "name": "岭南能源"}], source="system").demand()
            records.delete(SYSTEM, CUSTOMER, [gone], source="system")
        assert _within(10, lambda: pks("岭南") == {kept} and pks("川西") == set()) < 5

    outage.begin()  # the engine is away, and the process was killed
    with tenant(alpha):
        late = staff.saved(CUSTOMER, name="塞北牧业")
        result = find(SYSTEM, SearchRequest("塞北"))
        assert ({hit.pk for hit in result.hits}, result.notice[:9]) == ({late}, "全文搜索暂时不可用")

    outage.end()
    with _process(process_environment, search_environment) as process:
        _within(60, lambda: pks("塞北") == {late})
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0

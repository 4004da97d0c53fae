"""Two companies with the same primary keys: every address and every task of one, tried from the other (PLT-01)."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from celery import current_app
from django.test import Client

from kezhou import comments, drafts, files, records
from kezhou.exchange import exports
from kezhou.files import attachments
from kezhou.finding import SearchRequest, find
from kezhou.jobs import running
from kezhou.testing.access import MemberFactory, Person, SignIn
from search import keeping
from search.engines import engine
from tenants import tasks
from tenants.context import Current, NoTenant, current_or_none, tenant
from tenants.directory import find_by_slug
from tests.matrix.world import TYPE, UNKNOWN, calls

MARKS = {"alpha": "甲方机密", "beta": "乙方机密"}


@pytest.fixture
def both(
    alpha: Current,
    beta: Current,
    plugins_on: Callable[..., None],
    member_factory: MemberFactory,
    search_folder: Path,
) -> dict[str, Person]:
    """Both companies with customers that carry the company's mark, a file, a finished export, an index; an administrator each."""
    people = {}
    for slug, mark in MARKS.items():
        place = find_by_slug(slug)
        assert place is not None
        with tenant(place):
            plugins_on("customers", "sales")
            people[slug] = member_factory("admin", name=f"{mark}管理员", username="boss")
            actor = people[slug].actor
            rows = [{"name": f"{mark}客户{number}", "remark": mark, "phone": "028-6100000"} for number in range(3)]
            saved = records.save(actor, TYPE, rows).demand()
            comments.write(actor, TYPE, saved.pks[0], f"{mark}评论")
            attachments.attach(actor, TYPE, saved.pks[0], f"{mark}.txt", BytesIO(mark.encode()))
            drafts.keep(actor, TYPE, "new", {"name": [f"{mark}草稿"]})
            files.store(actor, f"{mark}.txt", BytesIO(mark.encode()), purpose="import")
            running.run(exports.start(actor, TYPE, format="csv").pk)
            keeping.rebuild(engine())
    return people


def pks(slug: str) -> list[int]:
    place = find_by_slug(slug)
    assert place is not None
    with tenant(place):
        from kezhou.access.actor import System

        return sorted(records.query(System("isolation suite"), TYPE).values_list("pk", flat=True))


def body(response: object) -> str:
    streamed = getattr(response, "streaming_content", None)
    raw = b"".join(streamed) if streamed is not None else response.content  # type: ignore[attr-defined]
    return raw.decode("utf-8", "replace")


@pytest.mark.req("PLT-01")
@pytest.mark.parametrize(("mine", "theirs"), [("alpha", "beta"), ("beta", "alpha")])
def test_no_address_of_one_company_says_a_word_of_the_other(
    both: dict[str, Person], sign_in: SignIn, mine: str, theirs: str
) -> None:
    client = sign_in(Client(), both[mine])
    own, foreign = MARKS[mine], MARKS[theirs]
    told, leaks = 0, []

    for pk in (*pks(mine), *pks(theirs), *range(1, 6), UNKNOWN):
        for call in calls({"type_key": TYPE, "pk": pk, "key": "name", "name": "customers", "file": pk, "comment": pk}):
            if call.method != "GET" or call.path.endswith("/company/demo"):
                continue
            text = body(client.get(call.path))
            told += own in text
            if foreign in text:
                leaks.append(call.path)

    assert leaks == []
    assert told > 25


@pytest.mark.parametrize(("mine", "theirs"), [("alpha", "beta"), ("beta", "alpha")])
def test_a_session_of_one_company_opens_nothing_of_the_other(
    both: dict[str, Person], sign_in: SignIn, mine: str, theirs: str
) -> None:
    client = sign_in(Client(), both[mine])
    client.defaults["HTTP_HOST"] = f"{theirs}.localhost"

    for pk in pks(theirs):
        for path in (f"/r/{TYPE}/{pk}", f"/api/v1/{TYPE}/{pk}", f"/files/{pk}", f"/jobs/{pk}"):
            assert client.get(path).status_code in {302, 401}, path


@pytest.mark.parametrize(("mine", "theirs"), [("alpha", "beta"), ("beta", "alpha")])
def test_search_of_one_company_never_finds_the_other(both: dict[str, Person], mine: str, theirs: str) -> None:
    place = find_by_slug(mine)
    assert place is not None
    with tenant(place):
        actor = both[mine].actor
        found = find(actor, SearchRequest(MARKS[mine]))
        nothing = find(actor, SearchRequest(MARKS[theirs]))

    assert sorted(hit.pk for hit in found.hits) == pks(mine)
    assert [hit.title for hit in nothing.hits if MARKS[theirs] in hit.title] == []


def test_every_task_demands_its_company(both: dict[str, Person]) -> None:
    assert current_or_none() is None
    known = tasks.registered()
    assert [
        task.name for task in known if task.kind == "unguarded" and task.name.startswith(("kezhou", "tenants"))
    ] == []

    wanted = [task for task in known if task.kind == "tenant"]

    assert wanted
    for task in wanted:
        with pytest.raises(NoTenant):
            current_app.tasks[task.name].apply_async()

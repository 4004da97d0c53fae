"""State × route: what each state of a company lets happen, on every page and API route there is (TEN-04)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from celery.exceptions import Ignore
from django.test import Client

from kezhou import files, jobs, records
from kezhou.access.actor import System
from kezhou.access.tasks import forget_old
from kezhou.api import tokens
from kezhou.exchange import exports, imports
from kezhou.standing import Standstill
from kezhou.testing.access import PASSWORD, MemberFactory, Person, SignIn
from tenants import directory, tasks
from tenants.context import Current, tenant
from tenants.states import EFFECTS, Need
from tests.matrix.world import TYPE, Call, calls, footprint, send

STOPPED = 402


@pytest.fixture
def people(alpha: Current, plugins_on: Callable[..., None], member_factory: MemberFactory) -> dict[str, Person]:
    """alpha with customers and sales on, an administrator and a salesperson."""
    with tenant(alpha):
        plugins_on("customers", "sales")
        found = {
            "admin": member_factory("admin", name="周敏", username="boss"),
            "member": member_factory("sales", name="李思源", username="seller"),
        }
        records.save(found["admin"].actor, TYPE, [{"name": "川西能源集团有限公司"}]).demand()
    return found


def put(place: Current, state: str) -> Current:
    """The company in another state, as it is found from now on."""
    directory.set_state(place.pk, state, why="试一试")
    found = directory.find_by_slug(place.slug)
    assert found is not None
    return found


def needs(call: Call) -> Need:
    """What a call needs, worked out from the declaration alone."""
    if call.route.needs is not None:
        return call.route.needs
    if call.route.access.kind == "public":
        return Need.ENTRANCE
    return Need.READ if call.method == "GET" else Need.WRITE


def forbidden(state: str, *, is_admin: bool) -> Iterator[Call]:
    effect = EFFECTS[state]
    places: dict[str, object] = {"type_key": TYPE, "pk": 1, "key": "name", "name": "sales"}
    for call in calls(places):
        if not effect.allows(needs(call), is_admin=is_admin or needs(call) <= Need.ENTRANCE):
            yield call


@pytest.mark.req("TEN-04", part="login")
@pytest.mark.parametrize(
    ("state", "who"), [("overdue", "admin"), ("suspended", "admin"), ("suspended", "member"), ("closed", "admin")]
)
def test_no_route_does_what_the_state_forbids(
    alpha: Current, people: dict[str, Person], sign_in: SignIn, state: str, who: str
) -> None:
    client = sign_in(Client(), people[who])
    place = put(alpha, state)
    before = footprint(place)

    wrong = []
    for call in forbidden(state, is_admin=who == "admin"):
        status = send(client, call)
        if status != STOPPED:
            wrong.append(f"{call}: {status}")

    assert wrong == []
    assert footprint(place) == before


@pytest.mark.req("TEN-04", part="login")
@pytest.mark.parametrize(
    ("state", "admin", "member"),
    [
        ("trial", 302, 302), ("active", 302, 302), ("overdue", 302, 302),
        ("suspended", 302, 422), ("pending", STOPPED, STOPPED), ("closed", STOPPED, STOPPED),
    ],
)  # fmt: skip
def test_who_may_sign_in(
    alpha: Current, people: dict[str, Person], cache: None, state: str, admin: int, member: int
) -> None:
    put(alpha, state)

    told = []
    for who in ("admin", "member"):
        given = {"login": people[who].username, "password": PASSWORD}
        told.append(Client(HTTP_HOST="alpha.localhost").post("/account/sign-in", given).status_code)

    assert told == [admin, member]


@pytest.mark.req("TEN-04", part="login, read-only")
def test_a_read_only_company_is_looked_at_and_exported_and_shows_no_way_to_change(
    alpha: Current, people: dict[str, Person], sign_in: SignIn, run_jobs: Callable[[], list[jobs.Job]]
) -> None:
    client = sign_in(Client(), people["admin"])
    offered = client.get(f"/r/{TYPE}/").content.decode()
    place = put(alpha, "overdue")

    page = client.get(f"/r/{TYPE}/")
    refused = client.post(f"/r/{TYPE}/new", {"name": "新客户"})
    with tenant(place):
        exports.start(people["admin"].actor, TYPE, format="csv")
        (exported,) = run_jobs()
        with pytest.raises(Standstill):
            records.save(people["admin"].actor, TYPE, [{"name": "新客户"}])

    assert (page.status_code, "川西能源集团有限公司" in page.content.decode()) == (200, True)
    assert ("data-quick" in offered, "data-quick" in page.content.decode()) == (True, False)
    assert "现在只能看" in page.content.decode()
    assert (refused.status_code, "管理员在“设置 › 套餐与账单”里付款后立即恢复" in refused.content.decode()) == (
        402,
        True,
    )
    assert exported.state == "done"


@pytest.mark.req("TEN-04", part="API")
@pytest.mark.parametrize(
    ("state", "reads", "writes"),
    [("trial", 200, 201), ("overdue", 200, STOPPED), ("suspended", STOPPED, STOPPED), ("closed", STOPPED, STOPPED)],
)
def test_what_a_token_may_do(alpha: Current, people: dict[str, Person], state: str, reads: int, writes: int) -> None:
    with tenant(alpha):
        _view, secret = tokens.make(people["admin"].actor, name="试")
    put(alpha, state)
    client = Client(HTTP_HOST="alpha.localhost", headers={"Authorization": f"Bearer {secret}"})

    read = client.get(f"/api/v1/{TYPE}/")
    write = client.post(f"/api/v1/{TYPE}/", {"name": "新客户"}, content_type="application/json")

    assert (read.status_code, write.status_code) == (reads, writes)
    if writes == STOPPED:
        assert write.json()["code"] == f"company_{state}"


@pytest.mark.req("TEN-04", part="jobs, reminders")
@pytest.mark.parametrize(("state", "works"), [(state, effect.works) for state, effect in EFFECTS.items()])
def test_where_tasks_and_reminders_run(alpha: Current, beta: Current, state: str, works: bool) -> None:
    place = put(alpha, state)
    message = {"headers": {tasks.HEADER: place.schema}, "called_directly": False}

    scheduled = {found.slug for found in directory.each_tenant()}
    forget_old.push_request(**message)
    try:
        ran = forget_old() == 0
    except Ignore:
        ran = False
    finally:
        forget_old.pop_request()

    assert (place.slug in scheduled, ran) == (works, works)


@pytest.mark.req("TEN-04", part="jobs, reminders")
@pytest.mark.parametrize(("state", "then"), [("overdue", "failed"), ("suspended", "queued")])
def test_a_job_that_waits_while_the_trial_ends_writes_nothing_and_says_so_or_waits_on(
    alpha: Current, people: dict[str, Person], run_jobs: Callable[[], list[jobs.Job]], state: str, then: str
) -> None:
    with tenant(put(alpha, "trial")):
        admin = people["admin"].actor
        file = files.store(admin, "客户.csv", BytesIO("客户名称\n新客户".encode()), purpose="import")
        job = imports.run(admin, imports.begin(admin, file, type_key=TYPE))
    place = put(alpha, state)
    if place.effect.works:
        with tenant(place):
            run_jobs()

    with tenant(place):
        job.refresh_from_db()
        names = [row.name for row in records.query(admin, TYPE)]
    assert (job.state, names) == (then, ["川西能源集团有限公司"])
    assert ("付款后立即恢复" in job.message) == (then == "failed")


def test_the_engine_itself_still_locks_people_out_of_a_read_only_company(
    alpha: Current, people: dict[str, Person], sign_in: SignIn
) -> None:
    client = sign_in(Client(), people["admin"])
    put(alpha, "overdue")

    assert client.post(f"/settings/members/{people['member'].pk}/deactivate", {}).status_code == 302
    with tenant(directory.find_by_slug("alpha")):  # type: ignore[arg-type]
        row = records.get(System("a test looks"), "core.member", people["member"].pk)
    assert row.values["state"] == "off"

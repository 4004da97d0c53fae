"""Route × actor: whoever lacks a right is refused before anything happens, on every page and API route there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from kezhou import records
from kezhou.records.own import defining
from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants.context import Current, tenant
from tests.matrix.world import TYPE, UNKNOWN, Call, calls, footprint, send

Expect = Callable[[Call], set[int]]


@pytest.fixture
def shop(alpha: Current, plugins_on: Callable[..., None]) -> Current:
    """alpha with customers, sales and the portal on."""
    with tenant(alpha):
        plugins_on("customers", "sales", "portal")
    return alpha


@pytest.fixture
def boss(shop: Current, member_factory: MemberFactory) -> Person:
    with tenant(shop):
        return member_factory("admin", name="周敏", username="boss")


@pytest.fixture
def places(shop: Current, boss: Person) -> dict[str, object]:
    """A customer that the administrator owns."""
    with tenant(shop):
        pk = records.save(boss.actor, TYPE, [{"name": "川西能源集团有限公司"}]).pk
    return {"type_key": TYPE, "pk": pk, "key": "name", "name": "sales"}


def refused(client: Client, place: Current, wanted: Iterator[tuple[Call, set[int]]]) -> list[str]:
    """The calls that were not answered as they must be, or that left a trace."""
    wrong, before = [], footprint(place)
    for call, statuses in wanted:
        status = send(client, call)
        if status not in statuses:
            wrong.append(f"{call}: {status}, not one of {sorted(statuses)}")
        if (after := footprint(place)) != before:
            wrong.append(f"{call} left a trace: {set(after) ^ set(before)}")
        before = after
    return wrong


def closed(call: Call) -> bool:
    return call.route.access.kind != "public"


def strangers(places: dict[str, object]) -> Iterator[tuple[Call, set[int]]]:
    """What somebody without a session must hear: sign in first; API routes say 401."""
    for call in calls(places, "staff", "portal"):
        if closed(call):
            page = call.method == "GET" and (call.path == "/api/v1/docs" or not call.path.startswith("/api/"))
            yield call, {302} if page else {401, 403}


def test_nobody_gets_in_without_signing_in(shop: Current, places: dict[str, object]) -> None:
    client = Client(HTTP_HOST="alpha.localhost")

    assert refused(client, shop, strangers(places)) == []


@pytest.mark.req("PLT-01", part="sessions")
def test_the_administrator_of_another_company_is_nobody_here(
    shop: Current, beta: Current, places: dict[str, object], member_factory: MemberFactory, sign_in: SignIn
) -> None:
    with tenant(beta):
        foreigner = member_factory("admin", name="外人", username="boss")
    client = sign_in(Client(), foreigner)
    client.defaults["HTTP_HOST"] = "alpha.localhost"

    assert refused(client, shop, strangers(places)) == []


def test_a_member_without_a_role_finds_no_type_and_no_settings(
    shop: Current, places: dict[str, object], member_factory: MemberFactory, sign_in: SignIn
) -> None:
    with tenant(shop):
        person = member_factory("", name="无角色")
    client = sign_in(Client(), person)

    wanted = (
        (call, {404, 400} if "type_key" in call.route.path and call.route.access.kind != "admin" else {403})
        for call in calls(places)
        if call.route.access.kind in {"admin", "operation"}
    )
    assert refused(client, shop, wanted) == []


def test_a_reader_may_read_and_nothing_else(
    shop: Current, places: dict[str, object], member_factory: MemberFactory, sign_in: SignIn
) -> None:
    with tenant(shop):
        person = member_factory("reader", name="只读")
    client = sign_in(Client(), person)

    wanted = (
        (call, {403, 404} if call.path.endswith("/restore") else {403})  # nothing is deleted: nothing to restore
        for call in calls(places)
        if call.route.access.kind == "admin"
        or (call.route.access.kind == "operation" and call.route.access.operation != "read")
    )
    assert refused(client, shop, wanted) == []


def test_a_salesperson_does_not_find_the_record_of_a_colleague(
    shop: Current, places: dict[str, object], member_factory: MemberFactory, sign_in: SignIn
) -> None:
    with tenant(shop):
        person = member_factory("sales", name="李思源")
    client = sign_in(Client(), person)

    wanted = (
        (call, {403, 404})
        for call in calls(places)
        if call.route.access.kind == "operation" and "<int:pk>" in call.route.path
    )
    assert refused(client, shop, wanted) == []


def test_a_type_made_for_administrators_is_not_there_for_others(
    shop: Current, boss: Person, places: dict[str, object], member_factory: MemberFactory, sign_in: SignIn
) -> None:
    with tenant(shop):
        key = defining.make(boss.actor, defining.Basics(title="薪酬"))
        pk = records.save(boss.actor, key, [{"name": "一月"}]).pk
        person = member_factory("sales", name="李思源")
    client = sign_in(Client(), person)

    wanted = (
        (call, {400, 403, 404})
        for call in calls({**places, "type_key": key, "pk": pk})
        if "type_key" in call.route.path and call.route.access.kind != "public"
    )
    assert refused(client, shop, wanted) == []


def test_no_page_breaks_for_an_administrator(
    shop: Current, boss: Person, places: dict[str, object], sign_in: SignIn
) -> None:
    client = sign_in(Client(), boss)
    client.raise_request_exception = False

    broken = []
    for filling in (
        places,
        {**places, "pk": UNKNOWN, "key": "unknown", "name": "unknown"},
        {**places, "type_key": "no.such"},
        {**places, "pk": 10**30},
    ):
        for call in calls(filling):
            if call.path == "/settings/company/demo":
                continue
            if (status := send(client, call)) >= 500:
                broken.append(f"{call}: {status}")
            if call.method != "GET":  # it may have ended the session
                sign_in(client, boss)

    assert broken == []

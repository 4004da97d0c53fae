"""Who may call: tokens and sessions, their ends, CSRF, limits, other companies."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kezhou.api import throttling, tokens
from kezhou.api.models import Token
from kezhou.testing.access import MemberFactory, Person
from tenants.context import Current
from tenants.directory import host_of
from tests.api.conftest import Caller, caller
from tests.search import staff
from tests.search.staff import CUSTOMER

LIST = f"{CUSTOMER}/"


def _code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_nobody_is_401_with_a_way_to_sign_in(company: Current) -> None:
    response = caller(company).get(LIST)

    assert _code(response) == (401, "not_signed_in")
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Bearer kz_wrong", "Bearer ", "Basic abc", "Bearer kz_", "Bearer wrong"])
def test_a_wrong_token_is_401(company: Current, header: str) -> None:
    assert _code(caller(company, Authorization=header).get(LIST)) == (401, "token_invalid")


def test_the_secret_is_not_kept(seller: Person) -> None:
    view, secret = tokens.make(seller.actor, name="官网表单")

    row = Token.objects.get(pk=view.pk)
    assert secret not in {row.hash, row.start, row.name}
    assert (len(row.hash), row.start) == (64, secret[:10])


def test_a_token_acts_with_the_rights_of_now(
    seller: Person, by_token: Callable[..., Caller], member_factory: MemberFactory
) -> None:
    from kezhou.access.roles import role_pk, set_roles

    program = by_token(seller)
    staff.saved(CUSTOMER, name="别人的")
    assert program.get(LIST).json()["total"] == 0

    set_roles(seller.pk, [role_pk("reader")])

    assert program.get(LIST).json()["total"] == 1


@pytest.mark.req("BAS-03", part="a token that ended during a save")
@pytest.mark.parametrize("end", ["revoked", "expired", "member_off"])
def test_a_token_that_ended_is_401_and_nothing_is_saved(company: Current, seller: Person, end: str) -> None:
    view, secret = tokens.make(seller.actor, name="t")
    program = caller(company, Authorization=f"Bearer {secret}")
    assert program.get(LIST).status_code == 200
    if end == "revoked":
        tokens.revoke(seller.actor, view.pk)
    elif end == "expired":
        Token.objects.filter(pk=view.pk).update(expires_on=timezone.localdate() - datetime.timedelta(days=1))
    else:
        from kezhou import records

        records.save(staff.SYSTEM, "core.member", [{"pk": seller.pk, "state": "off"}], source="system").demand()

    refused = program.call("POST", LIST, {"name": "川西能源"})

    assert _code(refused) == (401, f"token_{end}")
    assert records_total() == 0


def records_total() -> int:
    """Customers there are."""
    from kezhou import records

    return records.query(staff.SYSTEM, CUSTOMER).count()


def test_a_read_only_token_writes_nothing(seller: Person, by_token: Callable[..., Caller]) -> None:
    program = by_token(seller, read_only=True)

    assert program.get(LIST).status_code == 200
    assert _code(program.call("POST", LIST, {"name": "甲"})) == (403, "token_read_only")
    assert records_total() == 0


def test_a_token_opens_nothing_in_another_company(beta: Current, seller: Person) -> None:
    _, secret = tokens.make(seller.actor, name="t")
    stranger = Caller(Client(headers={"host": host_of(beta.slug)}), {"Authorization": f"Bearer {secret}"})

    from tenants.context import within

    with within(None):
        assert _code(stranger.get("")) == (401, "token_invalid")


def test_a_session_writes_with_its_csrf_token_only(by_session: Callable[[Person], Caller], seller: Person) -> None:
    browser = by_session(seller)

    assert browser.get(LIST).status_code == 200
    assert _code(browser.call("POST", LIST, {"name": "甲"})) == (403, "csrf_failed")
    browser.client.cookies["csrftoken"] = "a" * 32
    assert browser.call("POST", LIST, {"name": "甲"}, X_CSRFToken="a" * 32).status_code == 201


@pytest.mark.req("BAS-03", part="a session that ended during an API save")
def test_an_ended_session_is_told_apart(by_session: Callable[[Person], Caller], seller: Person) -> None:
    browser = by_session(seller)
    from django.contrib.sessions.models import Session

    Session.objects.all().delete()
    browser.client.cookies["sessionid"] = "x" * 32

    assert _code(browser.call("POST", LIST, {"name": "甲"})) == (401, "session_expired")
    assert records_total() == 0


def test_too_many_calls_are_slowed_down(settings: Any, seller: Person, by_token: Callable[..., Caller]) -> None:
    settings.KEZHOU_API_RATE = 3
    throttling._counted.clear()
    program = by_token(seller)

    answers = [program.get(LIST) for _ in range(5)]

    assert sorted(response.status_code for response in answers) in (
        [200, 200, 200, 429, 429],
        [200, 200, 200, 200, 429],
    )
    assert answers[-1].json()["code"] == "too_many_requests"
    assert 1 <= int(answers[-1]["Retry-After"]) <= 61


def test_guessing_tokens_is_slowed_down(company: Current) -> None:
    codes = {caller(company, Authorization=f"Bearer kz_{n}").get("").status_code for n in range(45)}

    assert codes == {401, 429}


def test_the_page_makes_shows_once_and_revokes(seller: Person, by_session: Callable[[Person], Caller]) -> None:
    client = by_session(seller).client
    client.handler.enforce_csrf_checks = False

    made = client.post("/settings/tokens", {"name": "官网表单", "read_only": "on"}).content.decode()
    again = client.get("/settings/tokens").content.decode()
    secret = re.search(r'value="(kz_[\w-]+)"', made)
    assert secret is not None
    assert secret[1] not in again
    assert "官网表单" in again
    assert tokens.opened(secret[1])[0].member_pk == seller.pk

    pk = Token.objects.get().pk
    assert client.post(f"/settings/tokens/{pk}/revoke").status_code == 302
    with pytest.raises(tokens.TokenRefused):
        tokens.opened(secret[1])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "请给令牌起一个"),
        ({"name": "t", "expires_on": "2020-01-01"}, "已经过去"),
        ({"name": "t", "expires_on": "soon"}, "到期日应写成"),
    ],
)
def test_the_page_refuses_with_a_sentence_and_keeps_what_was_typed(
    seller: Person, by_session: Callable[[Person], Caller], typed: dict[str, str], said: str
) -> None:
    client = by_session(seller).client
    client.handler.enforce_csrf_checks = False

    refused = client.post("/settings/tokens", typed)

    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert f'value="{typed["name"]}"' in refused.content.decode()
    assert Token.objects.count() == 0


def test_members_make_and_see_only_their_own_tokens(
    seller: Person, member_factory: MemberFactory, by_session: Callable[[Person], Caller]
) -> None:
    boss = member_factory("admin", name="李总")
    view, _ = tokens.make(boss.actor, name="给周敏", member=seller.pk)
    tokens.make(boss.actor, name="自己的")

    assert [one.name for one in tokens.listed(seller.actor)] == ["给周敏"]
    assert [one.name for one in tokens.listed(boss.actor)] == ["自己的", "给周敏"]
    with pytest.raises(tokens.NotAllowed):
        tokens.make(seller.actor, name="t", member=boss.pk)
    own = next(one for one in tokens.listed(boss.actor) if one.name == "自己的")
    with pytest.raises(tokens.RecordNotFound):
        tokens.revoke(seller.actor, own.pk)
    assert view.member == seller.pk
    page = by_session(boss).client.get("/settings/tokens").content.decode()
    assert "周敏" in page


def test_the_docs_page_needs_nothing_from_outside(seller: Person, by_session: Callable[[Person], Caller]) -> None:
    client = by_session(seller).client

    page = client.get("/api/v1/docs")

    assert page.status_code == 200
    text = page.content.decode()
    assert "customers.customer" in text
    assert re.findall(r'(?:src|href)="https?://', text) == []

"""Signing up: addresses and codes, what is refused, what is kept, and the way into the new company (TEN-01, TEN-02)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from tenants import directory, handover, signups
from tenants.context import Current, control_plane, tenant
from tenants.models import Handover, PendingSignup
from tenants.provisioning import NewAdministrator, NewTenant, SlugTaken
from tenants.signups import (
    CodeExpired,
    NotVerified,
    Pending,
    TooManyTries,
    TooSoon,
    UnknownSignup,
    WrongAddress,
    WrongCode,
)

ADDRESS = "boss@gamma.example"


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch, database: None) -> Iterator[list[tuple[str, str]]]:
    """Codes as they were sent: (address, code)."""
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(signups, "_senders", {})
    for channel in ("email", "sms"):
        signups.register_sender(channel, lambda address, code: sent.append((address, code)))
    return sent  # type: ignore[return-value]  # read by the tests


def age(**changes: object) -> None:
    with control_plane():
        PendingSignup.objects.update(**changes)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def request(slug: str = "gamma") -> NewTenant:
    boss = NewAdministrator(
        name="王总", password_hash=make_password("a long password"), email=ADDRESS, verified=ADDRESS
    )
    return NewTenant(slug=slug, name="丙方旅行社", administrator=boss)


def test_an_address_is_proved_by_its_code(letters: list[tuple[str, str]]) -> None:
    begun = signups.start("email", " Boss@Gamma.example ")
    [(address, code)] = letters

    proved = signups.verify(begun.token, f" {code} ")

    assert (begun.address, begun.is_verified, address) == (ADDRESS, False, ADDRESS)
    assert len(code) == 6
    assert code.isdigit()
    assert (proved.is_verified, signups.verify(begun.token, "000000").is_verified) == (True, True)


def test_neither_code_nor_token_is_kept(letters: list[tuple[str, str]]) -> None:
    begun = signups.start("email", ADDRESS, origin="203.0.113.7")

    with control_plane():
        [row] = PendingSignup.objects.values()
    kept = " ".join(str(value) for value in row.values())
    assert begun.token not in kept
    assert letters[0][1] not in row["code_hash"]
    assert "203.0.113.7" not in kept


@pytest.mark.parametrize(
    ("channel", "typed", "kept"),
    [
        ("sms", "138 0013-8000", "13800138000"),
        ("sms", "+86 13800138000", "13800138000"),
        ("sms", "008613800138000", "13800138000"),
        ("email", "A.B@x.cn", "a.b@x.cn"),
    ],
)
def test_addresses_are_kept_in_one_form(letters: list[tuple[str, str]], channel: str, typed: str, kept: str) -> None:
    assert signups.start(channel, typed).address == kept


@pytest.mark.parametrize(
    ("channel", "typed"),
    [("email", "boss"), ("email", "boss@gamma"), ("email", ""), ("sms", "12345"), ("sms", "23800138000"), ("fax", "1")],
)
def test_a_wrong_address_is_refused(letters: list[tuple[str, str]], channel: str, typed: str) -> None:
    with pytest.raises(WrongAddress):
        signups.start(channel, typed)

    assert letters == []


def test_a_channel_that_is_not_configured_is_no_choice(
    letters: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signups, "_senders", {"email": print})

    assert signups.channels() == ("email",)
    with pytest.raises(WrongAddress, match="不能用这种方式"):
        signups.start("sms", "13800138000")


def test_five_wrong_codes_end_it_till_a_new_one_is_sent(letters: list[tuple[str, str]]) -> None:
    begun = signups.start("email", ADDRESS)
    code = letters[0][1]

    for left in (4, 3, 2, 1):
        with pytest.raises(WrongCode) as problem:
            signups.verify(begun.token, wrong(code))
        assert problem.value.tries_left == left
    for typed in (wrong(code), code):
        with pytest.raises(TooManyTries):
            signups.verify(begun.token, typed)
    age(code_sent_at=timezone.now() - timedelta(seconds=61))
    signups.resend(begun.token)

    assert signups.verify(begun.token, letters[1][1]).is_verified


def test_a_code_is_good_for_ten_minutes(letters: list[tuple[str, str]]) -> None:
    begun = signups.start("email", ADDRESS)
    age(code_sent_at=timezone.now() - timedelta(minutes=10, seconds=1))

    with pytest.raises(CodeExpired):
        signups.verify(begun.token, letters[0][1])


def test_an_old_code_is_void_after_a_new_one(letters: list[tuple[str, str]]) -> None:
    begun = signups.start("email", ADDRESS)
    age(code_sent_at=timezone.now() - timedelta(seconds=61))
    signups.resend(begun.token)

    with pytest.raises(WrongCode):
        signups.verify(begun.token, letters[0][1] if letters[0][1] != letters[1][1] else wrong(letters[1][1]))


def test_codes_are_rationed(letters: list[tuple[str, str]]) -> None:
    signups.start("email", ADDRESS, origin="203.0.113.7")
    with pytest.raises(TooSoon) as soon:
        signups.start("email", ADDRESS)
    age(code_sent_at=timezone.now() - timedelta(seconds=61), codes_sent=8)
    with pytest.raises(TooSoon, match="明天再试"):
        signups.start("email", ADDRESS)
    age(codes_sent=40)
    with pytest.raises(TooSoon, match="明天再试"):
        signups.start("email", "other@gamma.example", origin="203.0.113.7")

    assert 58 <= soon.value.seconds <= 60
    assert len(letters) == 1


def test_nothing_typed_is_lost_but_passwords_are_not_kept(letters: list[tuple[str, str]]) -> None:
    begun = signups.start("email", ADDRESS)

    signups.save_answers(begun.token, {"company": "丙方", "password": "secret", "password_again": "secret"})
    kept: Pending = signups.save_answers(begun.token, {"size": "50"})

    assert dict(kept.answers) == {"company": "丙方", "size": "50"}


def test_a_sign_up_is_forgotten_after_a_day(letters: list[tuple[str, str]]) -> None:
    begun = signups.start("email", ADDRESS)
    age(created_at=timezone.now() - timedelta(hours=24, seconds=1))

    with pytest.raises(UnknownSignup):
        signups.pending(begun.token)
    assert signups.delete_expired() == 1
    with control_plane():
        assert PendingSignup.objects.count() == 0


def test_without_a_proved_address_no_company_is_made(letters: list[tuple[str, str]]) -> None:
    begun = signups.start("email", ADDRESS)

    with pytest.raises(NotVerified):
        signups.complete(begun.token, request())
    assert directory.find_by_slug("gamma") is None


@pytest.mark.req("TEN-02", part="the administrator is signed in at the new company")
def test_the_administrator_comes_into_the_new_company_once(letters: list[tuple[str, str]], beta: Current) -> None:
    begun = signups.start("email", ADDRESS)
    signups.verify(begun.token, letters[0][1])

    made = signups.complete(begun.token, request(), next="/settings/plugins")

    with tenant(beta):
        assert handover.redeem(made.handover) is None
    with tenant(made.place):
        redeemed = handover.redeem(made.handover)
        assert redeemed is not None
        assert redeemed.next == "/settings/plugins"
        assert handover.redeem(made.handover) is None
    with pytest.raises(UnknownSignup):
        signups.pending(begun.token)


def test_a_taken_name_leaves_the_sign_up_as_it_is(letters: list[tuple[str, str]]) -> None:
    begun = signups.start("email", ADDRESS)
    signups.verify(begun.token, letters[0][1])

    with pytest.raises(SlugTaken):
        signups.complete(begun.token, request("alpha"))

    assert signups.pending(begun.token).is_verified
    assert signups.complete(begun.token, request()).place.slug == "gamma"


def test_a_hand_over_lasts_a_minute(in_alpha: Current) -> None:
    token = handover.issue(7, next="/r/customers.customer/")
    with control_plane():
        Handover.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert handover.redeem(token) is None
    assert handover.redeem("nonsense") is None


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "r/x", "/\\evil.example"]
)
def test_a_hand_over_never_leads_to_another_site(in_alpha: Current, path: str) -> None:
    with pytest.raises(ValueError, match="cannot go on to"):
        handover.issue(7, next=path)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("成都锦城商旅有限公司", "成都锦城商旅有限责任公司"),
        ("ABC 旅行社", "ａｂｃ旅行社"),
        ("锦城(成都)旅游公司", "锦城（成都）旅游"),
    ],
)
def test_a_company_that_exists_already_is_noticed(alpha: Current, one: str, other: str) -> None:
    from tenants.company import change_company

    with tenant(alpha):
        change_company(name=one)

    assert [company.slug for company in directory.companies_named(other)] == ["alpha"]
    assert directory.companies_named("另一家公司") == ()
    assert directory.companies_named("") == ()


def test_free_names_are_proposed(alpha: Current) -> None:
    assert directory.slug_ideas("Alpha") == ("alpha-crm", "alpha-cn")
    assert all(directory.slug_problem(idea) is None for idea in directory.slug_ideas("8 Days!"))

"""Parameters (CFG-06): default, range, history, and an effect each."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kezhou import assignments, notify, parameters, records
from kezhou.access import invitations, lockout
from kezhou.access.idle import BACKGROUND, SEEN
from kezhou.access.invitations import Invite
from kezhou.access.names import sign_in_name
from kezhou.access.passwords import password_problem
from kezhou.assignments import reminding
from kezhou.exchange import exports
from kezhou.exchange.models import ExportLog
from kezhou.jobs.running import take_up
from kezhou.notify import inbox
from kezhou.records import recycling
from kezhou.records.preferences import settings_of
from kezhou.records.spec import NotAllowed
from kezhou.testing.access import Person
from tenants.context import Current, tenant
from tests.backups import test_backups
from tests.drafts import test_drafts
from tests.files import test_attachments
from tests.portal import test_entering
from tests.search import test_measuring, test_ranking

ADDRESS = "/settings/parameters"
CUSTOMERS = "customers.customer"


@pytest.mark.req("CFG-06", part="default, range, history; parameters of what exists")
def test_a_change_acts_at_once_is_kept_with_its_history_and_can_be_taken_back(
    admin: Client, alpha: Current, beta: Current, administrator: Person
) -> None:
    page = admin.get(ADDRESS).content.decode()
    assert "默认 7 天，可填 1 到 60" in page
    assert "已改" not in page

    for raw in ("１４", "21"):
        admin.post(ADDRESS, {"key": "access.invitation_days", "value": raw, "do": "save"})
    with tenant(alpha):
        assert parameters.whole("access.invitation_days", administrator.actor) == 21
        history = parameters.history(administrator.actor)["access.invitation_days"]
        assert [(change.name, change.old, change.new) for change in history] == [
            ("周敏", "14 天", "21 天"),
            ("周敏", "7 天", "14 天"),
        ]
    assert "变更 2 次" in admin.get(ADDRESS).content.decode()
    admin.post(ADDRESS, {"key": "access.invitation_days", "do": "reset"})

    with tenant(alpha):
        assert parameters.whole("access.invitation_days") == 7
    with tenant(beta):
        assert parameters.values() == {}


@pytest.mark.parametrize(
    ("key", "raw", "sentence"),
    [
        ("access.tries", "2", "密码可以错几次不能小于 3，现在是 2。"),
        ("access.tries", "99", "密码可以错几次不能大于 20，现在是 99。"),
        ("access.tries", "4.5", "密码可以错几次应是整数，“4.5”不是。"),
        ("access.tries", "many", "“many”不是数字"),
        ("access.tries", "", "请填写密码可以错几次。"),
        ("lists.page_size", "7", "“7”不是列表每页行数的选项，可选：20、50、100。"),
        ("no.such", "7", "没有名为“no.such”的参数。"),
    ],
)
def test_a_refused_value_stays_in_its_place_with_the_sentence(
    admin: Client, alpha: Current, key: str, raw: str, sentence: str
) -> None:
    answer = admin.post(ADDRESS, {"key": key, "value": raw, "do": "save"})

    assert answer.status_code == 422
    with tenant(alpha):
        assert parameters.values() == {}
    if key != "no.such":
        assert sentence in answer.content.decode()
        assert f'value="{raw}"' in answer.content.decode() or key == "lists.page_size"


def test_only_administrators_change_parameters(seller: Client, alpha: Current, salesman: Person) -> None:
    assert seller.post(ADDRESS, {"key": "access.tries", "value": "9", "do": "save"}).status_code == 403
    with tenant(alpha), pytest.raises(NotAllowed):
        parameters.change(salesman.actor, "access.tries", "9")


def invitation_days(person: Person, seller: Client) -> Any:
    made = invitations.invite(person.actor, Invite(channel="link", name="新来的"))
    return round((made.expires_at - timezone.now()).total_seconds() / 86400)


def tries(person: Person, seller: Client) -> Any:
    name = sign_in_name("nobody@example.com")
    return [lockout.failed(name).left for _try in range(3)]


def locked_minutes(person: Person, seller: Client) -> Any:
    name = sign_in_name("nobody@example.com")
    while not (standing := lockout.failed(name)).locked_until:
        pass
    return standing.minutes


def password_length(person: Person, seller: Client) -> Any:
    return password_problem("a1b2c3d4e") is None


def remember_days(person: Person, seller: Client) -> Any:
    browser = Client(SERVER_NAME="alpha.localhost")
    browser.post("/account/sign-in", {"login": person.username, "password": person.password, "remember": "1"})
    return round(browser.session.get_expiry_age() / 86400)


def idle_minutes(person: Person, seller: Client) -> Any:
    seller.get("/")
    session = seller.session
    if SEEN in session:
        session[SEEN] -= 31 * 60
        session.save()
    return seller.get("/", headers={BACKGROUND: "1"}).status_code


def page_size(person: Person, seller: Client) -> Any:
    return settings_of(person.actor, CUSTOMERS).size


def quiet_days(person: Person, seller: Client) -> Any:
    html = seller.get(f"/r/{CUSTOMERS}/?chips=quiet").content.decode()
    return re.findall(r"(\d+) 天没有改动", html)[0]


def lead_days(person: Person, seller: Client) -> Any:
    (pk,) = records.save(person.actor, CUSTOMERS, [{"name": "要回访的公司"}]).demand().pks
    due = timezone.localdate() + timedelta(days=3)
    assignments.assign(person.actor, CUSTOMERS, [pk], member=person.pk, due=due)
    told = reminding.remind(), reminding.remind()
    return told, [notify.told(person.actor, notice) for notice in inbox.inbox(person.actor, "reminder").notices] == [
        f"指派给你的事情 {due} 到期"
    ]


def recycle_days(person: Person, seller: Client) -> Any:
    made = records.save(person.actor, CUSTOMERS, [{"name": "要删的公司"}]).demand().pks
    records.delete(person.actor, CUSTOMERS, made)
    assert recycling.empty_old() == 0
    return recycling.empty_old(timezone.now() + timedelta(days=31))


def export_days(person: Person, seller: Client) -> Any:
    job = exports.start(person.actor, CUSTOMERS, columns=("name",))
    take_up(job.pk)
    log = ExportLog.objects.get()
    assert log.expires_at is not None
    return round((log.expires_at - timezone.now()).total_seconds() / 86400)


Effect = Callable[[Person, Client], Any]
EFFECTS: dict[str, tuple[Effect, str, Any, Any]] = {
    "access.invitation_days": (invitation_days, "30", 7, 30),
    "access.tries": (tries, "4", [4, 3, 2], [3, 2, 1]),
    "access.locked_minutes": (locked_minutes, "60", 15, 60),
    "access.password_length": (password_length, "12", True, False),
    "access.remember_days": (remember_days, "30", 7, 30),
    "access.idle_minutes": (idle_minutes, "30", 200, 302),
    "exchange.export_days": (export_days, "30", 7, 30),
    "assignments.lead_days": (lead_days, "3", ((0, 0), False), ((1, 0), True)),
    "lists.quiet_days": (quiet_days, "90", "30", "90"),
    "lists.page_size": (page_size, "100", 50, 100),
    "records.recycle_days": (recycle_days, "30", 0, 1),
}
"""For every parameter what shows its effect, another value, and what is seen by default and with that value."""


ELSEWHERE = {
    "backups.every": test_backups.test_a_backup_is_made_checked_listed_downloaded_scheduled_and_forgotten,
    "backups.kept": test_backups.test_a_backup_is_made_checked_listed_downloaded_scheduled_and_forgotten,
    "portal.act_days": test_entering.test_what_was_done_is_forgotten_in_time,
    "files.largest": test_attachments.test_the_largest_file_is_what_the_company_says,
    "files.bin_days": test_attachments.test_what_was_in_the_bin_too_long_or_lost_its_record_goes,
    "records.draft_days": test_drafts.test_old_drafts_go,
    "search.keep_days": test_measuring.test_searches_are_forgotten_in_time_and_not_noted_at_all_where_none_are_kept,
    "search.slow": test_measuring.test_an_administrator_sees_what_is_searched_for,
    **dict.fromkeys(
        test_ranking.PARAMETERS,
        test_ranking.test_lately_changed_important_and_own_records_stand_before_others_as_far_as_the_company_wants,
    ),
}
"""Parameters whose effect is proved beside what they govern, each with its test."""


@pytest.mark.req("CFG-06", part="every parameter has an effect")
@pytest.mark.parametrize("key", sorted(EFFECTS))
@pytest.mark.parametrize("changed", [False, True], ids=["default", "changed"])
def test_every_parameter_has_an_effect(
    alpha: Current, administrator: Person, seller: Client, customers_on: None, key: str, changed: bool
) -> None:
    effect, other, by_default, with_other = EFFECTS[key]

    with tenant(alpha):
        if changed:
            parameters.change(administrator.actor, key, other)
        seen = effect(administrator, seller)

    assert seen == (with_other if changed else by_default)


def test_no_parameter_is_without_its_proof() -> None:
    assert set(parameters.declared()) == {*EFFECTS, *ELSEWHERE}
    assert not set(EFFECTS) & set(ELSEWHERE)

"""Operators in a company (TEN-05): nothing without its consent; with it looking only, masked, every page written down."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from billing.models import Subscription
from kezhou import comments, records
from kezhou.access.models import Account, Visit
from kezhou.access.visiting import VisitRights, _bare
from kezhou.entrances import STAFF
from kezhou.files import attachments
from kezhou.pages import routes
from kezhou.records import fields_for, shape
from kezhou.records.catalogue import shaped
from kezhou.records.spec import Level, Purpose
from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants import consents, directory, provisioning
from tenants.context import Current, control_plane, tenant
from tenants.models import Consent
from tests.matrix.world import TYPE, Call, calls, footprint, send

PHONE = "13880001234"


@pytest.fixture
def boss(alpha: Current, plugins_on: Callable[..., None], member_factory: MemberFactory) -> Person:
    with tenant(alpha):
        plugins_on("customers", "sales")
        return member_factory("admin", name="周敏", username="boss")


@pytest.fixture
def record(alpha: Current, boss: Person) -> int:
    """A customer with a contact, a comment and a file."""
    with tenant(alpha):
        pk = records.save(boss.actor, TYPE, [{"name": "川西能源集团有限公司", "phone": PHONE}]).demand().pk
        contact = {"name": "赵一鸣", "mobile": PHONE, "customer": pk}
        records.save(boss.actor, "customers.contact", [contact]).demand()
        comments.write(boss.actor, TYPE, pk, "这条评论可以看")
        attachments.attach(boss.actor, TYPE, pk, "合同.txt", BytesIO("机密".encode()))
    return pk


@pytest.fixture
def operator(member_factory: MemberFactory, sign_in: SignIn, database: None, cache: None) -> Client:
    """An operator at the console."""
    with tenant(provisioning.ensure_ops()):
        person = member_factory("admin", name="林运营", username="ops-lin")
    return sign_in(Client(), person)


def give(admin: Client) -> None:
    answer = admin.post("/settings/consent", {"hours": "4", "reason": "查导入为什么慢"})
    assert answer.status_code == 302


def enter(operator: Client, place: Current) -> tuple[int, Client]:
    """Press 只读进入; the status, and the operator's browser at the company's host."""
    pressed = operator.post(f"/ops/companies/{place.pk}", {"do": "look"})
    visitor = Client(HTTP_HOST="alpha.localhost")
    if pressed.status_code == 302:
        visitor.get(pressed["Location"].partition("localhost")[2].partition("/")[2].join(("/", "")))
    return pressed.status_code, visitor


def refusals(call: Call) -> set[int]:
    """How a call is refused; what lies behind an entrance that the company has not opened is not there."""
    return {401, 403} if call.route.entrance is STAFF else {401, 403, 404}


@pytest.mark.req("TEN-05", part="consent")
def test_without_consent_there_is_no_way_in(
    alpha: Current, boss: Person, record: int, operator: Client, sign_in: SignIn
) -> None:
    status, visitor = enter(operator, alpha)
    operator.defaults["HTTP_HOST"] = "alpha.localhost"
    opened = [
        str(call)
        for call in calls({"type_key": TYPE, "pk": record, "key": "name", "name": "sales"})
        for client in (visitor, operator)
        if call.route.access.kind != "public" and send(client, call) not in {302, *refusals(call)}
    ]

    assert status == 422
    assert opened == []


@pytest.mark.req("TEN-05", part="consent, logged")
def test_with_consent_every_route_is_looking_or_refused_and_is_written_down(
    alpha: Current, boss: Person, record: int, operator: Client, sign_in: SignIn
) -> None:
    admin = sign_in(Client(), boss)
    give(admin)
    status, visitor = enter(operator, alpha)
    before = footprint(alpha)
    wrong, looked = [], []
    for call in calls({"type_key": TYPE, "pk": record, "key": "name", "name": "sales"}):
        if call.route.access.kind == "public":
            continue
        answer = send(visitor, call)
        if call.route.visitors and call.method == "GET":
            looked.append(call.path)
            wrong += [f"{call}: {answer}"] if answer not in {200, 302, 400, 404} else []
        elif answer not in refusals(call):
            wrong.append(f"{call}: {answer}")

    with tenant(alpha):
        written = list(Visit.objects.order_by("pk").values_list("visitor", "path"))
    assert status == 302
    assert wrong == []
    assert footprint(alpha) == before
    assert written == [("林运营", "/visit"), *(("林运营", path) for path in looked)] or written == [
        ("林运营", path) for path in looked
    ]
    assert len(looked) == sum(route.visitors for route in routes())
    log = admin.get("/settings/consent").content.decode()
    assert f"/settings/consent/{consent_pk()}" in log
    assert f"/r/{TYPE}/{record}" in admin.get(f"/settings/consent/{consent_pk()}").content.decode()


def consent_pk() -> int:
    with control_plane():
        return Consent.objects.get().pk


@pytest.mark.req("TEN-05", part="consent")
def test_what_is_looked_at_is_masked_and_offers_nothing_to_change(
    alpha: Current, boss: Person, record: int, operator: Client, sign_in: SignIn
) -> None:
    give(sign_in(Client(), boss))
    _status, visitor = enter(operator, alpha)

    pages = {
        path: visitor.get(path).content.decode()
        for path in (
            "/visit",
            f"/r/{TYPE}/",
            f"/r/{TYPE}/{record}",
            f"/r/{TYPE}/{record}/stream",
            "/r/customers.contact/",
        )
    }

    assert "川西能源集团有限公司" in pages[f"/r/{TYPE}/"]
    assert "川西能源集团有限公司" in pages[f"/r/{TYPE}/{record}"]
    assert [path for path, text in pages.items() if PHONE in text or "138 8000 1234" in text] == []

    for path in ("/visit", f"/r/{TYPE}/", f"/r/{TYPE}/{record}"):
        assert "运营方 林运营，只读，每一页都有记录" in pages[path]
        for offer in ("data-quick", "/edit", "/settings/", 'method="post" action="/r/'):
            assert offer not in pages[path], (path, offer)
        links = set(re.findall(r'(?:href|hx-get|data-load)="(/[^"#]*)"', pages[path])) - {"/r/TYPE/filter-fields"}
        closed = {
            link
            for link in links
            if not link.startswith("/static/") and visitor.get(unescape(link), follow=True).status_code != 200
        }
        assert closed == set(), path
    assert visitor.get(f"/r/{TYPE}/{record}/files/1").status_code == 403


@pytest.mark.req("TEN-05", part="consent")
def test_no_personal_or_confidential_field_of_any_type_is_open(alpha: Current, boss: Person, record: int) -> None:
    with tenant(directory.find_by_slug("alpha")):  # type: ignore[arg-type]
        rights = VisitRights({TYPE: frozenset({"remark"})}, shape.version(boss.actor))
        actor = _bare(rights)
        open_ones = [
            f"{key}.{one.key}"
            for key, spec in shaped(actor).types.items()
            for one in fields_for(key, actor, Purpose.READ)
            if (one.personal or one.kind.holds_files or (key, one.key) == (TYPE, "remark"))
            and one.level is not Level.MASK
        ]
        operations = {name for spec in records.types(actor).values() for name in spec.operations}

    assert open_ones == []
    assert operations == {"read"}


@pytest.mark.req("TEN-05", part="time-limited")
@pytest.mark.parametrize("how", ["taken back", "over", "no operator any more"])
def test_the_end_cuts_at_once(
    alpha: Current, boss: Person, record: int, operator: Client, sign_in: SignIn, how: str
) -> None:
    admin = sign_in(Client(), boss)
    give(admin)
    _status, visitor = enter(operator, alpha)
    before = visitor.get(f"/r/{TYPE}/").status_code

    if how == "taken back":
        admin.post("/settings/consent", {"do": "take-back"})
    elif how == "no operator any more":
        with tenant(provisioning.ensure_ops()):
            Account.objects.filter(username="ops-lin").update(is_active=False)
    else:
        with control_plane():
            Consent.objects.update(until=timezone.now() - timedelta(seconds=1))
    cut = visitor.get(f"/r/{TYPE}/")
    again, _nobody = enter(operator, alpha)

    assert before == 200
    assert cut.status_code == 403
    gone = how == "no operator any more"
    assert ("不再是运营人员" if gone else "授权已到期或已收回") in cut.content.decode()
    assert visitor.get(f"/r/{TYPE}/").status_code == 302
    assert again == (401 if gone else 422)
    if not gone:
        give(admin)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"hours": "0", "reason": "查一查"}, "授权时间要在 1 到 72 小时之间。"),
        ({"hours": "999", "reason": "查一查"}, "授权时间要在 1 到 72 小时之间。"),
        ({"hours": "一", "reason": "查一查"}, "授权时间要在 1 到 72 小时之间。"),
        ({"hours": "4", "reason": ""}, "请写明原因"),
        ({"hours": "4", "reason": "查\u202e查"}, "请写明原因"),
    ],
)  # fmt: skip
def test_a_consent_needs_hours_and_a_reason(
    alpha: Current, boss: Person, sign_in: SignIn, values: dict[str, Any], sentence: str
) -> None:
    refused = sign_in(Client(), boss).post("/settings/consent", values)

    assert (refused.status_code, sentence in refused.content.decode()) == (422, True)


def test_one_consent_at_a_time_and_another_company_has_none(
    alpha: Current, beta: Current, boss: Person, record: int
) -> None:
    with tenant(alpha):
        given = consents.give(hours=1, reason="查一查", by="周敏")
        with pytest.raises(ValueError, match="现在已有一份授权"):
            consents.give(hours=1, reason="再查", by="周敏")
    with tenant(beta):
        assert consents.open_until(given.pk) is None
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM access_visit")
            assert cursor.fetchone()[0] == 0
    assert consents.open_of(beta.pk) is None


@pytest.mark.req("TEN-05")
def test_operators_see_and_steer_companies_and_look_into_one_only_while_it_lets_them(
    alpha: Current, boss: Person, record: int, operator: Client, sign_in: SignIn
) -> None:
    admin = sign_in(Client(), boss)
    with tenant(alpha):
        Account.objects.filter(pk=boss.account_pk).update(last_login=timezone.now())
    with control_plane():
        Subscription.objects.filter(tenant_id=alpha.pk).update(paid_until=timezone.now() + timedelta(days=9, hours=1))
    here = f"/ops/companies/{alpha.pk}"

    listed, one = (operator.get(path).content.decode() for path in ("/ops/companies", here))
    states = []
    until = (timezone.localdate() + timedelta(days=60)).isoformat()
    for deed in ({"do": "suspend", "why": "查一查"}, {"do": "reopen"}, {"do": "extend", "until": until}):
        operator.post(here, deed)
        states.append(directory.find_by_pk(alpha.pk).state)  # type: ignore[union-attr]
    closed, _nobody = enter(operator, alpha)
    give(admin)
    opened, visitor = enter(operator, alpha)
    looked = visitor.get(f"/r/{TYPE}/{record}").content.decode()
    written = admin.get(f"/settings/consent/{consent_pk()}").content.decode()
    admin.post("/settings/consent", {"do": "take-back"})

    today = f"{timezone.localdate():%Y-%m-%d}"
    for words in (alpha.name, "正式", "免费版", "1 / 10", "1 MB", "还剩 9 天", today):
        assert words in listed, words
    assert all(words in one for words in ("模块", "客户", "销售", today))
    assert states == ["suspended", "active", "active"]
    assert until in operator.get(here).content.decode()
    assert "川西能源" not in listed + one + operator.get("/ops/health").content.decode()
    assert (closed, opened, "川西能源集团有限公司" in looked) == (422, 302, True)
    assert [number for number in (PHONE, "138 8000 1234") if number in looked] == []
    assert f"/r/{TYPE}/{record}" in written
    assert "林运营" in written
    assert visitor.get(f"/r/{TYPE}/{record}").status_code == 403

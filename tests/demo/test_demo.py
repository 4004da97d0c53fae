"""The demo company: made once, kept fresh, removed for good."""

from datetime import date, timedelta

import pytest
from django.conf import settings

from kezhou import demo, records
from kezhou.access.actor import System
from kezhou.access.models import Invitation
from tenants.context import tenant
from tenants.directory import find_by_slug

pytestmark = pytest.mark.committed


@pytest.fixture(autouse=True)
def home(database: None, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(settings, "KEZHOU_HOME", tmp_path)


def test_it_is_made_with_people_customers_contacts_and_opportunities(mailoutbox) -> None:  # type: ignore[no-untyped-def]
    logins = demo.ensure()

    assert [(login.title, login.login) for login in logins or ()][:4] == [
        ("管理员", "admin"), ("主管", "manager"), ("销售", "sales"), ("客服", "service"),
    ]  # fmt: skip
    assert [(login.title, login.address) for login in logins or ()][4:] == [
        ("客户门户", f"http://demo.localhost:{settings.KEZHOU_PORT}/portal/")
    ]
    assert mailoutbox == []
    place = find_by_slug("demo")
    assert place is not None
    with tenant(place):
        assert Invitation.objects.count() == 0
        system = System("test")
        counted = {key: records.query(system, key).count() for key in ("customers.customer", "core.member")}
        assert counted == {"customers.customer": 120, "core.member": 4}
        assert records.query(system, "customers.contact").count() > 120
        assert records.query(system, "sales.opportunity").count() > 40


DATED = {
    "sales.opportunity": "expected_on", "meetings.order": "starts_on", "meetings.booking": "starts_at",
    "meetings.agenda": "ends_at", "meetings.preparation": "due_on", "meetings.payment": "paid_on",
}  # fmt: skip


def dated(system: System) -> dict[tuple[str, int], date]:
    """A day or moment of every row of these types, finished meetings and what stands inside them included."""
    rows = ((key, records.query(system, key).values_list("pk", field)) for key, field in DATED.items())
    return {(key, pk): day for key, found in rows for pk, day in found if day is not None}


def test_a_second_start_gives_the_same_logins_and_moves_untouched_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    first = demo.ensure()
    place = find_by_slug("demo")
    assert place is not None
    with tenant(place):
        system = System("test")
        before = dated(system)
        assert len(before) > 100
    later = date.today() + timedelta(days=9)
    monkeypatch.setattr(demo.timezone, "localdate", lambda: later)

    second = demo.ensure()

    assert second == first
    with tenant(place):
        after = dated(system)
    assert after == {place: day + timedelta(days=9) for place, day in before.items()}


def test_only_its_administrator_removes_it_and_it_stays_away(member_factory) -> None:  # type: ignore[no-untyped-def]
    demo.ensure()
    place = find_by_slug("demo")
    assert place is not None
    with tenant(place):
        with pytest.raises(demo.DemoProblem):
            demo.remove(member_factory(role="sales").actor)
        demo.remove(member_factory(role="admin").actor)

    assert find_by_slug("demo") is None
    assert demo.ensure() is None

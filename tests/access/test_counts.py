"""What must not grow with the company, and what two may not take at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from billing.plans import subscribe
from kezhou import records
from kezhou.access import invitations
from kezhou.access.actor import System
from kezhou.access.entitlements import NotEntitled, used
from tenants.context import current, tenant
from tenants.directory import find_by_slug


@pytest.mark.parametrize(
    "path", ["/settings/members", "/settings/departments", "/settings/roles/{role}", "/settings/members/{admin}"]
)
def test_pages_ask_as_often_for_three_members_as_for_thirty(alpha, admin, admin_client, path):
    from kezhou.access.roles import role_pk

    with tenant(alpha):
        address = path.format(role=role_pk("sales"), admin=admin.pk)

    def asked(more):
        with tenant(alpha):
            rows = [{"name": f"成员{number}"} for number in range(more)]
            records.save(System("a test"), "core.member", rows, twins="allow").demand()
        admin_client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(address).status_code == 200
        return len(captured)

    few, many = asked(2), asked(27)

    assert few == many
    assert many <= 16


@pytest.mark.committed
def test_two_who_take_the_last_seat_at_once(alpha, member_factory):
    with tenant(alpha):
        admin = member_factory("admin")
        for _seat in range(8):
            member_factory("sales")
        actor = admin.actor
        assert used("seats") == 9
    gate = Barrier(2)

    def take(number):
        try:
            with tenant(alpha):
                gate.wait()
                wanted = invitations.Invite(channel="link", name=f"抢座 {number}")
                return invitations.invite(actor, wanted).member_pk
        except NotEntitled:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(take, (1, 2)))

    assert taken.count(None) == 1
    with tenant(alpha):
        assert used("seats") == 10


def test_a_larger_plan_opens_further_seats_at_once(in_alpha, admin):
    actor = admin.actor
    subscribe(current().pk, "company")
    place = find_by_slug("alpha")
    assert place is not None

    assert (place.entitlements["seats"], actor.is_admin) == (None, True)

"""Deactivating a member and handing over the records (ORG-11, ORG-12)."""

import pytest
from django.test import Client, TestCase

from kezhou import records
from kezhou.access import handing_over, members, roles
from kezhou.access.actor import System
from kezhou.access.actors import actor_for
from kezhou.access.entitlements import used
from kezhou.access.members import MemberProblem
from kezhou.access.models import MemberState
from kezhou.access.roles import RoleError
from kezhou.jobs.models import Job
from kezhou.testing.access import PASSWORD
from tenants.context import tenant

SYSTEM = System("a test looks at everything")


@pytest.fixture
def actor(in_alpha, admin):
    return admin.actor


@pytest.fixture
def leaver(actor, plugins_on, member_factory):
    """A salesperson with three customers, each with a contact."""
    plugins_on("customers")
    person = member_factory("sales", name="吴昊", username="wuhao")
    for name in ("云南远行", "重庆山城", "成都锦里"):
        pk = records.save(SYSTEM, "customers.customer", [{"name": name, "owner": person.pk}]).pk
        records.save(SYSTEM, "customers.contact", [{"name": "张总", "customer": pk, "owner": person.pk}]).demand()
    return person


def run_jobs(action):
    """Do something and run the jobs that it put off until the commit."""
    from kezhou.celery import app

    app.conf.task_always_eager = True
    try:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return action()
    finally:
        app.conf.task_always_eager = False


def owned(person):
    return {holding.type: holding.count for holding in handing_over.holdings(person.pk)}


def test_what_a_member_owns_is_counted_by_type(leaver):
    assert owned(leaver) == {"customers.customer": 3, "customers.contact": 3}


def test_without_a_successor_it_is_refused_while_records_are_owned(actor, leaver):
    with pytest.raises(MemberProblem, match="名下还有 6 条记录"):
        members.deactivate(actor, leaver.pk, successor_pk=None)

    assert members.member(leaver.pk).state == MemberState.ACTIVE
    assert actor_for(leaver.pk) is not None


def test_deactivation_ends_logins_frees_the_seat_and_hands_everything_over(actor, leaver, member_factory, sign_in):
    heir = member_factory("sales", name="孙悦")
    browser = sign_in(Client(), leaver)
    assert browser.get("/session").status_code == 204
    seats = used("seats")

    job = run_jobs(lambda: members.deactivate(actor, leaver.pk, successor_pk=heir.pk))

    assert browser.get("/session").status_code == 401
    assert used("seats") == seats - 1
    assert actor_for(leaver.pk) is None
    assert owned(leaver) == {}
    assert owned(heir) == {"customers.customer": 3, "customers.contact": 3}
    done = Job.objects.get(pk=job)
    assert (done.state, done.result) == (Job.State.DONE, {"moved": 6, "skipped": 0})
    (first, *_others) = records.query(SYSTEM, "customers.customer")
    (change, *_rest) = records.history(SYSTEM, "customers.customer", first.pk)
    assert [(field.field.key, field.old, field.new) for field in change.fields] == [("owner", leaver.pk, heir.pk)]
    wrong = Client(HTTP_HOST="alpha.localhost").post("/account/sign-in", {"login": "wuhao", "password": PASSWORD})
    assert wrong.status_code == 422


def test_the_page_asks_who_takes_over_and_shows_the_job(alpha, admin_client, leaver, member_factory):
    with tenant(alpha):
        heir = member_factory("sales", name="孙悦")

    page = admin_client.get(f"/settings/members/{leaver.pk}").content.decode()
    refused = admin_client.post(f"/settings/members/{leaver.pk}/deactivate", {"successor": ""})
    done = admin_client.post(f"/settings/members/{leaver.pk}/deactivate", {"successor": heir.pk})

    assert f'<option value="{heir.pk}">孙悦' in page
    assert refused.status_code == 422
    assert "名下还有 6 条记录" in refused.content.decode()
    assert done["Location"] == f"/settings/members/{leaver.pk}"


def test_one_cannot_deactivate_oneself(actor, admin):
    with pytest.raises(MemberProblem, match="不能停用自己"):
        members.deactivate(actor, admin.pk, successor_pk=None)


def test_the_successor_must_be_somebody_else_in_office(actor, leaver):
    waiting = records.save(actor, "core.member", [{"name": "未邀请的人"}]).pk

    with pytest.raises(MemberProblem, match="不能是被停用的人自己"):
        members.deactivate(actor, leaver.pk, successor_pk=leaver.pk)
    with pytest.raises(MemberProblem, match="在职成员"):
        members.deactivate(actor, leaver.pk, successor_pk=waiting)


def test_there_is_always_an_administrator(actor, admin, member_factory):
    with pytest.raises(RoleError, match="没有管理员"):
        roles.set_roles(admin.pk, [roles.role_pk("sales")])
    other = member_factory("admin")

    members.deactivate(actor, other.pk, successor_pk=None)

    assert roles.administrators() == (admin.pk,)
    with pytest.raises(RoleError, match="没有管理员"):
        roles.set_roles(admin.pk, [])


def test_who_comes_back_signs_in_as_before(actor, leaver, member_factory):
    heir = member_factory("sales")
    run_jobs(lambda: members.deactivate(actor, leaver.pk, successor_pk=heir.pk))

    members.reactivate(actor, leaver.pk)

    client = Client(HTTP_HOST="alpha.localhost")
    assert client.post("/account/sign-in", {"login": "wuhao", "password": PASSWORD}).status_code == 302
    assert owned(leaver) == {}


def test_deactivating_an_invited_member_revokes_the_invitation(actor):
    from kezhou.access import invitations

    invited = invitations.invite(actor, invitations.Invite(channel="link", name="孙悦"))

    members.deactivate(actor, invited.member_pk, successor_pk=None)

    assert members.member(invited.member_pk).state == MemberState.OFF
    assert "撤回" in invitations.guest(invited.link.rsplit("/", 1)[1]).problem


def test_the_state_is_no_field_that_people_write(actor, leaver):
    result = records.save(actor, "core.member", [{"pk": leaver.pk, "state": "off"}])

    assert [problem.code for problem in result.problems] == ["not_allowed"]
    assert members.member(leaver.pk).state == MemberState.ACTIVE


def test_a_member_with_an_account_is_not_deleted(actor, admin, leaver):
    waiting = records.save(actor, "core.member", [{"name": "写错的人"}]).pk

    kept = records.delete(actor, "core.member", [admin.pk])
    gone = records.delete(actor, "core.member", [waiting])

    assert [problem.sentence for problem in kept.problems] == ["“钱总”有账号或邀请，不能删除。请在“机构与成员”里停用。"]
    assert (kept.pks, gone.pks) == ((), (waiting,))
    assert roles.administrators() == (admin.pk,)

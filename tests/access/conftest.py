"""Shared by the tests of access."""

import pytest
from django.test import Client, TestCase

from tenants.context import tenant


@pytest.fixture
def admin(alpha, member_factory):
    """An administrator of alpha."""
    with tenant(alpha):
        return member_factory("admin", name="钱总", username="boss")


@pytest.fixture
def admin_client(admin, sign_in):
    """A browser in which the administrator is signed in."""
    return sign_in(Client(), admin)


@pytest.fixture
def letters_of(settings, mailoutbox):
    """Run what was put off until the commit, tasks at once, and give the letters that went out."""
    from kezhou.celery import app

    app.conf.task_always_eager = True

    def after(action):
        before = len(mailoutbox)
        with TestCase.captureOnCommitCallbacks(execute=True):
            action()
        return mailoutbox[before:]

    yield after
    app.conf.task_always_eager = False

"""Find my company: a letter lists the companies of an address; the page tells nobody whether there are any."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from kezhou.celery import app
from kezhou.testing.access import MemberFactory
from tenants.context import Current, tenant

ADDRESS = "zhoumin@example.com"


@pytest.fixture
def at_once() -> Iterator[None]:
    """Tasks run where they are sent."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def member_of_both(alpha: Current, beta: Current, member_factory: MemberFactory) -> None:
    for place in (alpha, beta):
        with tenant(place):
            member_factory(role="sales", email=ADDRESS)


@pytest.mark.committed
def test_the_letter_lists_every_company_of_the_address(
    site: Client, member_of_both: None, at_once: None, mailoutbox: list[EmailMessage]
) -> None:
    answer = site.post("/find", {"address": " ZhouMin@example.com "})

    assert answer.status_code == 200
    assert [letter.to for letter in mailoutbox] == [[ADDRESS]]
    text = mailoutbox[0].body
    assert "甲方旅行社有限公司  http://alpha.localhost:8000/account/sign-in" in text
    assert "乙方商务服务有限公司  http://beta.localhost:8000/account/sign-in" in text


@pytest.mark.committed
def test_the_page_answers_an_unknown_address_alike_and_sends_nothing(
    site: Client, member_of_both: None, at_once: None, mailoutbox: list[EmailMessage]
) -> None:
    known = site.post("/find", {"address": ADDRESS}).content.decode()
    letters = len(mailoutbox)

    unknown = site.post("/find", {"address": "nobody@example.com"}).content.decode()

    assert _plain(unknown).replace("nobody@example.com", ADDRESS) == _plain(known)
    assert len(mailoutbox) == letters == 1


def _plain(page: str) -> str:
    """The page without the token that differs in every answer."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


@pytest.mark.committed
def test_the_same_address_is_written_to_once_in_ten_minutes(
    site: Client, member_of_both: None, at_once: None, mailoutbox: list[EmailMessage]
) -> None:
    for _time in range(3):
        site.post("/find", {"address": ADDRESS})

    assert len(mailoutbox) == 1


def test_what_is_no_address_is_refused_and_kept(site: Client) -> None:
    answer = site.post("/find", {"address": "zhoumin@"})

    assert answer.status_code == 422
    assert "“zhoumin@”不像邮箱，请检查有没有写错。" in answer.content.decode()
    assert 'value="zhoumin@"' in answer.content.decode()

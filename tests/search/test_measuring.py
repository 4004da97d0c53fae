"""What was searched for is noted, reported to administrators, shown to the person again, and forgotten in time (SRH-05)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kezhou import parameters
from kezhou.finding import SearchRequest, measuring, noting
from kezhou.finding.models import Asked
from kezhou.finding.noting import Note, Notebook
from kezhou.records.spec import NotAllowed
from kezhou.testing.access import MemberFactory, SignIn
from search import freshness, keeping
from search.engines import engine
from tenants.context import current, tenant, within
from tests.search import staff
from tests.search.staff import CUSTOMER, SYSTEM

pytestmark = pytest.mark.usefixtures("company")
REPORT = "/settings/search/report"


def _indexed() -> None:
    keeping.rebuild(engine())
    freshness.beat(engine(), 0.0)


def _lines(html: str) -> list[tuple[str, ...]]:
    rows = re.findall(r"<tr><td><a [^>]*>(.*?)</a></td>(.*?)</tr>", html)
    return [(text, *re.findall(r'kz-num[^"]*">(\d+)</td>', rest)[:3]) for text, rest in rows]


def _figures(html: str) -> dict[str, int]:
    return {name: int(value) for name, value in re.findall(r'data-figure="(\w+)">(\d+)<', html)}


@pytest.mark.req("SRH-05", part="report of frequent, unsuccessful and slow searches")
def test_an_administrator_sees_what_is_searched_for(member_factory: MemberFactory, sign_in: SignIn) -> None:
    boss, seller = member_factory("admin", name="周敏"), member_factory("manager", name="李思源")
    for name in ("川西能源", "川西旅游"):
        staff.saved(CUSTOMER, name=name, owner=seller.pk)
    _indexed()
    one, two = sign_in(Client(), boss), sign_in(Client(), seller)
    for client, text in ((one, "川西"), (two, "川西"), (two, "南极"), (two, "川西")):
        client.get("/search", {"q": text})
    one.get("/search", {"q": "川西", "page": 1, "kind": CUSTOMER})
    one.get("/palette", {"q": "川", "results": ""})
    Asked.objects.update(milliseconds=5)
    Asked.objects.filter(text="南极").update(milliseconds=900)
    Asked.objects.create(at=timezone.now() - timedelta(days=60), text="去年", hits=3, milliseconds=1, kinds={})

    html = one.get(REPORT).content.decode()
    assert _figures(html) == {"searches": 5, "people": 2, "in_vain": 1, "slow": 1}
    assert _lines(html) == [("川西", "4", "2", "2"), ("南极", "1", "1", "0")]
    assert '客户 <b class="kz-num">8</b>' in html
    assert _lines(one.get(REPORT, {"show": "in_vain"}).content.decode()) == [("南极", "1", "1", "0")]
    assert _lines(one.get(REPORT, {"show": "slow"}).content.decode()) == [("南极", "1", "1", "0")]
    assert ("去年", "1", "0", "3") in _lines(one.get(REPORT, {"days": "180"}).content.decode())
    assert two.get(REPORT).status_code == 403
    with pytest.raises(NotAllowed):
        measuring.totals(seller.actor, timezone.now(), timezone.now())


@pytest.mark.req("SRH-05", part="kept as long as the company says")
def test_searches_are_forgotten_in_time_and_not_noted_at_all_where_none_are_kept() -> None:
    _indexed()
    person = staff.member("罗欣", "admin")
    for text in ("一", "二", "一"):
        measuring.ask(person, SearchRequest(text))
    assert measuring.recent(person) == ("一", "二")
    Asked.objects.filter(text="二").update(at=timezone.now() - timedelta(days=181))
    assert (measuring.forget(), measuring.recent(person)) == (1, ("一",))

    measuring.forget_recent(person)
    assert (measuring.recent(person), Asked.objects.count()) == ((), 2)
    parameters.change(SYSTEM, measuring.KEEP_DAYS, "0")
    measuring.ask(staff.again(person), SearchRequest("三"))
    assert (measuring.recent(person), measuring.forget(), Asked.objects.count()) == ((), 2, 0)


def test_a_person_sees_the_own_last_searches_and_may_empty_them(member_factory: MemberFactory, sign_in: SignIn) -> None:
    _indexed()
    one = sign_in(Client(), member_factory("manager", name="周敏"))
    other = sign_in(Client(), member_factory("manager", name="李思源"))
    for text in ("川西", "南极", "川西"):
        one.get("/search", {"q": text})

    def recent(client: Client) -> list[str]:
        return re.findall(r"data-recent>(.*?)</a>", client.get("/search").content.decode())

    assert (recent(one), recent(other)) == (["川西", "南极"], [])
    other.post("/search/forget")
    assert recent(one) == ["川西", "南极"]
    one.post("/search/forget")
    assert recent(one) == []


def test_where_nothing_is_found_what_may_be_made_is_offered(member_factory: MemberFactory, sign_in: SignIn) -> None:
    _indexed()
    client = sign_in(Client(), member_factory("manager", name="周敏"))

    html = client.get("/search", {"q": "南极"}).content.decode()

    made = re.findall(r'href="([^"]+)" data-make', html)
    assert made
    assert all(client.get(url.replace("&amp;", "&")).status_code == 200 for url in made)
    assert "data-make" not in client.get("/search", {"q": "南极", "kind": CUSTOMER}).content.decode()


@pytest.mark.req("SRH-05", part="written behind in a process that answers many")
def test_notes_that_wait_are_told_at_once_and_written_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = Notebook()
    notes.write_behind()
    monkeypatch.setattr(noting, "EVERY", 3600.0)
    monkeypatch.setattr(measuring, "NOTES", notes)
    _indexed()
    person = staff.member("罗欣", "admin")
    for text in ("川西", "南极"):
        measuring.ask(person, SearchRequest(text))
    assert Asked.objects.count() == 0

    assert (measuring.recent(person), Asked.objects.count()) == (("南极", "川西"), 2)

    measuring.ask(person, SearchRequest("凉山"))
    notes.write()
    assert list(Asked.objects.order_by("pk").values_list("text", "hits")) == [("川西", 0), ("南极", 0), ("凉山", 0)]


def _noted(text: str) -> Note:
    return Note(timezone.now(), None, text, "{}", 0, 1, by_database=False)


def test_notes_of_a_company_that_is_gone_hold_up_no_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(noting, "EVERY", 3600.0)
    notes, here = Notebook(), current()
    notes.write_behind()
    with within(None):
        for place in (replace(here, slug="gone", schema="t_gone"), here):
            with tenant(place):
                for number in range(30):
                    notes.take(_noted(f"{place.slug} {number}"))
        notes.write()

    assert Asked.objects.filter(text__startswith=here.slug).count() == Asked.objects.count() == 30
    assert [line.getMessage().split(":")[0] for line in caplog.records] == ["30 searches were not noted"]


def test_a_note_is_written_at_once_where_no_thread_begins_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_timer: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(noting.Timer, "start", refused)
    notes = Notebook()
    notes.write_behind()
    for text in ("一", "二"):
        notes.take(_noted(text))

    assert list(Asked.objects.order_by("pk").values_list("text", flat=True)) == ["一", "二"]


@pytest.mark.parametrize("text", ["=1+1", "<b>", "\u202e川西\u202c", "a\x00b", "％_", "好" * 200])
def test_anything_can_be_searched_and_noted(text: str) -> None:
    _indexed()
    measuring.ask(staff.member("罗欣", "admin"), SearchRequest(text))

    assert Asked.objects.get().text == text.replace("\x00", "")

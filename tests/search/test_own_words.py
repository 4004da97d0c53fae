"""A company's own words, synonyms and stop words, kept in the settings and at work in the next search (SRH-03)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from kezhou.finding import SearchRequest, find, words
from kezhou.finding.models import OwnWords
from kezhou.finding.words import SAME, STOP, WORD, Told
from kezhou.records.spec import NotAllowed
from kezhou.testing.access import MemberFactory, SignIn
from search import freshness, keeping
from search.engines import engine
from tests.search import staff
from tests.search.staff import CUSTOMER, SYSTEM

pytestmark = pytest.mark.usefixtures("company")
PAGE = "/settings/search/words"


@pytest.fixture
def admin(member_factory: MemberFactory, sign_in: SignIn) -> Client:
    return sign_in(Client(), member_factory("admin", name="周敏"))


def _indexed() -> None:
    keeping.rebuild(engine())
    freshness.beat(engine(), 0.0)


def _found(text: str) -> list[str]:
    return sorted(hit.title for hit in find(SYSTEM, SearchRequest(text)).hits)


def _marked(html: str) -> list[str]:
    return re.findall(r'kz-tag1 kz-(\w+)">(.*?)</span>', html.split('id="try"')[1].split("</form>")[0])


@pytest.mark.req("SRH-03")
def test_what_is_added_on_the_page_works_at_once_and_without_indexing(admin: Client) -> None:
    for name in ("中国石油化工股份", "西岭雪山亲子营", "西山岭雪亲营", "差旅协议"):
        staff.saved(CUSTOMER, name=name)
    _indexed()
    assert (_found("中石化"), _found("请帮我找差旅协议")) == ([], [])

    admin.post(f"{PAGE}/same", {"text": "中石化、中国石油化工\n机票=航班"})
    admin.post(f"{PAGE}/stop", {"text": "请帮我找"})
    admin.post(f"{PAGE}/word", {"text": "西岭雪山"})

    assert _found("中石化") == ["中国石油化工股份"]
    assert _found("请帮我找差旅协议") == ["差旅协议"]
    assert _found("西岭雪山") == ["西岭雪山亲子营"]
    (hit,) = find(SYSTEM, SearchRequest("中石化")).hits
    assert "<mark>中国石油化工</mark>股份" in hit.heading

    admin.post(f"{PAGE}/same", {"do": "remove", "line": [str(OwnWords.objects.get(text="中石化、中国石油化工").pk)]})
    assert _found("中石化") == []


def test_a_name_that_no_dictionary_knows_is_a_word_once_the_record_is_there() -> None:
    for name in ("鑫玥骞旅业", "玥鑫骞旅业"):
        staff.saved(CUSTOMER, name=name)
    _indexed()

    assert _found("鑫玥骞旅业") == ["鑫玥骞旅业"]
    assert find(SYSTEM, SearchRequest("玥骞")).hits[0].title == "鑫玥骞旅业"


def test_the_page_shows_how_a_text_is_cut(admin: Client) -> None:
    words.add(SYSTEM, WORD, "西岭雪山")
    words.add(SYSTEM, STOP, "请帮我找")
    words.add(SYSTEM, SAME, "机票、航班")

    html = admin.get(f"{PAGE}/word", {"try": "请帮我找西岭雪山机票"}).content.decode()

    assert [(colour, re.sub("<.*?>", "", word)) for colour, word in _marked(html)][-2:] == [
        ("blue", "西岭雪山"), ("blue", "机票 = 航班"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "told", "refused"),
    [
        (WORD, " 亲子营 \n\n亲子营,研学", Told(words=("亲子营", "研学")), ()),
        (WORD, "好", Told(), ("“好”只有一个字，词要有两个字以上。",)),
        (WORD, "*" * 3, Told(), ("“***”里没有字，不能当作一个词。",)),
        (WORD, "\u202e亲子\x00营", Told(words=("亲子营",)), ()),
        (STOP, "的", Told(stops=("的",)), ()),
        (SAME, "机票", Told(), ("“机票”不是一组同义词：一行写 2 到 12 个词，用顿号或逗号隔开。",)),
        (SAME, "机票、航班\n车票", Told(same=(("机票", "航班"),)), ("“车票”不是一组同义词：一行写 2 到 12 个词，用顿号或逗号隔开。",)),
        (WORD, "长" * 21 + "\n研学", Told(words=("研学",)), (f"“{'长' * 21}”有 21 个字，一个词最多 20 个字。",)),
    ],
)  # fmt: skip
def test_lines_are_read_and_refused_one_by_one(kind: str, text: str, told: Told, refused: tuple[str, ...]) -> None:
    assert words.add(SYSTEM, kind, text).refused == refused
    assert words.told(SYSTEM) == told


def test_what_is_refused_stays_in_its_box_and_a_list_is_limited(admin: Client, monkeypatch: Any) -> None:
    refused = admin.post(f"{PAGE}/word", {"text": "好\n研学"})
    assert (refused.status_code, "好\n研学</textarea>" in refused.content.decode()) == (422, True)
    assert "加入 1 行" in refused.content.decode()

    monkeypatch.setattr(words, "MOST", 1)
    assert "词表最多 1 行，这次没有加入" in admin.post(f"{PAGE}/word", {"text": "亲子营"}).content.decode()
    assert "请先写一个词，一行一个。" in admin.post(f"{PAGE}/word", {"text": " \n"}).content.decode()


def test_only_administrators_shape_the_words(member_factory: MemberFactory, sign_in: SignIn) -> None:
    seller = member_factory("sales", name="李思源")

    assert sign_in(Client(), seller).post(f"{PAGE}/word", {"text": "亲子营"}).status_code == 403
    with pytest.raises(NotAllowed):
        words.add(seller.actor, WORD, "亲子营")
    assert OwnWords.objects.count() == 0

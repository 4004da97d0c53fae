"""What a user may write in the box: phrases, exclusions, prefixes, slips — the same answers from every engine (SRH-04)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.finding import SearchRequest, find
from kezhou.finding.language import Clause, clauses, wanted
from kezhou.testing.access import MemberFactory, SignIn
from search import freshness, keeping
from search.analysis.slips import meant, near
from search.analysis.vocabulary import Vocabulary
from search.engines import engine
from search.query.words import Words
from tenants.context import Current
from tests.search import staff
from tests.search.conftest import Library
from tests.search.staff import CONTACT, CUSTOMER, SYSTEM


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("成都 酒店", (Clause("成都"), Clause("酒店"))),
        ("“差旅 协议” -北京", (Clause("差旅 协议", phrase=True), Clause("北京", excluded=True))),
        ("客户：川西 -负责人:李", (Clause("川西", prefix="客户"), Clause("李", excluded=True, prefix="负责人"))),
        ("KH-2024-001 − x", (Clause("KH-2024-001"), Clause("−"), Clause("x"))),
        ('"没有写完', (Clause("没有写完", phrase=True),)),
        ('" "', ()),
    ],
)
def test_a_text_is_cut_into_clauses(text: str, found: tuple[Clause, ...]) -> None:
    assert clauses(text) == found


def test_only_what_is_wanted_is_marked() -> None:
    assert wanted("成都 -北京 客户:“川西 能源”") == "成都 川西 能源"


def test_slips_of_pinyin_are_few_and_near() -> None:
    assert ("qing", "dao", "fen", "fu", "ye") in {way for slip in meant("qnigdaofenfuye") for way in slip.ways}
    assert meant("cd") == () == meant("成都成都成都")
    assert all(len(meant(text)) <= 12 for text in ("dongguanlichungjing", "a" * 40, "xianheengfeng"))


@pytest.mark.req("SRH-04", part="small typing errors")
@pytest.mark.parametrize(
    ("typed", "most", "found"),
    [
        ("zentrolao", 1, {"zentroloa", "zentrola", "zentrolaos", "zentrolan"}),  # exchanged, left out, added, wrong
        ("zentrolao", 2, {"zentroloa", "zentrola", "zentrolaos", "zentrolan", "zentrol", "znetroloa"}),
        ("zebt", 1, {"zeb", "zbet"}),
    ],
)
def test_words_near_a_word_are_those_some_slips_away(typed: str, most: int, found: set[str]) -> None:
    words = ["zentroloa", "zentrola", "zentrolaos", "zentrolan", "zentrol", "znetroloa", "zeb", "zbet", "zirkonia"]

    assert set(near(typed, words, most)) == found


def test_a_slip_finds_what_was_meant_and_only_where_nothing_else_is(library: Library) -> None:
    brand, company = library.add(title="Lumora 会展"), library.add(title="青岛芬福业贸易有限公司")
    library.add(title="别的公司")

    assert library.find("lumroa") == [brand]
    assert library.find("Lumorra") == [brand]
    assert library.find("qnigdaofenfuye") == [company]
    assert library.find("青岛分福业") == [company]
    near = library.add(title="Lumara 酒店")
    assert library.find("lumora") == [brand]
    assert library.find("lumara") == [near]


def test_an_ending_of_a_company_is_wished_for_not_demanded(library: Library) -> None:
    limited, shares = library.add(title="德阳震茶悦航空服务有限责任公司"), library.add(title="宜宾震茶悦股份有限公司")

    assert library.find("德阳震茶悦航空服务有限公司") == [limited]
    assert library.find("宜宾震茶悦公司") == [shares]


@pytest.mark.req("SRH-03", part="words, synonyms and stop words of a company, without a reindex")
def test_a_company_has_words_of_its_own(library: Library) -> None:
    apart = library.add(title="甲", body=["云上差旅平台和客户服务"])
    together = library.add(title="乙", body=["我们用云差旅平台下单"])
    oil = library.add(title="中国石油化工股份有限公司")
    library.add(title="请问科技")
    own = Vocabulary.of(words=["云差旅"], synonyms=[["中石化", "中国石油化工", "Sinopec"]], stops=["请问"])

    assert set(library.find("云差旅")) == {apart, together} or library.find("云差旅") == [together]
    assert library.find("云差旅", vocabulary=own) == [together]
    assert library.find("中石化") == []
    assert library.find("中石化", vocabulary=own) == [oil]
    assert library.find("sinopec", vocabulary=own) == [oil]
    assert library.find("请问中石化", vocabulary=own) == [oil]
    assert library.find("请问 中石化", vocabulary=own) == [oil]


def test_a_vocabulary_cuts_at_its_longest_words() -> None:
    own = Vocabulary.of(words=["云差旅", "差旅", "锦城"])

    assert own.pieces("锦城云差旅平台") == [("锦城", True), ("云差旅", True), ("平台", False)]
    assert Vocabulary.of().pieces("锦城") == [("锦城", False)]


def test_a_vocabulary_of_a_thousand_words_is_small() -> None:
    import sys

    own = Vocabulary.of(words=[f"专用词{number}" for number in range(1_000)])

    held = sum(map(sys.getsizeof, (own.words, own.starts, *own.words, *own.starts.values())))
    assert held < 200_000


@pytest.fixture
def shop(company: Current) -> dict[str, int]:
    """Customers, a contact, owners."""
    boss = staff.member("周敏")
    other = staff.member("李思源")
    made = {
        "east": staff.saved(
            CUSTOMER, name="川西能源集团", remark="差旅协议已经续签", owner=boss.member_pk, phone="028-85120433"
        ),
        "west": staff.saved(CUSTOMER, name="川西航空", remark="协议里的差旅标准要改", owner=other.member_pk),
    }
    made["contact"] = staff.saved(CONTACT, name="何国栋", customer=made["east"], owner=other.member_pk)
    keeping.rebuild(engine())
    freshness.beat(engine(), 0.0)
    return made


def _found(text: str, actor: Actor = SYSTEM) -> set[str]:
    result = find(actor, SearchRequest(text))
    assert result.notice == ""
    return {f"{hit.type.partition('.')[2]}:{hit.pk}" for hit in result.hits}


@pytest.mark.req("SRH-04", part="phrase, exclusion, field prefix")
def test_phrases_exclusions_and_prefixes(shop: dict[str, int]) -> None:
    east, west, contact = (f"customer:{shop['east']}", f"customer:{shop['west']}", f"contact:{shop['contact']}")

    assert _found("差旅协议") == {east, west}
    assert _found("差旅 协议") == {east, west}
    assert _found("“差旅协议”") == {east}
    assert _found("“协议里的差旅”") == {west}
    assert _found("川西 -航空") == {east, contact}
    assert _found("川西 -“航空”") == {east, contact}
    assert _found("-航空 川西") == {east, contact}
    assert _found("客户:川西") == {east, west, contact}
    assert _found("联系人:何国栋") == {contact}
    assert _found("名称：川西") == {east, west}
    assert _found("电话:85120433") == {east}
    assert _found("电话:川西") == set()
    assert _found("川西 负责人:李思源") == {west, contact}
    assert _found("川西 -负责人:李思源") == {east}
    assert _found("备注:续签") == {east}
    assert _found("10:30") == set()
    assert _found("-川西") == set() or east not in _found("-川西")


@pytest.mark.req("SRH-04")
def test_however_it_is_typed_it_finds_what_is_meant(
    shop: dict[str, int], member_factory: MemberFactory, sign_in: SignIn
) -> None:
    east, west, contact = (f"customer:{shop['east']}", f"customer:{shop['west']}", f"contact:{shop['contact']}")
    brand = f"customer:{staff.saved(CUSTOMER, name='Lumora 会展')}"
    number = records.get(SYSTEM, CUSTOMER, shop["west"]).values["number"]
    keeping.rebuild(engine())
    client = sign_in(Client(), member_factory("admin", name="罗欣"))

    def shown(text: str) -> set[str]:
        page = client.get("/search", {"q": text}).content.decode()
        return {f"{kind}:{pk}" for kind, pk in re.findall(r'href="/r/\w+\.(\w+)/(\d+)(?=[?"])', page)}

    typed = {
        "川西航空": {west}, "川西航空公司": {west}, "川西航空有限公司": {west}, "川西航空有限責任公司": {west}, "川西航涳": {west},
        "chuanxihangkong": {west}, "cxhk": {west}, "ｃｘｈｋ": {west}, "Lumora": {brand}, "ＬＵＭＯＲＡ": {brand}, "lumroa": {brand},
        "85120433": {east}, "0433": {east}, "０２８－８５１２０４３３": {east}, number: {west}, number[-4:]: {west},
        "“协议里的差旅”": {west}, "川西 -航空": {east, contact}, "电话:0433": {east}, "負責人:李思源 航空": {west},
    }  # fmt: skip
    assert {text: found for text in typed if not (found := shown(text)) >= typed[text]} == {}
    assert {text: found for text in typed if (found := shown(text)) - typed[text] - {contact}} == {}
    suggested = re.sub(r"<[^>]+>", "", client.get("/search/suggest", {"q": "川"}).content.decode())
    assert ("川西能源集团" in suggested, "川西航空" in suggested, "Lumora" in suggested) == (True, True, False)


def test_nothing_that_is_typed_is_an_error(shop: dict[str, int]) -> None:
    for text in (
        '"',
        "“”",
        "-",
        "--",
        ":",
        "客户:",
        ":川西",
        "负责人:没有这个人",
        "-“",
        "客户:负责人:x",
        "“" * 90,
        "-a " * 60,
        "\x00:\x00",
    ):
        find(SYSTEM, SearchRequest(text))


@pytest.mark.req("SRH-06", part="prefixes betray nothing")
def test_a_prefix_finds_nothing_that_words_would_not(shop: dict[str, int], company: Current) -> None:
    seller = staff.member("新人", "sales")

    assert _found("客户:川西", seller) == _found("川西", seller) == set()
    assert CUSTOMER in records.types(seller)


def test_words_are_asked_for_together(library: Library) -> None:
    asked: list[int] = []

    class Counting:
        def prepare(self, pairs) -> None:  # type: ignore[no-untyped-def]
            asked.append(len(list(pairs)))

        def share(self, field, token) -> float:  # type: ignore[no-untyped-def]
            return 0.0

    Words("成都 酒店 合同", Counting()).strict()

    assert asked == [6]

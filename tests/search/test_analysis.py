"""Folding, segmentation, codes and pinyin: exact tokens."""

from __future__ import annotations

import random

import pytest

from search.analysis.folding import fold, fold_with_offsets
from search.analysis.pinyin import full_tokens, initial_tokens, typed
from search.analysis.runs import collapse_phones, parts, runs
from search.analysis.segmenter import PlainSegmenter, RustSegmenter
from search.analysis.tokens import code, index_pairs, index_words, query_words

RUNS = 4_000


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("臺灣積體電路", "台湾积体电路"),
        ("㈱東芝", "(株)东芝"),
        ("10KV", "10kv"),
        ("乾隆、頭髮、發票", "乾隆、头发、发票"),
        ("a\x00b\ud800c", "a b c"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["㈱東芝 ＡＢＣ 臺北", "éÉ ﬁn 頭髮 １２", "ｶﾞ行"])
def test_offsets_lead_back_to_the_original(text: str) -> None:
    folded = fold_with_offsets(text)

    assert folded.text == fold(text)
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    assert folded.original(0, len(folded.text)) == (0, len(text))


def _generated_runs() -> list[str]:
    """Runs from the dictionary, from names of companies and people, and from characters at random; always the same."""
    import jieba

    chance = random.Random(20260513)
    words = [w for w in sorted(_dictionary(jieba)) if w and all("\u4e00" <= c <= "\u9fa5" for c in w)]
    surnames = [*list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗单曾仇覃"), "欧阳", "尉迟"]
    cities = ["成都", "重庆", "乌鲁木齐", "厦门", "唐山市", "长沙"]
    trades = ["科技", "商旅", "国际旅行社", "新材料", "酒店管理", "物流"]
    made: list[str] = []
    for _ in range(RUNS):
        name = chance.choice(surnames) + "".join(
            chance.choice(chance.choice(words)) for _ in range(chance.choice((1, 2)))
        )
        core = "".join(chance.choice(chance.choice(words)) for _ in range(3))
        made.append(name)
        made.append(chance.choice(cities) + core + chance.choice(trades) + "有限公司")
        made.append("".join(chance.choice(words) for _ in range(chance.randint(2, 7))))
        made.append("联系" + name + "谈" + chance.choice(words) + "和" + chance.choice(words))
    return made


def _dictionary(jieba: object) -> dict[str, int]:
    tokenizer = jieba.Tokenizer()  # type: ignore[attr-defined]  # jieba has no types
    tokenizer.initialize()
    return dict(tokenizer.FREQ)


@pytest.mark.req("SRH-02", part="rjieba cuts as jieba")
def test_the_fast_segmenter_cuts_as_jieba_does() -> None:
    fast, oracle = RustSegmenter(), PlainSegmenter()

    different = [
        run
        for run in _generated_runs()
        if fast.words(run) != oracle.words(run) or fast.all_words(run) != oracle.all_words(run)
    ]

    assert different == []


def test_runs_are_of_one_script() -> None:
    found = [(run.script, run.text) for run in runs(fold("买了YJV22-4*95电缆，订单PO-2024-000123。é"))]

    assert found == [
        ("han", "买了"), ("latin", "yjv22-4"), ("latin", "95"), ("han", "电缆"),
        ("han", "订单"), ("latin", "po-2024-000123"), ("other", "é"),
    ]  # fmt: skip


def test_parts_are_taken_per_part_not_of_the_joined_code() -> None:
    assert parts("yjv22-4") == ["yjv22", "yjv", "22", "4"]


@pytest.mark.parametrize(
    "text", ["+86 138 1234 5678", "138-1234-5678", "13812345678", "86 13812345678", "１３８ 1234-5678"]
)
def test_telephones_collapse(text: str) -> None:
    assert collapse_phones(fold(text)) == "13812345678"
    assert code(text).tokens == ["13812345678", "S5678", "S345678", "S12345678"]


def test_codes() -> None:
    assert code("PO-2024-000123").exact == "po2024000123"
    assert code("PO-2024-000123").tokens == ["po2024000123", "S0123", "S000123", "S24000123", "Ppo", "P2024", "P000123"]
    assert code("KH-0042").pieces == ["kh0", "h00", "004", "042"]
    assert code("A1").pieces == ["a1"]


def test_words_never_straddle_a_border_of_longer_words() -> None:
    words = index_words("产品和服务，国王明天来，首航变更")

    assert words == ["产品", "和", "服务", "国王", "明天", "来", "首航", "变更"]
    assert {"和服", "王明", "航变"}.isdisjoint(words)


def test_unknown_names_are_found_by_their_characters() -> None:
    assert "拼多" in index_pairs("拼多多")
    assert "浩功" in index_words("刘浩功来访")
    assert index_words("刘浩功", single_characters=True)[-3:] == ["刘", "浩", "功"]


def test_bigrams_break_between_runs() -> None:
    assert index_pairs("唐山(集团)ABC公司") == ["唐山", "|", "集团", "|", "abc", "|", "公司"]


def test_a_query_has_each_character_in_one_word() -> None:
    assert query_words("产品和服务") == ["产品", "和", "服务"]


def test_pinyin_reads_words_and_surnames() -> None:
    assert full_tokens("重庆川西能源") == ["chong", "qing", "chuan", "xi", "neng", "yuan"]
    assert full_tokens("单雄信") == ["dan", "xiong", "xin", "|", "shan", "xiong", "xin"]
    assert full_tokens("尉迟恭")[-3:] == ["yu", "chi", "gong"]
    assert initial_tokens("川西能源") == ["cxn", "xny", "|", "cx", "xn", "ny"]


@pytest.mark.parametrize(
    ("letters", "readings"),
    [
        ("chuanx", [("chuan", "x"), ("chu", "an", "x")]),
        ("fangan", [("fang", "an"), ("fan", "gan")]),
        ("cxny", []),
        ("x" * 41, []),
    ],
)
def test_typed_letters_as_syllables(letters: str, readings: list[tuple[str, ...]]) -> None:
    assert [t.syllables for t in typed(letters)][:2] == readings[:2]

"""Pinyin of names: full syllables and initials, and what a typed string of letters may mean.

Readings depend on the word (重庆 is chong qing), so they are taken per jieba word and remembered: pypinyin is eighty times
slower than the segmentation. Surnames read otherwise than the common word (单 shan) are added as a second reading.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from search.analysis.folding import fold
from search.analysis.remembering import remembered
from search.analysis.runs import Run, runs
from search.analysis.tokens import query_words, with_breaks

SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "覃": "qin", "查": "zha", "解": "xie", "任": "ren", "盖": "ge", "区": "ou",
    "缪": "miao", "朴": "piao", "翟": "zhai", "尉迟": "yu chi", "万俟": "mo qi", "冼": "xian", "乐": "yue", "员": "yun",
    "逄": "pang", "宓": "mi", "种": "chong", "繁": "po", "黑": "he", "盛": "sheng", "召": "shao", "石": "shi", "句": "gou",
    "折": "she", "洗": "xian", "长孙": "zhang sun", "令狐": "ling hu", "澹台": "tan tai", "谌": "chen", "晁": "chao",
}  # fmt: skip
LONGEST_NAME = 4
MOST_READINGS = 6
LONGEST_INITIALS = 12
LONGEST_TYPED = 40


@remembered(50_000)
def _syllables(word: str) -> tuple[str, ...]:
    """Readings of one dictionary word."""
    from pypinyin import Style, lazy_pinyin

    return tuple(s for s in lazy_pinyin(word, style=Style.NORMAL, errors="ignore") if s.isascii() and s)


def syllables(run: str) -> list[str]:
    """The syllables of a Han run, word by word."""
    return [syllable for word in query_words(run) for syllable in _syllables(word)]


def readings(run: str) -> list[list[str]]:
    """The usual reading of a Han run and, for a run that may be a person's name, the reading of its surname."""
    usual = syllables(run)
    if 1 < len(run) <= LONGEST_NAME:
        for length in (2, 1):
            surname = SURNAMES.get(run[:length])
            if surname and length < len(run):
                other = [*surname.split(), *(s for c in run[length:] for s in _syllables(c))]
                return [usual] if other == usual else [usual, other]
    return [usual]


Readings = list[list[str]]


def name_readings(text: str) -> Readings:
    """All readings of all Han runs of a name."""
    return readings_of(runs(fold(text)))


def readings_of(found: Iterable[Run]) -> Readings:
    """All readings of all Han runs."""
    return [reading for run in found if run.script == "han" for reading in readings(run.text) if reading]


def full_tokens(text: str) -> list[str]:
    """Tokens of the field `pf`: syllables in order, a break between runs and readings."""
    return full_of(name_readings(text))


def full_of(found: Readings) -> list[str]:
    """Syllables of readings with breaks."""
    return with_breaks(found)


def initial_tokens(text: str) -> list[str]:
    """Tokens of the field `pi`: the initials' overlapping threes, then twos."""
    return initials_of(name_readings(text))


def initials_of(found: Readings) -> list[str]:
    """Initials of readings, threes then twos, with breaks."""
    lists: list[list[str]] = []
    for reading in found:
        initials = "".join(s[0] for s in reading)
        for length in (3, 2):
            lists.append([initials[i : i + length] for i in range(len(initials) - length + 1)])
    return with_breaks(lists)


@dataclass(frozen=True, slots=True)
class Typed:
    """One way to read typed letters as syllables; `complete` is false when the last may still go on."""

    syllables: tuple[str, ...]
    complete: bool


def typed(letters: str) -> list[Typed]:
    """The readings of typed letters, whole ones first, at most six; empty when they are no pinyin.

    >>> [t.syllables for t in typed("xian")][:2]
    [('xian',), ('xi', 'an')]
    """
    if not 1 < len(letters) <= LONGEST_TYPED or not letters.isalpha() or not letters.isascii():
        return []
    whole = [Typed(split, True) for split in splits(letters)]
    begun = [
        Typed((*split, letters[cut:]), False)
        for cut in range(len(letters) - 1, 0, -1)
        if letters[cut:] in PREFIXES
        for split in splits(letters[:cut])
    ]
    return [*sorted(whole, key=_length)[:MOST_READINGS], *sorted(begun, key=_length)][:MOST_READINGS]


def _length(reading: Typed) -> int:
    return len(reading.syllables)


def splits(letters: str) -> list[tuple[str, ...]]:
    """All ways to cut letters into whole syllables, fewest first, stopped early: the table is walked, not the tree."""
    ways: list[list[tuple[str, ...]]] = [[()], *([] for _ in letters)]
    for end in range(1, len(letters) + 1):
        for length in range(1, min(6, end) + 1):
            syllable = letters[end - length : end]
            if syllable in SYLLABLES:
                ways[end].extend((*way, syllable) for way in ways[end - length])
        ways[end] = sorted(ways[end], key=len)[:MOST_READINGS]
    return ways[-1]


SYLLABLES = frozenset(
    """
    a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cen ceng
    cha chai chan chang chao che chen cheng chi chong chou chu chuai chuan chuang chui chun chuo ci cong cou cu cuan
    cui cun cuo da dai dan dang dao de dei deng di dian diao die din ding diu dong dou du duan dui dun duo e ei en
    er fa fan fang fei fen feng fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan guang gui
    gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui hun huo ji jia jian jiang jiao
    jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke ken keng kong kou ku kua kuai kuan kuang kui kun
    kuo la lai lan lang lao le lei leng li lia lian liang liao lie lin ling liu long lou lu luan lun luo lv lve ma
    mai man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan nang nao ne nei nen neng ni
    nian niang niao nie nin ning niu nong nou nu nuan nuo nv nve ou pa pai pan pang pao pei pen peng pi pian piao
    pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan que qun ran rang rao re ren reng ri
    rong rou ru ruan rui run ruo sa sai san sang sao se sen seng sha shai shan shang shao she shen sheng shi shou
    shu shua shuai shuan shuang shui shun shuo si song sou su suan sui sun suo ta tai tan tang tao te teng ti tian
    tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng wo wu xi xia xian xiang xiao xie xin
    xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yong you yu yuan yue yun za zai zan zang zao ze
    zei zen zeng zha zhai zhan zhang zhao zhe zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo
    zi zong zou zu zuan zui zun zuo
    """.split()  # noqa: SIM905 four hundred quotes would say no more
)
PREFIXES = frozenset(s[:n] for s in SYLLABLES for n in range(1, len(s) + 1))

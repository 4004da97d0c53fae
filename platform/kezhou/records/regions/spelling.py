"""How people write the name of a place: 四川 for 四川省, 凉山 for 凉山彝族自治州, traditional characters, full width."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kezhou.records.folding import fold

_SHORTEST = 2
_PEOPLES = [
    "蒙古",
    "回",
    "藏",
    "维吾尔",
    "苗",
    "彝",
    "壮",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "高山",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "塔吉克",
    "怒",
    "乌孜别克",
    "俄罗斯",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "京",
    "塔塔尔",
    "独龙",
    "鄂伦春",
    "赫哲",
    "门巴",
    "珞巴",
    "基诺",
    "各",
]
_AUTONOMOUS = re.compile(rf"(.{{2,}}?)(?:(?:{'|'.join(_PEOPLES)})族?)*自治[区州县旗]")
_KINDS = re.compile(r"(.{2,}?)(?:特别行政区|林区|矿区|地区|新区|省|市|区|县|盟|旗)")
_SIGNS = re.compile(r"[\s,，、/／\\|>＞·・.。:：;；_\-－—→]+")


def plain(text: str) -> str:
    """The text as spellings are compared: folded, without spaces and signs between its parts."""
    return _SIGNS.sub("", fold(text))


def spellings(*names: str) -> set[str]:
    """All spellings of a place with these names."""
    return {plain(text) for name in names if name for text in _forms(name)}


def _forms(name: str) -> Iterator[str]:
    yield name
    for pattern in (_AUTONOMOUS, _KINDS):
        found = pattern.fullmatch(name)
        if found and len(found[1]) >= _SHORTEST:
            yield found[1]
            return

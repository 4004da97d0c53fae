"""The coloured square or circle that stands for a record or a person: one character, its hue fixed by the primary key."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup, escape

HUES = ("org", "pnk", "grn", "vio", "teal", "blue", "amb")
_PLACES = (
    "中国 四川省 四川 重庆市 重庆 成都市 成都 北京市 北京 上海市 上海 深圳市 深圳 广州市 广州 浙江 杭州 江苏 苏州 南京 云南 "
    "昆明 贵州 贵阳 陕西 西安 湖北 武汉 湖南 长沙 广东 山东 河南 郑州 天津 绵阳 德阳 宜宾 乐山 泸州 南充 攀枝花 雅安 眉山 "
    "江北 渝北 浦东 海淀 朝阳"
)
PLACES = frozenset(_PLACES.split())


def mark(pk: int, title: str, css: str = "") -> Markup:
    """The square before a record's title; `css` adds a size such as kz-s44."""
    hue = HUES[pk % len(HUES)]
    extra = f" {css}" if css else ""
    return Markup(f'<span class="kz-av kz-sq kz-{hue}{extra}" aria-hidden="true">{escape(character(title))}</span>')  # noqa: S704 - escaped


@lru_cache(maxsize=4096)
def character(title: str) -> str:
    """The character that tells a name from its neighbours: not the place that so many begin with."""
    for length in (3, 2):
        if title[:length] in PLACES and len(title) > length + 1:
            return title[length]
    return title[:1] or "·"

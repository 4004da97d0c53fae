"""What the sign-up form offers to choose from (TEN-01)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kezhou.plugins import manifests

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

BUSINESSES: tuple[tuple[str, StrOrPromise], ...] = (
    ("air", _("机票")),
    ("hotel", _("酒店")),
    ("tour", _("旅游")),
    ("car", _("租车")),
    ("meeting", _("会务")),
    ("other", _("其他行业")),
)

SIZES: tuple[tuple[str, StrOrPromise], ...] = (
    ("", _("以后再填")),
    ("1-10", _("1–10 人")),
    ("11-20", _("11–20 人")),
    ("21-50", _("21–50 人")),
    ("51-200", _("51–200 人")),
    ("201-1000", _("201–1000 人")),
    ("1000+", _("1000 人以上")),
)

INDUSTRIES: tuple[tuple[str, StrOrPromise], ...] = (
    ("", _("以后再填")),
    ("business_travel", _("商旅服务")),
    ("agency", _("旅行社")),
    ("hotel", _("酒店")),
    ("meeting", _("会务会展")),
    ("car", _("租车")),
    ("other", _("其他行业")),
)

REGIONS: tuple[tuple[str, StrOrPromise], ...] = (
    ("", _("以后再填")),
    *(
        (name, name)
        for name in [
            "北京",
            "天津",
            "上海",
            "重庆",
            "河北",
            "山西",
            "辽宁",
            "吉林",
            "黑龙江",
            "江苏",
            "浙江",
            "安徽",
            "福建",
            "江西",
            "山东",
            "河南",
            "湖北",
            "湖南",
            "广东",
            "海南",
            "四川",
            "贵州",
            "云南",
            "陕西",
            "甘肃",
            "青海",
            "台湾",
            "内蒙古",
            "广西",
            "西藏",
            "宁夏",
            "新疆",
            "香港",
            "澳门",
            "海外",
        ]
    ),
)


def plugins_for(businesses: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the plugins that these businesses pre-select, with everything they require, in the order of installation."""
    installed = manifests()
    wanted: set[str] = set()

    def want(name: str) -> None:
        wanted.add(name)
        for needed in installed[name].requires:
            want(needed)

    for name, manifest in installed.items():
        if set(manifest.businesses) & set(businesses):
            want(name)
    return tuple(name for name in installed if name in wanted)

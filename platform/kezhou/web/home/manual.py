"""The manual inside the product: the same pages as in `docs/`, cut into sections that are found by words (UIX-09)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy
from markupsafe import Markup

from kezhou.web import spelling
from kezhou.web.home import markdown

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_HERE = Path(__file__).resolve().parents[2]
FOLDERS = (_HERE / "manual", _HERE.parents[1] / "docs")
"""Where the pages lie: inside an installed package, or in a checkout."""
CHAPTERS: tuple[tuple[str, StrOrPromise, bool], ...] = (
    ("users", gettext_lazy("日常使用"), False),
    ("users-import", gettext_lazy("导入表格"), False),
    ("users-meetings", gettext_lazy("会务"), False),
    ("administrators", gettext_lazy("成员与权限"), True),
    ("administrators-settings", gettext_lazy("设置、字段与导入"), True),
    ("administrators-portal", gettext_lazy("门户"), True),
)
"""Name of the file, title, and whether it is for administrators only."""
_HEAD = re.compile(r"^(#{1,3})\s+(.+?)\s*$", re.MULTILINE)
_MARKS = re.compile(r"[*`#|>\[\]]|\(\S+?\.md\)|^-{3,}$", re.MULTILINE)
EXCERPT = 90


@dataclass(frozen=True, slots=True)
class Section:
    """One headed part of a chapter; `anchor` is its id on the chapter's page."""

    chapter: str
    title: str
    text: str
    number: int

    @property
    def anchor(self) -> str:
        return f"s{self.number}"

    @property
    def url(self) -> str:
        return f"/help/manual/{self.chapter}#{self.anchor}"

    @property
    def html(self) -> Markup:
        """What stands below the heading."""
        return markdown.html(self.text, _link)

    def excerpt(self, words: tuple[str, ...]) -> str:
        """The text around the first word that is found."""
        plain = " ".join(_MARKS.sub(" ", self.text).split())
        at = min((place for word in words if (place := plain.casefold().find(word)) >= 0), default=0)
        start = max(0, at - EXCERPT // 3)
        return ("…" if start else "") + plain[start : start + EXCERPT] + ("…" if len(plain) > start + EXCERPT else "")


def _link(href: str) -> str:
    """Links between the pages of the manual lead to its chapters."""
    name, _mark, _anchor = href.partition(".md")
    return f"/help/manual/{name}" if name in {key for key, _title, _admin in CHAPTERS} else href


def chapters(*, admin: bool) -> tuple[tuple[str, StrOrPromise], ...]:
    """The chapters that this reader has."""
    return tuple((key, title) for key, title, only in CHAPTERS if (admin or not only) and sections(key))


@cache
def sections(chapter: str) -> tuple[Section, ...]:
    """The parts of a chapter in order; none for a chapter that does not exist."""
    if chapter not in {key for key, _title, _admin in CHAPTERS}:
        return ()
    file = next((folder / f"{chapter}.md" for folder in FOLDERS if (folder / f"{chapter}.md").exists()), None)
    return tuple(_cut(chapter, file.read_text(encoding="utf-8"))) if file else ()


def _cut(chapter: str, text: str) -> list[Section]:
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [
        Section(chapter, head[2], text[head.end() : end].strip(), number)
        for number, (head, end) in enumerate(zip(heads, ends, strict=True), 1)
    ]


def find(text: str, *, admin: bool) -> tuple[Section, ...]:
    """The sections that hold all words, those with a word in the title first."""
    words = spelling.words(text)
    found = [
        section
        for key, _title in chapters(admin=admin)
        for section in sections(key)
        if words and all(word in section.text.casefold() or spelling.fits((word,), section.title) for word in words)
    ]
    return tuple(sorted(found, key=lambda section: not spelling.fits(words, section.title)))[:40]

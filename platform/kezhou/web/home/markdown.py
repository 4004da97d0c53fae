"""Markdown as HTML, a safe subset: no HTML of the author's, no pictures, no scripts in links. Headings begin below the page's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

LOWER = {"h1": "h2", "h2": "h3", "h3": "h4"}


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").disable("image")


def html(text: str, link: Callable[[str], str] | None = None) -> Markup:
    """The text as HTML; `link` may send a link elsewhere."""
    tokens = _reader().parse(text)
    for token in tokens:
        token.tag = LOWER.get(token.tag, token.tag)
        for child in token.children or ():
            _mend(child, link)
    return Markup(_reader().renderer.render(tokens, _reader().options, {}))  # noqa: S704  # the renderer escapes


def _mend(token: Token, link: Callable[[str], str] | None) -> None:
    if token.type != "link_open":
        return
    href = str(token.attrGet("href") or "")
    token.attrSet("href", link(href) if link else href)
    if href.startswith(("http:", "https:")):
        token.attrSet("rel", "noopener noreferrer")
        token.attrSet("target", "_blank")

"""What every template keeps to: nothing that the content security policy forbids, no icon that is not in the sprite."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from kezhou.web.icons import names_used, source_folders

ROOT = Path(settings.SOURCE).parents[1]
TEMPLATES = sorted(
    file
    for folder in ("platform", "billing", "portal", "search", "plugins")
    for file in (ROOT / folder).rglob("templates/**/*.html")
)
FORBIDDEN = (
    (re.compile(r"<[^>]*\sstyle\s*="), "an inline style"),
    (re.compile(r"<[^>]*\son[a-z]+\s*="), "an inline handler"),
    (re.compile(r"<script(?![^>]*\b(?:src|type=\"application/json\"))"), "an inline script"),
    (re.compile(r"<style\b"), "a style element"),
    (re.compile(r"(?:src|href)=\"https?://"), "a foreign address"),
)
LETTERS = {"letter.html"}
"""Mails: their readers know no style sheets."""


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))
def test_template_holds_nothing_that_the_policy_forbids(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    found = [what for pattern, what in FORBIDDEN if pattern.search(text) and file.name not in LETTERS]

    assert found == []


def _of(pattern: str, ending: str) -> set[str]:
    found = (
        file.read_text("utf-8")
        for folder in ("platform", "billing", "portal")
        for file in (ROOT / folder).rglob(f"static/**/*{ending}")
        if "vendor" not in file.parts
    )
    return {name for text in found for name in re.findall(pattern, text)}


def test_a_class_of_ours_is_one_that_a_style_sheet_or_a_script_knows() -> None:
    """A name that nothing knows is a slip of typing: the mark stays without its colour, and nobody notices."""
    known = _of(r"\.(kz-[a-z0-9-]+)", ".css") | _of(r"(kz-[a-z0-9-]+)", ".js")
    unknown = set()
    for file in TEMPLATES:
        for classes in re.findall(r'class="([^"]*)"', file.read_text("utf-8")):
            plain = re.sub(r"\{%.*?%\}", " ", re.sub(r"\{\{.*?\}\}", "{", classes))
            unknown |= {
                f"{file.name}: {name}"
                for name in plain.split()
                if re.fullmatch(r"kz-[a-z0-9-]+", name) and name not in known
            }

    assert sorted(unknown) == []


@pytest.mark.parametrize(
    "text",
    ['<b style="color:red">', '<b onclick="x()">', "<script>x()</script>", '<img src="https://elsewhere/x.png">'],
)
def test_the_patterns_bite(text: str) -> None:
    assert any(pattern.search(text) for pattern, _what in FORBIDDEN)


def test_sprite_holds_every_icon_that_is_named() -> None:
    sprite = ROOT / "platform/kezhou/web/static/vendor/icons.svg"
    if not sprite.exists():
        pytest.skip("the assets are not fetched")

    held = set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite.read_text(encoding="utf-8")))

    assert names_used(source_folders()) - held == set()

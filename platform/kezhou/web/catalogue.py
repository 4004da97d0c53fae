"""Catalogues of translations: message ids are Chinese; other languages are .po files, compiled by Babel (no GNU gettext needed).

`python -m kezhou.web.catalogue` reads every text of the product again and puts new message ids into the .po files, empty ones
first to be translated; the asset step compiles them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from kezhou.web import traditional

CORE = Path(__file__).resolve().parents[1]
CHECKOUT = CORE.parents[1]
LOCALES = CORE / "locale"
SIMPLIFIED = "zh_Hans"
SOURCES = ("platform/kezhou", "tenants", "billing", "search", "portal", "plugins")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
"""The date in every catalogue's head: a date of the day would change the file without a change."""
_MANIFEST = re.compile(r"""\b(?:title|summary)=\s*["']([^"']+)["']""")
HAN = re.compile(r"[一-鿿]")
_CHINESE = re.compile(r"[一-鿿、，。：；]")  # a mark between two pieces is a text of its own
_NAMES = {"_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2)}


def compile_catalogues(folder: Path = LOCALES) -> int:
    """Write the .mo beside every .po, and the one in traditional Chinese, which no .po is needed for; returns how many."""
    files = sorted(folder.glob("*/LC_MESSAGES/*.po"))
    texts: dict[Any, None] = {}
    for file in files:
        with file.open("rb") as source:
            catalogue = read_po(source)
        texts.update(dict.fromkeys(message.id for message in catalogue if message.id))
        _compile(catalogue, file.with_suffix(".mo"))
    _compile(traditional.catalogue(texts), folder / traditional.LANGUAGE / "LC_MESSAGES" / "django.mo")
    _compile(_same(texts), folder / SIMPLIFIED / "LC_MESSAGES" / "django.mo")
    return len(files) + 2


def _same(texts: Iterable[Any]) -> Catalog:
    """Message ids are what people read, so they are their own translation: a text that is in no catalogue is looked for twice in each."""
    catalogue = Catalog(locale=SIMPLIFIED, creation_date=BEGIN, revision_date=BEGIN, fuzzy=False)
    for text in texts:
        if isinstance(text, str):
            catalogue.add(text, text)
    return catalogue


def _compile(catalogue: Catalog, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as target:
        write_mo(target, catalogue)


def texts(root: Path = CHECKOUT) -> dict[str, list[str]]:
    """Every message id of the product with the files that use it."""
    found: dict[str, list[str]] = {}
    for source in SOURCES:
        for file in sorted((root / source).rglob("*")):
            if file.suffix in {".py", ".html"} and "static" not in file.parts and "testing" not in file.parts:
                for text in _texts_of(file):
                    found.setdefault(text, []).append(str(file.relative_to(root)))
    return found


def _texts_of(file: Path) -> Iterator[str]:
    source = file.read_text(encoding="utf-8")
    if file.name == "plugin.py":  # a manifest is read before there are translations: its texts are plain
        yield from (text for text in _MANIFEST.findall(source) if HAN.search(text))
    if file.suffix == ".html":
        from django.utils.translation.template import templatize  # needs no configured Django, but is heavy

        source = templatize(source, origin=str(file))
    for _line, _function, messages, _comments in extract_python(BytesIO(source.encode()), _NAMES, (), {}):
        text = messages[0] if isinstance(messages, tuple) else messages
        if isinstance(text, str) and _CHINESE.search(text):
            yield text


def update(language: str, root: Path = CHECKOUT) -> tuple[int, int]:
    """Bring the catalogue of a language up to date; returns how many message ids it has and how many are not translated."""
    file = LOCALES / language / "LC_MESSAGES" / "django.po"
    old = Catalog(locale=language)
    if file.exists():
        with file.open("rb") as source:
            old = read_po(source, locale=language)
    new = Catalog(
        locale=language,
        project="Kezhou",
        header_comment=f"# The texts of Kezhou in {language}. Chinese message ids; updated by python -m kezhou.web.catalogue.",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
        creation_date=BEGIN,
        revision_date=BEGIN,
        fuzzy=False,
    )
    for text, files in sorted(texts(root).items()):
        known = old.get(text)
        new.add(
            text, known.string if known is not None else "", locations=[(name, 0) for name in sorted(set(files))[:2]]
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as target:
        write_po(target, new, width=120, sort_output=True, include_lineno=False)
    return len(new), sum(1 for message in new if message.id and not message.string)


def main(languages: Iterable[str] = ("en",)) -> None:
    """Update the catalogues and say what is missing."""
    for language in languages:
        total, missing = update(language)
        sys.stdout.write(f"{language}: {total} texts, {missing} not translated yet\n")


if __name__ == "__main__":
    main()

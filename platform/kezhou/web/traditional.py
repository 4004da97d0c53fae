"""The interface in traditional Chinese, made at build from the simplified texts (PLT-17): nothing is written twice.

OpenCC converts words, not single characters (发票 is 發票, 头发 is 頭髮), to the forms usual in Taiwan; the vocabulary stays that of the
catalogue. What a company wrote itself, names above all, is data and never passes through here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from babel.messages.catalog import Catalog

LANGUAGE = "zh_Hant"
KEPT = ("简体中文",)
"""Names that stay as they are written: a language is called by its own name."""

_KEPT = re.compile("({})".format("|".join(map(re.escape, KEPT))))


def catalogue(texts: Iterable[str | tuple[str, ...]]) -> Catalog:
    """A catalogue of message ids with their traditional forms; one without any difference is left out."""
    from opencc import OpenCC  # loads its dictionaries

    convert = OpenCC("s2tw").convert

    def written(text: str) -> str:
        return "".join(piece if piece in KEPT else convert(piece) for piece in _KEPT.split(text))

    made = Catalog(locale=LANGUAGE)
    for text in texts:
        forms = (text,) if isinstance(text, str) else text
        found = tuple(map(written, forms))
        if found != forms:
            made.add(text, found[0] if isinstance(text, str) else found[:1])
    return made

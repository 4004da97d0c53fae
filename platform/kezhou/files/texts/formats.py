"""The text inside a file, by what its first bytes say it is. Runs in a child process: the files are anybody's."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

MOST_PAGES = 500
MOST_CHARACTERS = 200_000
MOST_UNPACKED = 400 * 1024 * 1024
PLAIN = frozenset({".txt", ".md", ".log", ".json", ".xml", ".yaml", ".yml", ".ini", ".csv", ".tsv"})
_PDF, _ZIP, _COMPOUND = b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffe\uffff]+")
_SPACES = re.compile(r"[ \u00a0\u3000]+")


class Locked(Exception):
    """The file has a password."""


class Unreadable(Exception):
    """Files of this kind hold no text that can be read here."""


def text_of(path: Path, name: str) -> tuple[str, bool]:
    """The text of a file, and whether it was cut at the limits.

    Raises:
        Locked, Unreadable: and whatever its library raises for a broken one.
    """
    pieces: list[str] = []
    size = 0
    for piece in _reader(path, name)(path):
        cleaned = _SPACES.sub(" ", _UNSEEN.sub(" ", piece)).strip()
        if cleaned:
            pieces.append(cleaned)
            size += len(cleaned) + 1
        if size > MOST_CHARACTERS:
            return "\n".join(pieces)[:MOST_CHARACTERS], True
    return "\n".join(pieces), False


def _reader(path: Path, name: str) -> Callable[[Path], Iterable[str]]:
    with path.open("rb") as content:
        head = content.read(1024)
    if _PDF in head:
        return _pdf
    if head.startswith(_ZIP):
        return _packed(path)
    if head.startswith(_COMPOUND):
        return _compound
    if Path(name).suffix.lower() in PLAIN:
        return _plain
    raise Unreadable


def _packed(path: Path) -> Callable[[Path], Iterable[str]]:
    with zipfile.ZipFile(path) as archive:
        held = archive.infolist()
    if sum(one.file_size for one in held) > MOST_UNPACKED:
        raise Unreadable
    names = {one.filename for one in held}
    for inside, reader in (
        ("word/document.xml", _word),
        ("ppt/presentation.xml", _slides),
        ("xl/workbook.xml", _sheets),
    ):
        if inside in names:
            return reader
    raise Unreadable


def _compound(path: Path) -> Iterator[str]:
    """The old container: a workbook of Excel 97, or any Office file that has a password."""
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        raise Locked
    from python_calamine import CalamineError

    try:
        yield from _sheets(path)
    except CalamineError as error:
        raise Unreadable from error


def _pdf(path: Path) -> Iterator[str]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Locked from error
        raise
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        yield page.get_textpage().get_text_bounded().replace("\r\n", "\n").replace("\ufffe\n", "")
        page.close()


def _word(path: Path) -> Iterator[str]:
    import docx
    from docx.oxml.ns import qn

    document = docx.Document(str(path))
    parts = [document.element.body]
    for section in document.sections:
        parts += [part._element for part in (section.header, section.footer) if not part.is_linked_to_previous]
    for part in parts:
        yield from _paragraphs(part, qn("w:p"), qn("w:t"))


def _slides(path: Path) -> Iterator[str]:
    from pptx import Presentation
    from pptx.oxml.ns import qn

    for number, slide in enumerate(Presentation(str(path)).slides):
        if number == MOST_PAGES:
            return
        parts = [slide.element, *([slide.notes_slide.element] if slide.has_notes_slide else [])]
        for part in parts:
            yield from _paragraphs(part, qn("a:p"), qn("a:t"))


def _paragraphs(part: Any, paragraph: str, text: str) -> Iterator[str]:
    for one in part.iter(paragraph):
        yield "".join(piece.text or "" for piece in one.iter(text))


def _sheets(path: Path) -> Iterator[str]:
    from python_calamine import PasswordError, load_workbook

    try:
        book = load_workbook(str(path))
    except PasswordError as error:
        raise Locked from error
    with book:
        for name in book.sheet_names:
            yield name
            for row in book.get_sheet_by_name(name).iter_rows():
                yield " ".join(_cell(cell) for cell in row if cell not in ("", None))


def _cell(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _plain(path: Path) -> Iterator[str]:
    with path.open("rb") as content:
        raw = content.read(MOST_CHARACTERS * 4)
    yield from _decoded(raw).splitlines()


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="ignore")
    for encoding in ("utf-8-sig", "gb18030"):
        for end in range(len(raw), max(0, len(raw) - 4), -1):  # the cut may go through a character
            try:
                return raw[:end].decode(encoding)
            except UnicodeDecodeError:
                continue
    raise Unreadable

"""A dictionary as a spreadsheet: written for somebody to change, and read back (CFG-02)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from kezhou.access.actor import Actor
from kezhou.exchange.readers import open_table
from kezhou.exchange.sheets import write_workbook
from kezhou.exchange.views import ExchangeError
from kezhou.records import dictionaries
from kezhou.records.dictionaries import HUE_NAMES
from kezhou.records.dictionary.bulk import Applied, BulkError, Line, apply, lines_of, path_of
from kezhou.records.fields.reading import text_of, yes_no

COLUMNS = ("key", "path", "hue", "enabled", "default", "aliases")
MOST_ROWS = dictionaries.MOST_VALUES


def titles() -> dict[str, str]:
    """The heads of the columns."""
    return {
        "key": _("编码"),
        "path": _("值（上级 > 值）"),
        "hue": _("颜色"),
        "enabled": _("启用"),
        "default": _("默认"),
        "aliases": _("导入时也认作"),
    }


def write(actor: Actor, key: str, title: str, target: IO[bytes]) -> None:
    """Write every value; merged ones are left out, because they stand for another."""
    found = dictionaries.values(actor, key)
    said = {True: _("是"), False: _("否")}
    rows: list[Sequence[Any]] = [tuple(titles().values())]
    rows += [
        (
            value.key,
            path_of(found, value),
            str(HUE_NAMES.get(value.hue, value.hue)),
            said[value.enabled],
            said[value.default],
            "、".join(value.aliases),
        )
        for value in found
        if not value.merged
    ]
    write_workbook(target, [(title, rows)])


def read(actor: Actor, key: str, path: Path) -> Applied:
    """Bring a changed sheet back, all or nothing. Raises ExchangeError for the file, BulkError for its rows."""
    rows = open_table(path).rows()
    heads = next((cells for _number, cells in rows if any(text_of(cell).strip() for cell in cells if cell)), [])
    places = _places([text_of(cell).strip() if cell is not None else "" for cell in heads])
    return apply(actor, key, tuple(_lines(rows, places)))


def _places(heads: Sequence[str]) -> dict[str, int]:
    places = {name: heads.index(title) for name, title in titles().items() if title in heads}
    if "path" not in places:
        shown = {"known": "、".join(titles().values()), "wanted": titles()["path"]}
        raise ExchangeError(
            _("第一行要有“%(wanted)s”这一列；认得的列：%(known)s。先导出一份，在它上面改最稳妥。") % shown
        )
    return places


def _lines(rows: Iterator[tuple[int, Any]], places: dict[str, int]) -> Iterator[Line]:
    problems: list[tuple[int, str]] = []
    for count, (number, cells) in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise ExchangeError(_("一个字典最多 %(limit)s 个值，文件里还有更多行。") % {"limit": MOST_ROWS})
        texts = {name: _cell(cells, place) for name, place in places.items()}
        if not any(texts.values()):
            continue
        try:
            yield _line(number, texts)
        except ValueError as error:
            problems.append((number, str(error)))
    if problems:
        raise BulkError(problems)


def _cell(cells: Sequence[Any], place: int) -> str:
    return text_of(cells[place]).strip() if place < len(cells) and cells[place] is not None else ""


def _line(number: int, texts: dict[str, str]) -> Line:
    path = lines_of(texts["path"])
    aliases = texts.get("aliases")
    return Line(
        row=number,
        path=path[0].path if path else (),
        key=texts.get("key", ""),
        hue=_hue(texts.get("hue", "")),
        enabled=_said(texts.get("enabled", "")),
        default=_said(texts.get("default", "")),
        aliases=None if aliases is None else tuple(word for word in aliases.replace("，", "、").split("、") if word),
    )


def _hue(text: str) -> str | None:
    if not text:
        return None
    found = next((key for key, name in HUE_NAMES.items() if text in (key, str(name))), None)
    if found is None:
        known = "、".join(map(str, HUE_NAMES.values()))
        raise ValueError(_("没有颜色“%(hue)s”，可用：%(known)s。") % {"hue": text[:20], "known": known})
    return found


def _said(text: str) -> bool | None:
    said = yes_no(text) if text else None
    if text and said is None:
        raise ValueError(_("“%(value)s”看不出是或否，请填写“是”或“否”。") % {"value": text[:20]})
    return said

"""Tolerant reading of what people type and paste: full width, ￥, 1,234.00, 176.2万元, 2026年1月21日, 2025.07.10."""

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from kezhou.records.fields.shapes import FieldError

_LONGEST_SHOWN = 40
_LONGEST_NUMBER = 60
_PLAIN_DIGITS = 18

# Invisible characters that only confuse or deceive: controls, zero width, direction marks, byte order mark, surrogates.
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_INVISIBLE = "\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
_HIDDEN = re.compile(f"[{_CONTROLS}{_INVISIBLE}]")
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029")
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")

_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}

_ANY_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")

_UNITS = {"": 0, "百": 2, "千": 3, "K": 3, "万": 4, "W": 4, "十万": 5, "百万": 6, "千万": 7, "M": 6, "亿": 8}
_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)?(\.\d+)?(十万|百万|千万|[百千万亿KWM])?(?:元|圆)?(?:整)?")
_DATE = re.compile(r"(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?号?")
_DIGITS_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"([2-7]\d{4})(?:\.0+)?")  # days since 1899-12-30 as spreadsheets count: 1954 to 2119
_TIME = re.compile(r"(上午|下午|中午|晚上|早上)?(\d{1,2})(?:[:时点])(?:(\d{1,2})分?)?(?:[:]?(\d{1,2})秒?)?(?:\.\d+)?")
_YES = {"是", "有", "对", "真", "已", "√", "✓", "Y", "YES", "TRUE", "T", "1", "ON"}
_NO = {"否", "无", "不", "不是", "没有", "错", "假", "未", "×", "✗", "N", "NO", "FALSE", "F", "0", "OFF"}


def is_blank(raw: Any) -> bool:
    """True for nothing at all: None, a text of spaces and invisible characters, an empty list, not-a-number."""
    if isinstance(raw, str):
        return not raw or not (raw[0].isalnum() or clean_line(raw))
    if isinstance(raw, float):
        return math.isnan(raw)
    return raw is None or (isinstance(raw, (list, tuple)) and not raw)


def quoted_value(raw: Any) -> str:
    """A value for an error sentence: one line, at most 40 characters."""
    text = clean_line(str(raw))
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def clean_line(text: str) -> str:
    """One line of text: invisible characters gone, runs of spaces made one, trimmed."""
    if text.isprintable() and "  " not in text:  # what hides, ends lines or is another kind of space is not printable
        return text.strip()
    visible = _HIDDEN.sub("", _LINE_ENDS.sub(" ", text)).replace("\n", " ")
    return _SPACES.sub(" ", visible).strip()


def clean_lines(text: str) -> str:
    """Text of several lines: invisible characters gone, line ends as \\n, trimmed; spaces inside stay."""
    lines = _HIDDEN.sub("", _LINE_ENDS.sub("\n", text)).split("\n")
    return "\n".join(line.rstrip(" \t\u00a0\u3000") for line in lines).strip("\n").strip()


def narrow(text: str) -> str:
    """Full-width letters and digits made half-width; Chinese punctuation stays as typed."""
    return text.translate(_WIDE) if _ANY_WIDE.search(text) else text


def text_of(raw: Any) -> str:
    """A cell's value as the text that was meant: 13800000000.0 is 13800000000, a date its ISO form, True is 是."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, (list, tuple, set, dict)):
        raise FieldError(_("这里要填一个值，不能是列表或对象。"))
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() and abs(raw) < 1e15 else repr(raw)
    return raw.isoformat() if isinstance(raw, (date, datetime)) else str(raw)


def folded(text: str) -> str:
    """For comparing what was typed with what is known: one width, one case, no spaces, nothing invisible."""
    return "".join(unicodedata.normalize("NFKC", _HIDDEN.sub("", text)).casefold().split())


def plain(text: str) -> str:
    """One width, upper case, no spaces: the form in which numbers, dates and codes are read."""
    if text.isascii() and text.isprintable():
        return text.replace(" ", "").upper()
    return "".join(unicodedata.normalize("NFKC", _HIDDEN.sub("", text)).split()).upper()


def number(raw: Any) -> Decimal | None:
    """The exact number that was meant, or None: 1,234.00, １８１００００, ￥4,810.5, 176.2万元, (1,200), 12%."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return Decimal(raw) if abs(raw) < 10**_LONGEST_NUMBER else None
    if isinstance(raw, (float, Decimal)):
        return _finite(raw)
    text = str(raw)
    if len(text) < _PLAIN_DIGITS and text.isascii() and text.isdecimal():
        return Decimal(text)
    return _number_of_text(plain(text[: _LONGEST_NUMBER * 4]))


def _finite(raw: float | Decimal) -> Decimal | None:
    value = raw if isinstance(raw, Decimal) else Decimal(repr(raw))
    return normalised(value) if value.is_finite() and abs(value.adjusted()) < _LONGEST_NUMBER else None


def _number_of_text(text: str) -> Decimal | None:
    negative = text.startswith("(") and text.endswith(")")
    text = text.strip("()") if negative else text
    percent = text.endswith("%")
    text = text.removesuffix("%").removeprefix("人民币").removeprefix("RMB").removeprefix("CNY")
    text = re.sub(r"^([+-]?)[￥¥$]", r"\1", text)
    text = re.sub(r"^[￥¥$]", "", text)
    match = _NUMBER.fullmatch(text.replace("−", "-").replace("，", ","))
    if match is None or not (match[2] or match[3]) or len(text) > _LONGEST_NUMBER:
        return None
    try:
        value = Decimal(f"{match[1]}{(match[2] or '0').replace(',', '')}{match[3] or ''}")
    except InvalidOperation:
        return None
    value = value.scaleb(_UNITS[match[4] or ""] - (2 if percent else 0))
    return normalised(-value if negative else value)


def normalised(value: Decimal) -> Decimal:
    """The same number without an exponent and without zeros at the end of its fraction; minus zero is zero."""
    if value == value.to_integral_value():
        return value.to_integral_value() + 0
    return Decimal(format(value, "f").rstrip("0"))


def day(raw: Any) -> date | None:
    """The day that was meant, or None: 2026年1月21日, 2025.07.10, 2025/3/10, 20250310, a date-time, a sheet's 45418."""
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = plain(str(raw)[:_LONGEST_NUMBER])
    if serial := _SERIAL.fullmatch(text):
        return date(1899, 12, 30) + timedelta(days=int(serial[1]))
    match = _DATE.match(text) or _DIGITS_DATE.fullmatch(text)
    if match is None or (match.end() < len(text) and clock(text[match.end() :].removeprefix("T")) is None):
        return None
    return _day_of(int(match[1]), int(match[2]), int(match[3]))


def _day_of(year: int, month: int, of_month: int) -> date | None:
    try:
        return date(year, month, of_month)
    except ValueError:
        return None


def clock(text: str) -> time | None:
    """The time of day that was meant, None when it is none: 15:30, 15:30:05, 下午3点半 is not read, 下午3点30分 is."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = int(match[2]), int(match[3] or 0), int(match[4] or 0)
    if match[1] in {"下午", "晚上"} and hour < 12:
        hour += 12
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def moment(raw: Any) -> datetime | None:
    """The date and time that were meant (naive unless an offset was given), or None; a day is its midnight."""
    if isinstance(raw, datetime):
        return raw
    if isinstance(raw, date):
        return datetime.combine(raw, time())
    text = clean_line(str(raw)[:_LONGEST_NUMBER])
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _moment_of_text(plain(text))


def _moment_of_text(text: str) -> datetime | None:
    match = _DATE.match(text) or _DIGITS_DATE.match(text)
    if match is None:
        return None
    when, rest = _day_of(int(match[1]), int(match[2]), int(match[3])), text[match.end() :].removeprefix("T")
    at = clock(rest) if rest else time()
    return datetime.combine(when, at) if when is not None and at is not None else None


def yes_no(raw: Any) -> bool | None:
    """True or False as was meant by 是, 否, √, Y, no, 1 …; None when it is neither."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, (int, float)):
        return bool(raw) if raw in {0, 1} else None
    text = plain(str(raw)[:_LONGEST_NUMBER])
    return True if text in _YES else False if text in _NO else None

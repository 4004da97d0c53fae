"""The functions and operators of formulas: what they take, what they give, and how.

Kinds are number, text, date, datetime, yes_no, choice (an option's key) and empty. Unless a function says `sees_empty`, an empty
argument makes its result empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EXACT = Context(prec=40, rounding=ROUND_HALF_UP, traps=[DivisionByZero, InvalidOperation, Overflow])
LONGEST_TEXT = 2_000
MOST_DAYS = 1_000_000

ANY = "any"
SAME = "same"
"""`ANY` takes every kind; arguments marked `SAME` must be of one kind, which is the result's when that is `SAME` too."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function: `takes` are the kinds of its arguments; with `more` the last ones repeat (that many of them together)."""

    name: str
    help: str | Promise
    takes: tuple[str, ...]
    gives: str
    run: Callable[[Sequence[Any]], Any]
    optional: int = 0
    more: int = 0
    sees_empty: bool = False


def _days(args: Sequence[Any]) -> Decimal:
    return Decimal((_day(args[0]) - _day(args[1])).days)


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def moved(when: Any, days: Decimal) -> Any:
    """A date or moment so many days later; nothing when that is beyond the calendar."""
    if abs(days) > MOST_DAYS:
        return None
    try:
        return when + timedelta(days=float(days)) if isinstance(when, datetime) else when + timedelta(days=int(days))
    except OverflowError:
        return None


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up, as money is."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, context=EXACT)


def _round(args: Sequence[Any]) -> Decimal | None:
    places = int(args[1]) if len(args) > 1 else 0
    if not -12 <= places <= 12:
        return None
    if places < 0:
        size = Decimal(10) ** -places
        return rounded(args[0] / size, 0) * size
    return rounded(args[0], places)


def _given(args: Sequence[Any]) -> list[Any]:
    return [arg for arg in args if arg is not None]


def _least(args: Sequence[Any]) -> Any:
    return min(_given(args), default=None)


def _greatest(args: Sequence[Any]) -> Any:
    return max(_given(args), default=None)


def _case(args: Sequence[Any]) -> Any:
    asked, rest = args[0], list(args[1:])
    while len(rest) > 1:
        wanted, then = rest.pop(0), rest.pop(0)
        if asked is not None and asked == wanted:
            return then
    return rest[0] if rest else None


def _piece(args: Sequence[Any], *, left: bool) -> str | None:
    count = int(args[1])
    if count < 0:
        return None
    return args[0][:count] if left else args[0][max(0, len(args[0]) - count) :]  # type: ignore[no-any-return]


def _date(args: Sequence[Any]) -> date | None:
    try:
        return date(int(args[0]), int(args[1]), int(args[2]))
    except (ValueError, OverflowError):
        return None


def _rest(args: Sequence[Any]) -> Decimal | None:
    return (
        None
        if args[1] == 0
        else EXACT.subtract(args[0], args[1] * (args[0] / args[1]).to_integral_value("ROUND_FLOOR"))
    )


def joined(args: Sequence[Any]) -> str | None:
    """Texts one after the other; empties are left out."""
    return "".join(map(str, _given(args)))[:LONGEST_TEXT] or None


_ALL = (
    Function(
        "IF", _("IF(条件, 是时的值, 否时的值)"), ("yes_no", SAME, SAME), SAME,
        lambda a: a[1] if a[0] else a[2] if len(a) > 2 else None, optional=1, sees_empty=True,
    ),
    Function("CASE", _("CASE(字段, 值1, 结果1, 值2, 结果2, 其他)"), (ANY, ANY, SAME), SAME, _case, more=2, sees_empty=True),
    Function(
        "COALESCE", _("COALESCE(值1, 值2…)：第一个不为空的"), (SAME,), SAME,
        lambda a: next(iter(_given(a)), None), more=1, sees_empty=True,
    ),
    Function("ISEMPTY", _("ISEMPTY(值)：是否为空"), (ANY,), "yes_no", lambda a: a[0] is None, sees_empty=True),
    Function("ROUND", _("ROUND(数, 小数位)：四舍五入"), ("number", "number"), "number", _round, optional=1),
    Function("INT", _("INT(数)：取整，去掉小数"), ("number",), "number", lambda a: a[0].to_integral_value("ROUND_DOWN")),
    Function("MOD", _("MOD(数, 除数)：余数"), ("number", "number"), "number", _rest),
    Function("ABS", _("ABS(数)：绝对值"), ("number",), "number", lambda a: abs(a[0])),
    Function("MIN", _("MIN(值1, 值2…)：最小的，空的不算"), (SAME,), SAME, _least, more=1, sees_empty=True),
    Function("MAX", _("MAX(值1, 值2…)：最大的，空的不算"), (SAME,), SAME, _greatest, more=1, sees_empty=True),
    Function("CONCAT", _("CONCAT(文字1, 文字2…)：连起来，也可写 &"), ("text",), "text", joined, more=1, sees_empty=True),
    Function("LEN", _("LEN(文字)：字数"), ("text",), "number", lambda a: Decimal(len(a[0]))),
    Function("LEFT", _("LEFT(文字, 几个字)"), ("text", "number"), "text", lambda a: _piece(a, left=True)),
    Function("RIGHT", _("RIGHT(文字, 几个字)"), ("text", "number"), "text", lambda a: _piece(a, left=False)),
    Function("CONTAINS", _("CONTAINS(文字, 要找的)：是否包含"), ("text", "text"), "yes_no", lambda a: a[1] in a[0]),
    Function("YEAR", _("YEAR(日期)：年"), ("date",), "number", lambda a: Decimal(a[0].year)),
    Function("MONTH", _("MONTH(日期)：月"), ("date",), "number", lambda a: Decimal(a[0].month)),
    Function("DAY", _("DAY(日期)：日"), ("date",), "number", lambda a: Decimal(a[0].day)),
    Function("WEEKDAY", _("WEEKDAY(日期)：星期几，星期一是 1"), ("date",), "number", lambda a: Decimal(a[0].isoweekday())),
    Function("DATE", _("DATE(年, 月, 日)"), ("number", "number", "number"), "date", _date),
    Function("DAYS", _("DAYS(结束日期, 开始日期)：相差几天"), ("date", "date"), "number", _days),
    Function("AND", _("AND(条件1, 条件2…)：都成立，也可写 且"), ("yes_no",), "yes_no", all, more=1, sees_empty=True),
    Function("OR", _("OR(条件1, 条件2…)：有一个成立，也可写 或"), ("yes_no",), "yes_no", any, more=1, sees_empty=True),
    Function("NOT", _("NOT(条件)：相反，也可写 非"), ("yes_no",), "yes_no", lambda a: not a[0], sees_empty=True),
    Function("NEGATE", _("负数"), ("number",), "number", lambda a: -a[0]),
)  # fmt: skip

FUNCTIONS: Mapping[str, Function] = {each.name: each for each in _ALL}

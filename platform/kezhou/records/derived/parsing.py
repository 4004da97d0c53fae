"""From the text of a formula to a tree of plain nodes. Knows neither fields nor types; see `formula.py` for those.

The grammar is read by lark's LALR parser, which needs no recursion, so no text can exhaust the stack. Full-width punctuation, as a
Chinese keyboard types it, counts as half-width outside of quotes and braces.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, VisitError

from kezhou.records.spec import RecordError

LONGEST = 4_000
MOST_NODES = 400
DEEPEST = 60

_GRAMMAR = r"""
?start: either
?either: both (OR both)*
?both: negation (AND negation)*
?negation: NOT negation -> negated
    | comparison
?comparison: joined (COMPARE joined)?
?joined: sum (JOIN sum)*
?sum: product (SIGN product)*
?product: unary (TIMES unary)*
?unary: SIGN unary -> signed
    | atom
?atom: NUMBER -> number
    | STRING -> string
    | FIELD -> field
    | NAME -> name
    | NAME "(" [either ("," either)*] ")" -> call
    | "(" either ")"

OR.2: /or\b|或者|或/i
AND.2: /and\b|并且|且/i
NOT.2: /not\b|非/i
COMPARE: ">=" | "<=" | "<>" | "!=" | "==" | "=" | ">" | "<" | "≥" | "≤" | "≠"
JOIN: "&"
SIGN: "+" | "-"
TIMES: "*" | "/"
NUMBER: /\d+(\.\d+)?%?/
STRING: /"(?:[^"]|"")*"|'(?:[^']|'')*'/
FIELD: /\{[^{}\n]{1,200}\}/
NAME: /[A-Za-z_][A-Za-z_0-9]*|[\u4e00-\u9fff][\u4e00-\u9fffA-Za-z_0-9]*/
%ignore /\s+/
"""

_WIDE = str.maketrans("（），；＋－×＊÷／＝＜＞＆％－", "(),,+-**//=<>&%-")
_QUOTES = {"“": '"', "”": '"', "‘": "'", "’": "'"}
_COMPARISONS = {"==": "=", "!=": "<>", "≠": "<>", "≥": ">=", "≤": "<="}


class FormulaError(RecordError):
    """A formula that cannot be; `str()` is a full sentence, `start` and `end` say where in the text."""

    def __init__(self, sentence: str, start: int = 0, end: int = 0) -> None:
        self.start, self.end = start, max(end, start)
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Node:
    """`kind` is value, text, field, or call (`name` then tells the function or the operator); `start`, `end` are its place."""

    kind: str
    name: str
    start: int
    end: int
    value: Any = None
    parts: tuple[Node, ...] = ()
    depth: int = field(default=1)
    size: int = field(default=1)


def parse(text: str) -> Node:
    """The tree of a formula. Raises FormulaError."""
    if not text.strip():
        raise FormulaError(_("请填写公式，字段名写在花括号里。"))
    if len(text) > LONGEST:
        raise FormulaError(
            _("公式最多 %(limit)s 个字符，现在是 %(length)s 个。") % {"limit": LONGEST, "length": len(text)}, LONGEST
        )
    try:
        node: Node = _parser().parse(_narrow(text))  # type: ignore[assignment]  # the transformer makes nodes
    except UnexpectedInput as error:
        raise _told(error, text) from None
    except VisitError as error:
        if isinstance(error.orig_exc, FormulaError):
            raise error.orig_exc from None
        raise
    return node


def _narrow(text: str) -> str:
    """The text with half-width punctuation outside of quotes and braces; every character keeps its place."""
    out, inside = [], ""
    for character in text:
        plain = _QUOTES.get(character, character)
        if inside:
            inside = "" if plain == inside else inside
            out.append(plain if plain == inside or not inside else character)
        elif plain in "\"'{":
            inside = "}" if plain == "{" else plain
            out.append(plain)
        else:
            out.append(character.translate(_WIDE))
    return "".join(out)


def _told(error: UnexpectedInput, text: str) -> FormulaError:
    place = error.pos_in_stream if error.pos_in_stream is not None else len(text)
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        return FormulaError(_("公式没有写完：末尾还缺一个值或右括号。"), len(text), len(text))
    shown = text[place : place + 1]
    if isinstance(error, UnexpectedCharacters) and shown in "\"'“”‘’":
        return FormulaError(_("第 %(place)s 个字：引号没有配对。") % {"place": place + 1}, place, len(text))
    if shown in "{}":
        return FormulaError(
            _("第 %(place)s 个字：花括号没有配对，字段名要写在一对花括号里。") % {"place": place + 1}, place, place + 1
        )
    token = str(getattr(error, "token", shown)) or shown
    sentence = _("第 %(place)s 个字：这里不该有“%(shown)s”，请检查运算符、逗号和括号。") % {
        "place": place + 1,
        "shown": token[:20],
    }
    return FormulaError(sentence, place, place + len(token))


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="contextual", transformer=_Builder(), maybe_placeholders=False)


def _call(name: str, parts: tuple[Node, ...], start: int, end: int) -> Node:
    depth, size = 1 + max((part.depth for part in parts), default=0), 1 + sum(part.size for part in parts)
    if depth > DEEPEST:
        raise FormulaError(_("公式嵌套太深，最多 %(limit)s 层，请拆成几个字段。") % {"limit": DEEPEST}, start, end)
    if size > MOST_NODES:
        raise FormulaError(_("公式太长，最多 %(limit)s 个部分，请拆成几个字段。") % {"limit": MOST_NODES}, start, end)
    return Node("call", name, start, end, None, parts, depth, size)


class _Builder(Transformer):  # type: ignore[type-arg]  # generic in the stubs only
    """Nodes from the bottom up. A run of operators of one rank is one node with `value` as the operators."""

    def _run(self, name: str, items: list[Any]) -> Node:
        if len(items) == 1:
            return items[0]  # type: ignore[no-any-return]
        parts, signs = tuple(items[::2]), tuple(str(item) for item in items[1::2])
        made = _call(name, parts, parts[0].start, parts[-1].end)
        return Node("call", name, made.start, made.end, signs, parts, made.depth, made.size)

    def either(self, items: list[Any]) -> Node:
        return self._run("OR", items)

    def both(self, items: list[Any]) -> Node:
        return self._run("AND", items)

    def joined(self, items: list[Any]) -> Node:
        return self._run("&", items)

    def sum(self, items: list[Any]) -> Node:
        return self._run("+", items)

    def product(self, items: list[Any]) -> Node:
        return self._run("*", items)

    def comparison(self, items: list[Any]) -> Node:
        sign = _COMPARISONS.get(str(items[1]), str(items[1]))
        return _call(sign, (items[0], items[2]), items[0].start, items[2].end)

    def negated(self, items: list[Any]) -> Node:
        return _call("NOT", (items[1],), items[0].start_pos, items[1].end)

    def signed(self, items: list[Any]) -> Node:
        return items[1] if items[0] == "+" else _call("NEGATE", (items[1],), items[0].start_pos, items[1].end)

    @v_args(inline=True)
    def number(self, token: Token) -> Node:
        digits = str(token).removesuffix("%")
        if len(digits) > 30:
            raise FormulaError(
                _("第 %(place)s 个字：数字太长，最多 30 位。") % {"place": _start(token) + 1},
                _start(token),
                _end(token),
            )
        value = Decimal(digits).scaleb(-2) if token.endswith("%") else Decimal(digits)
        return Node("value", "number", _start(token), _end(token), value)

    @v_args(inline=True)
    def string(self, token: Token) -> Node:
        quote = token[0]
        return Node("text", "text", _start(token), _end(token), str(token)[1:-1].replace(quote * 2, quote))

    @v_args(inline=True)
    def field(self, token: Token) -> Node:
        return Node("field", str(token)[1:-1].strip(), _start(token), _end(token))

    @v_args(inline=True)
    def name(self, token: Token) -> Node:
        truth = {"TRUE": True, "是": True, "FALSE": False, "否": False}.get(str(token).upper())
        if truth is not None:
            return Node("value", "yes_no", _start(token), _end(token), truth)
        return Node("field", str(token), _start(token), _end(token))

    def call(self, items: list[Any]) -> Node:
        name, parts = items[0], tuple(items[1:])
        end = parts[-1].end + 1 if parts else _end(name) + 2
        return _call(str(name).upper(), parts, _start(name), end)


def _start(token: Token) -> int:
    return token.start_pos or 0


def _end(token: Token) -> int:
    return token.end_pos or 0

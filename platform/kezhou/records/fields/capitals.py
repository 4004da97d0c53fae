"""Amounts in the capital characters of cheques and receipts (支付结算办法, 1997, annex 1)."""

from decimal import Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("仟", "佰", "拾", "")


def capitals(amount: Decimal) -> str:
    """An amount in yuan as 壹万贰仟元叁角肆分; 整 follows where no fen do."""
    fen = int((abs(amount) * 100).to_integral_value())
    whole, jiao, fen = fen // 100, fen // 10 % 10, fen % 10
    text = f"{_whole(whole)}元" if whole or not (jiao or fen) else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif fen and whole:
        text += "零"
    text += f"{_DIGITS[fen]}分" if fen else "整"
    return ("负" if amount < 0 else "") + text


def _whole(number: int) -> str:
    if number == 0:
        return "零"
    for size, name in ((10**8, "亿"), (10**4, "万")):
        if number >= size:
            head, rest = divmod(number, size)
            joint = "零" if 0 < rest < size // 10 else ""
            return _whole(head) + name + (joint + _whole(rest) if rest else "")
    return _four(number)


def _four(number: int) -> str:
    """1 to 9999; zeros between digits are said once, those at the end not at all."""
    text, pending = "", False
    for digit, place in zip(f"{number:04d}", _PLACES, strict=True):
        if digit == "0":
            pending = bool(text)
            continue
        text += ("零" if pending else "") + _DIGITS[int(digit)] + place
        pending = False
    return text

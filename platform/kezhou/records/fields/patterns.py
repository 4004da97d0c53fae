"""Patterns that administrators give for texts: accepted only when no value can make matching slow."""

import re

from django.utils.translation import gettext as _

LONGEST = 200
_UNBOUNDED = 3
_REPEATED_GROUP = re.compile(r"\)(?:[*+]|\{\d*,\d*\}|\{[2-9]\d*\}|\{1\d+\})")
_REFERENCE = re.compile(r"\\[1-9]|\(\?P?[=<!(]")


def problem(pattern: str) -> str | None:
    """Why a pattern cannot be a field's rule, as a sentence; None when it can.

    Refused are patterns that do not compile, look around, refer back, repeat a group or repeat without limit more than
    three times: those are the ones on which matching can take exponential or high polynomial time.
    """
    if len(pattern) > LONGEST:
        return _("规则最多 %(limit)s 个字符。") % {"limit": LONGEST}
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as wrong:
        return _("“%(pattern)s”不是正则表达式：%(reason)s。") % {"pattern": pattern, "reason": wrong}
    bare = re.sub(r"\\[^1-9]|\[(?:\\.|[^\]\\])*\]", "x", pattern)
    if _REFERENCE.search(bare):
        return _("规则不能使用前后查看或反向引用。")
    if _REPEATED_GROUP.search(bare):
        return _("规则不能重复一个括号组，请改为重复单个字符，例如 [0-9]{4}。")
    if len(re.findall(r"[*+]|\{\d*,\}", bare)) > _UNBOUNDED:
        return _("规则里不限次数的重复（* 或 +）最多 %(limit)s 处。") % {"limit": _UNBOUNDED}
    return None

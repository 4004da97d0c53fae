"""What a password must be, in sentences. The same rule at sign-up, invitation, change and reset."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kezhou import parameters
from kezhou.access.parameters import PASSWORD
from tenants.context import current_or_none

LONGEST = 128


def shortest() -> int:
    """How many characters a password needs here; the default where a company is only being opened."""
    return parameters.whole(PASSWORD) if current_or_none() else int(parameters.declared()[PASSWORD].default)


def password_problem(password: str, *, words: Sequence[str] = ()) -> str | None:
    """Why this password cannot be used, or None. `words` are names it must not consist of (own name, company, mobile)."""
    if len(password) < shortest():
        return _("密码至少 %(count)d 位，现在是 %(now)d 位。") % {"count": shortest(), "now": len(password)}
    if len(password) > LONGEST:
        return _("密码最多 %(count)d 位。") % {"count": LONGEST}
    if _kinds(password) < 2:
        return _("密码太简单：请至少用上字母、数字、符号中的两种。")
    if _is_common(password):
        return _("这个密码很常见，容易被猜到，请换一个。")
    folded = password.lower()
    if any(len(word) >= 3 and word.lower() in folded and len(folded) - len(word) < 4 for word in words):
        return _("密码里几乎只有名字或号码，请换一个。")
    return None


def _kinds(password: str) -> int:
    return sum(
        (
            any(character.isalpha() for character in password),
            any(character.isdigit() for character in password),
            any(not character.isalnum() for character in password),
        )
    )


def _is_common(password: str) -> bool:
    try:
        _common().validate(password)
    except ValidationError:
        return True
    return False


@cache
def _common() -> CommonPasswordValidator:
    """Twenty thousand passwords that everybody tries; reading them takes longer than hashing one."""
    return CommonPasswordValidator()

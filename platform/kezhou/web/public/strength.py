"""How strong a password looks: four levels for the meter under the field. Whether it is accepted is the access module's word."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Strength:
    """`level` 1 to 4; `label` says it in a word, since colour is never the only sign."""

    level: int
    label: str


def strength(password: str, *, refused: bool) -> Strength | None:
    """None for an empty field; a refused password is never shown better than level 1."""
    if not password:
        return None
    if refused:
        return Strength(1, _("太弱"))
    kinds = sum(any(test(letter) for letter in password) for test in (str.islower, str.isupper, str.isdigit, _is_sign))
    points = len(password) + 2 * (kinds - 1) + min(len(set(password)) - 6, 4)
    if points >= 22:
        return Strength(4, _("很强"))
    if points >= 15:
        return Strength(3, _("够强"))
    return Strength(2, _("一般"))


def _is_sign(letter: str) -> bool:
    return not letter.isalnum()

"""The names that open an account, brought to one form: user name, mobile, e-mail."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

HOME_REGION = "CN"


@dataclass(frozen=True, slots=True)
class SignInName:
    """What somebody typed, and which column of the account it is meant for: `username`, `mobile` or `email`."""

    kind: str
    value: str


def sign_in_name(typed: str) -> SignInName:
    """Tell an e-mail address from a mobile from a user name. Full-width letters, blanks and case do not matter, nor NULs, which no
    database takes."""
    plain = unicodedata.normalize("NFKC", typed).replace("\x00", "").strip().lower()
    if "@" in plain:
        return SignInName("email", plain)
    mobile = mobile_number(plain)
    return SignInName("mobile", mobile) if mobile else SignInName("username", plain)


def mobile_number(typed: str) -> str | None:
    """A telephone number in E.164 (`+8613800000000`), or None for what is none. Without a country it is Chinese."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    if not any(character.isdigit() for character in plain) or any(character.isalpha() for character in plain):
        return None
    try:
        number = phonenumbers.parse(plain, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email_address(typed: str) -> str | None:
    """An e-mail address in lower case, or None for what is none."""
    plain = unicodedata.normalize("NFKC", typed).strip().lower()
    try:
        validate_email(plain)
    except ValidationError:
        return None
    return plain

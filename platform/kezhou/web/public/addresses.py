"""Where a code or letter goes: an e-mail address or a mobile number, and how it is shown back."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kezhou.access.names import email_address, mobile_number

EMAIL = "email"
SMS = "sms"


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address and the channel that reaches it."""

    channel: str
    value: str

    @property
    def shown(self) -> str:
        """With the spaces in which people read a mobile number: 138 0819 2276."""
        digits = self.value.removeprefix("+86")
        if self.channel == SMS and digits.isdigit() and len(digits) == 11:
            return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
        return self.value


class AddressRefused(Exception):
    """No such address, or no channel to it; `str()` is the sentence to show."""


def read(typed: str, *, channels: tuple[str, ...]) -> Address:
    """The address that somebody typed. Raises AddressRefused."""
    if not typed.strip():
        raise AddressRefused(_("请填手机号或邮箱。") if SMS in channels else _("请填邮箱。"))
    if "@" in typed:
        email = email_address(typed)
        if email is None:
            raise AddressRefused(_("“%(typed)s”不像邮箱，请检查有没有写错。") % {"typed": typed})
        return Address(EMAIL, email)
    mobile = mobile_number(typed)
    if mobile is None:
        raise AddressRefused(_("“%(typed)s”不像手机号或邮箱，请检查有没有写错。") % {"typed": typed})
    if SMS not in channels:
        raise AddressRefused(_("这里还没有配置短信通道，请改用邮箱。"))
    return Address(SMS, mobile)


def any_channel(typed: str) -> Address:
    """The address in its one form, whether or not it can be reached from here. Raises AddressRefused."""
    return read(typed, channels=(EMAIL, SMS))

"""How django-allauth sees our accounts: three sign-in names, our sessions, no messages or mails of its own."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from kezhou.access.actors import SESSION_VERSION, forget_actor
from kezhou.access.models import Account


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Hooks that allauth offers; `kezhou.access.sign_in` calls its flows with them."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing: `kezhou.access.lockout` counts wrong tries in the tenant's database, so a restart forgets none."""

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing, for the same reason."""

    def _rollback_login_failed_rl_usage(self) -> None:
        return None

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Nothing: our pages say what happened in our own words."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing: letters are written by `kezhou.access.letters`, after the commit."""

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign in and note the version at which this session ends."""
        super().login(request, user)
        assert isinstance(user, Account)
        request.session[SESSION_VERSION] = user.session_version
        forget_actor(request)

    def logout(self, request: HttpRequest) -> None:
        """Sign out this browser."""
        super().logout(request)
        forget_actor(request)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: accounts come by invitation and with the company."""
        return False

    # Mobiles: what allauth asks of an adapter before it lets them be a sign-in method.

    def get_user_by_phone(self, phone: str) -> Account | None:
        """The account with this mobile (E.164)."""
        return Account.objects.filter(mobile=phone).first()

    def get_phone(self, user: AbstractBaseUser) -> tuple[str, bool] | None:
        """The account's mobile; it was proved by the invitation or the code of the sign-up."""
        assert isinstance(user, Account)
        return (user.mobile, True) if user.mobile else None

    def set_phone(self, user: AbstractBaseUser, phone: str, verified: bool) -> None:
        """Write the mobile of an account."""
        Account.objects.filter(pk=user.pk).update(mobile=phone)

    def set_phone_verified(self, user: AbstractBaseUser, phone: str) -> None:
        """Nothing: only proved mobiles are written."""

    def send_verification_code_sms(self, user: AbstractBaseUser, phone: str, code: str, **kwargs: Any) -> None:
        """Nothing: allauth's own mobile verification is not used."""

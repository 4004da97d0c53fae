"""One-time codes as they are kept: by a hash that nobody can count through without the installation's key, and gone when the way in changes."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

from portal.models import Code


def digest(account: int, code: str) -> str:
    """How a code is kept. Six digits are guessed from a plain hash in a second, so it is keyed."""
    return salted_hmac("portal.code", f"{account}:{code}", algorithm="sha256").hexdigest()


def forget(account: int) -> None:
    """Whatever code is on its way to this account opens nothing any more."""
    Code.objects.filter(account=account).delete()

"""Text messages through the operator's gateway: one HTTP POST of `{"mobile": …, "text": …}` to `KEZHOU_SMS_URL`."""

from __future__ import annotations

import json
import urllib.request
from urllib.parse import urlsplit

from django.conf import settings

TIMEOUT_SECONDS = 10


class SmsError(OSError):
    """The gateway did not take the message; the worker tries again."""


def send_sms(mobile: str, text: str) -> None:
    """Hand one text message to the gateway. The address comes from the operator's settings alone, never from a user."""
    url = str(settings.KEZHOU_SMS_URL)
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ValueError("KEZHOU_SMS_URL must begin with http:// or https://.")
    body = json.dumps({"mobile": mobile, "text": text}, ensure_ascii=False).encode()
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  # scheme checked above
        if answer.status >= 300:
            raise SmsError(f"The SMS gateway answered {answer.status}.")

"""Letters and text messages to people: codes, invitations, forgotten passwords.

`send` may be called anywhere, inside a tenant or on the public site: the message is handed to the worker after the commit and
never leaves from inside a transaction. Locally every letter is also shown by `kezhou run`, with or without a mail server. Text messages
exist as a choice only when the operator named a gateway (`KEZHOU_SMS_URL`).
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from typing import Any

from celery import Task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from kezhou.access.sms import send_sms
from kezhou.branding import branding
from kezhou.local.installation import INSTANCE_MARK
from kezhou.local.messages import Message, append
from tenants.context import Current, current_or_none
from tenants.directory import address_of
from tenants.tasks import task

EMAIL = "email"
SMS = "sms"
OWN_BUTTON, ON_OWN_BUTTON = "#2b57cf", "#ffffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The company whose look a letter wears (TEN-07); colours as a mail program without style sheets takes them."""

    title: str
    logo: str
    button: str
    on_button: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message. `lines` are paragraphs; `link` is shown as a button in mail and written out in text messages.

    `sender` is found by `send` in the company it is called in; letters of the public site are the product's own.
    """

    channel: str
    address: str
    subject: str
    lines: tuple[str, ...]
    link: str = ""
    link_label: str = ""
    sender: Sender | None = None

    @property
    def text(self) -> str:
        """As plain text."""
        return "\n\n".join((*self.lines, *((self.link,) if self.link else ())))


def channels() -> tuple[str, ...]:
    """The channels that are configured, best first."""
    return (EMAIL, SMS) if settings.KEZHOU_SMS_URL else (EMAIL,)


def send(letter: Letter) -> None:
    """Hand a letter to the worker once the running transaction has committed. Raises ValueError for a closed channel."""
    if letter.channel not in channels():
        raise ValueError(f"There is no channel “{letter.channel}” here; configured are {', '.join(channels())}.")
    place = current_or_none()
    deliver.after_commit(asdict(replace(letter, sender=_sender(place)) if place else letter))


def _sender(place: Current) -> Sender:
    look = branding(place)
    return Sender(
        title=look.title,
        logo=address_of(place, look.logo) if look.logo else "",
        button=look.colours.primary.light if look.colours else OWN_BUTTON,
        on_button=look.colours.on_primary.light if look.colours else ON_OWN_BUTTON,
    )


def send_code(channel: str, address: str, code: str, *, minutes: int = 10) -> None:
    """A one-time code of a sign-up or of find-my-company."""
    send(
        Letter(
            channel=channel,
            address=address,
            subject=_("客舟验证码：%(code)s") % {"code": code},
            lines=(
                _("你的验证码是 %(code)s，%(minutes)d 分钟内有效。") % {"code": code, "minutes": minutes},
                _("如果不是你本人操作，请不用理会，也不要把验证码告诉任何人。"),
            ),
        )
    )


@task(control=True, bind=True, autoretry_for=(OSError,), retry_backoff=5, max_retries=5)
def deliver(self: Task[Any, Any], facts: dict[str, Any]) -> None:
    """Send one letter now; a server that is away is tried again."""
    sender = facts.get("sender")
    letter = Letter(**{**facts, "lines": tuple(facts["lines"]), "sender": Sender(**sender) if sender else None})
    if _shown_here(letter) and not self.request.retries:
        shown = Message(channel=letter.channel, to=letter.address, subject=letter.subject, text=letter.text)
        append(settings.KEZHOU_HOME / "messages.jsonl", shown)
    if letter.channel == SMS:
        send_sms(letter.address, letter.text)
    else:
        _mail(letter)


def _shown_here(letter: Letter) -> bool:
    """Under `kezhou run` every letter is shown as well; without a mail server the mail backend does that by itself."""
    return INSTANCE_MARK in os.environ and bool(settings.EMAIL_URL or letter.channel == SMS)


def _mail(letter: Letter) -> None:
    message = EmailMultiAlternatives(letter.subject, letter.text, to=[letter.address])
    message.attach_alternative(render_to_string("kezhou/account/letter.html", {"letter": letter}), "text/html")
    message.send()

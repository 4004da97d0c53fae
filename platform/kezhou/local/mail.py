"""Django's mail backend of a machine without a mail server: letters go to the message file (`messages`)."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from kezhou.local.messages import Message, append


class EmailBackend(BaseEmailBackend):
    """Used when EMAIL_URL is empty; `kezhou run` shows what is written."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        path = settings.KEZHOU_HOME / "messages.jsonl"
        for letter in email_messages:
            to = ", ".join(letter.recipients())
            append(path, Message(channel="mail", to=to, subject=str(letter.subject), text=str(letter.body)))
        return len(email_messages)

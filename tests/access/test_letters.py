"""Letters leave after the commit: by the mail server that is configured, by an SMS gateway only where there is one."""

import json
import socket
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar

import pytest
from aiosmtpd.controller import Controller

from kezhou.access import letters
from kezhou.access.sms import send_sms

LETTER = letters.Letter(
    channel="email",
    address="sun@example.com",
    subject="周敏 邀请你加入 <锦城>",
    lines=("第一段", "第二段 <b>"),
    link="http://alpha.localhost/invitation/x",
    link_label="接受邀请",
)


def test_a_letter_has_text_and_page(in_alpha, letters_of):
    (sent,) = letters_of(lambda: letters.send(LETTER))

    assert (sent.subject, sent.to) == ("周敏 邀请你加入 <锦城>", ["sun@example.com"])
    assert sent.body == "第一段\n\n第二段 <b>\n\nhttp://alpha.localhost/invitation/x"
    ((page, kind),) = sent.alternatives
    assert kind == "text/html"
    assert "第二段 &lt;b&gt;" in page
    assert 'href="http://alpha.localhost/invitation/x"' in page


def test_a_code_goes_out_without_any_tenant(database, letters_of):
    (sent,) = letters_of(lambda: letters.send_code("email", "new@example.com", "123456"))

    assert sent.subject == "客舟验证码：123456"
    assert "123456，10 分钟内有效" in sent.body


def test_nothing_leaves_when_the_transaction_does_not_commit(in_alpha, mailoutbox):
    letters.send(LETTER)

    assert mailoutbox == []


def test_text_messages_are_no_choice_without_a_gateway(in_alpha):
    assert letters.channels() == ("email",)
    with pytest.raises(ValueError, match="There is no channel “sms” here"):
        letters.send_code("sms", "+8613800138000", "123456")


def test_text_messages_go_to_the_gateway(in_alpha, settings, letters_of):
    received = []

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Gateway)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.KEZHOU_SMS_URL = f"http://127.0.0.1:{server.server_port}/send"

    assert letters.channels() == ("email", "sms")
    letters_of(lambda: letters.send_code("sms", "+8613800138000", "123456"))
    server.shutdown()

    assert [(message["mobile"], "123456" in message["text"]) for message in received] == [("+8613800138000", True)]


def test_a_gateway_must_be_a_web_address(settings):
    settings.KEZHOU_SMS_URL = "file:///etc/passwd"

    with pytest.raises(ValueError, match="must begin with http"):
        send_sms("+8613800138000", "x")


def test_with_a_mail_server_a_letter_goes_there_and_is_shown_by_the_local_supervisor(
    in_alpha, settings, letters_of, monkeypatch
):
    class Keeper:
        kept: ClassVar[list] = []

        async def handle_DATA(self, server, session, envelope):
            self.kept.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
            return "250 OK"

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    postbox = Controller(Keeper(), hostname="127.0.0.1", port=port)
    postbox.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_URL = "127.0.0.1", port, f"smtp://127.0.0.1:{port}"
    monkeypatch.setenv("KEZHOU_INSTANCE", "a test")
    settings.KEZHOU_HOME.mkdir(parents=True, exist_ok=True)

    letters_of(lambda: letters.send(LETTER))
    postbox.stop()

    ((to, mail),) = Keeper.kept
    assert (to, mail["Subject"]) == (["sun@example.com"], "周敏 邀请你加入 <锦城>")
    assert "第一段" in mail.get_body(("plain",)).get_content()
    (shown,) = [json.loads(line) for line in (settings.KEZHOU_HOME / "messages.jsonl").read_text().splitlines()]
    assert (shown["to"], shown["subject"]) == ("sun@example.com", "周敏 邀请你加入 <锦城>")

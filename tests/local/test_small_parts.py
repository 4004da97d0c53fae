"""Messages, logs, choices: the small parts of a local installation."""

import io
import json
from pathlib import Path

import pytest

from kezhou.local import prepared
from kezhou.local.installation import Choices, Installation, port_number
from kezhou.local.logs import Console, RotatingLog
from kezhou.local.messages import Follower, Message, append
from kezhou.local.problems import LocalProblem
from kezhou.local.run import everyday

LETTER = Message(channel="mail", to="li@example.com", subject="验证码", text="您的验证码是 123456。")


def test_a_follower_shows_only_what_comes_after_it(tmp_path: Path) -> None:
    path, shown = tmp_path / "messages.jsonl", list[Message]()
    append(path, Message(channel="mail", to="a@example.com", subject="old", text="old"))
    follower = Follower(path, shown.append)

    append(path, LETTER)
    with path.open("ab") as stream:
        stream.write(b'{"half a line')
    follower.look()
    follower.look()

    assert shown == [LETTER]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_follower_survives_a_file_that_starts_anew(tmp_path: Path) -> None:
    path, shown = tmp_path / "messages.jsonl", list[Message]()
    append(path, LETTER)
    follower = Follower(path, shown.append)
    path.unlink()
    follower.look()

    append(path, LETTER)
    follower.look()

    assert shown == [LETTER]


def test_a_full_log_moves_on_and_the_oldest_goes(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "web.log", largest=40, kept=2)
    for number in range(4):
        log.write(f"{number}" * 20)
    log.close()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["web.log", "web.log.1", "web.log.2"]
    assert "3" * 20 in (tmp_path / "web.log.1").read_text()
    assert "2" * 20 in (tmp_path / "web.log.2").read_text()


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ("2026-11-24 19:14:25.731 UTC [1148] LOG:  aborting any active transactions", True),
        ("1161:M 24 Nov 2026 19:14:25.744 * User requested shutdown...", True),
        ("[2026-11-24 10:00:00,000: INFO/MainProcess] celery@host ready.", True),
        ("2026-11-24 10:00:00 WARNING [demo] kezhou.jobs: The job 7 was taken up again.", False),
        ("2026-11-24 19:14:25.731 UTC [1148] ERROR:  could not write block: No space left on device", False),
        ("Traceback (most recent call last):", False),
    ],
)
def test_only_what_matters_reaches_the_console(line: str, hidden: bool) -> None:
    stream = io.StringIO()

    Console(stream, hidden=everyday).line("web", line)

    assert (stream.getvalue() == "") is hidden


def test_choices_are_kept_and_the_command_line_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Installation(home=tmp_path, choices=Choices(port=8111, base_domain="crm.example.com")).save()
    monkeypatch.setenv("KEZHOU_PORT", "8222")
    monkeypatch.delenv("KEZHOU_BASE_DOMAIN", raising=False)

    opened = Installation.open(tmp_path)
    changed = Installation.open(tmp_path, port=8333)

    assert opened.choices == Choices(port=8222, base_domain="crm.example.com")
    assert changed.choices.port == 8333
    assert opened.choices.address == "http://crm.example.com:8222"


@pytest.mark.parametrize("text", ["0", "65536", "web", "8 0", "-1", "８０"])
def test_what_is_no_port_is_told(text: str) -> None:
    with pytest.raises(LocalProblem, match="a port is a number from 1 to 65535"):
        port_number(text)


def test_a_damaged_file_of_choices_is_told(tmp_path: Path) -> None:
    (tmp_path / "installation.json").write_text(json.dumps({"prot": 8000}))

    with pytest.raises(LocalProblem, match="correct it or delete it to start with the defaults"):
        Installation.open(tmp_path)


def test_the_same_code_choices_and_day_need_no_preparation(tmp_path: Path) -> None:
    same = Installation(home=tmp_path, choices=Choices())
    before = prepared.is_prepared(same)
    prepared.note(same)

    after = prepared.is_prepared(same)
    other_choice = prepared.is_prepared(Installation(home=tmp_path, choices=Choices(base_domain="crm.example.com")))
    prepared.forget(same)

    assert [before, after, other_choice, prepared.is_prepared(same)] == [False, True, False, False]


def test_the_folder_holds_the_operators_settings(tmp_path: Path) -> None:
    (tmp_path / "environment").write_text(
        "# mail\nEMAIL_URL=smtp+tls://user:a=b@mail.example.com:587\n\n KEZHOU_MAIL_FROM = crm@example.com\n"
    )

    found = Installation.open(tmp_path).settings()

    assert found == {"EMAIL_URL": "smtp+tls://user:a=b@mail.example.com:587", "KEZHOU_MAIL_FROM": "crm@example.com"}


def test_a_line_that_is_no_setting_is_told(tmp_path: Path) -> None:
    (tmp_path / "environment").write_text("EMAIL_URL smtp://localhost\n")

    with pytest.raises(LocalProblem, match="line 1, is no setting; write NAME=value"):
        Installation.open(tmp_path).settings()


def test_behind_a_proxy_the_address_has_no_port() -> None:
    assert Choices(base_domain="crm.example.com", scheme="https").address == "https://crm.example.com"

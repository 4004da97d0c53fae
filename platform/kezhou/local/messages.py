"""Messages to people where no mail server or SMS channel is configured: a file, which `kezhou run` shows.

One JSON object a line, ``{"at", "channel", "to", "subject", "text"}``. The file holds sign-up codes and invitation
links: it is readable by its owner alone and starts anew when it has grown to a megabyte.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

LARGEST = 2**20


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message: over ``channel`` (mail, sms) to an address or number."""

    channel: str
    to: str
    subject: str
    text: str


def append(path: Path, message: Message) -> None:
    """Add a message in one write, so that several processes may add at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), **asdict(message)}, ensure_ascii=False)
    if path.exists() and path.stat().st_size > LARGEST:
        path.replace(path.with_name(path.name + ".1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode() + b"\n")
    finally:
        os.close(descriptor)


class Follower:
    """Hands over each message that is added after it was made."""

    def __init__(self, path: Path, show: Callable[[Message], None]) -> None:
        self.path = path
        self._show = show
        self._at = path.stat().st_size if path.exists() else 0

    def look(self) -> None:
        """Show what has been added since the last look; cheap when nothing was."""
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            self._at = 0
            return
        if size < self._at:
            self._at = 0
        if size == self._at:
            return
        with self.path.open("rb") as stream:
            stream.seek(self._at)
            data = stream.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._at += len(whole)
        for line in whole.splitlines():
            try:
                values = json.loads(line)
                message = Message(**{name: str(values[name]) for name in ("channel", "to", "subject", "text")})
            except (ValueError, KeyError):
                continue  # half a line after a crash: the next one is whole again
            self._show(message)

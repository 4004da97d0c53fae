"""Some wrong passwords lock a sign-in name for a while (five, 15 minutes, unless the company says otherwise). Counted by what was typed, whether such an account exists or not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from kezhou import parameters
from kezhou.access.models import SignInTries
from kezhou.access.names import SignInName
from kezhou.access.parameters import LOCKED, TRIES

FORGOTTEN_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a name stands: tries left, and until when it is locked (None when it is open)."""

    left: int
    locked_until: datetime | None = None

    @property
    def minutes(self) -> int:
        """Whole minutes until it opens, rounded up."""
        if self.locked_until is None:
            return 0
        return max(1, -int(-(self.locked_until - timezone.now()).total_seconds() // 60))


def locked_for() -> timedelta:
    """How long a name is locked here."""
    return timedelta(minutes=parameters.whole(LOCKED))


def standing(name: SignInName) -> Standing:
    """How this name stands now."""
    row = SignInTries.objects.filter(pk=_key(name)).first()
    now = timezone.now()
    if row is None or (row.locked_until is None and row.last_at < now - FORGOTTEN_AFTER):
        return Standing(parameters.whole(TRIES))
    if row.locked_until is not None:
        if row.locked_until > now:
            return Standing(0, row.locked_until)
        return Standing(parameters.whole(TRIES))
    return Standing(max(1, parameters.whole(TRIES) - row.tries))


def failed(name: SignInName) -> Standing:
    """Count a wrong try, in one statement that two processes can run at once, and tell how the name stands now."""
    now, allowed = timezone.now(), parameters.whole(TRIES)
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "key": _key(name),
                "now": now,
                "forgotten": now - FORGOTTEN_AFTER,
                "tries": allowed,
                "until": now + locked_for(),
            },
        )
        tries, locked_until = cursor.fetchone()
    return Standing(0 if locked_until else max(1, allowed - tries), locked_until)


_COUNT = """
    INSERT INTO access_signintries AS t (key, tries, last_at, locked_until) VALUES (%(key)s, 1, %(now)s, NULL)
    ON CONFLICT (key) DO UPDATE SET
        tries = CASE WHEN t.locked_until <= %(now)s OR t.last_at < %(forgotten)s THEN 1 ELSE t.tries + 1 END,
        last_at = %(now)s,
        locked_until = CASE
            WHEN t.locked_until > %(now)s THEN t.locked_until
            WHEN t.locked_until IS NULL AND t.last_at >= %(forgotten)s AND t.tries + 1 >= %(tries)s THEN %(until)s
            ELSE NULL END
    RETURNING tries, locked_until"""


def succeeded(name: SignInName) -> None:
    """Forget the wrong tries of a name."""
    SignInTries.objects.filter(pk=_key(name)).delete()


def forget_old() -> int:
    """Delete what counts no more; for the daily duty. Returns how many."""
    now = timezone.now()
    old = SignInTries.objects.filter(last_at__lt=now - timedelta(days=1))
    return old.delete()[0]


def _key(name: SignInName) -> str:
    return hashlib.sha256(f"{name.kind}:{name.value}".encode()).hexdigest()

"""How fresh the indexes are: the indexer leaves its pulse with the engine, where searching processes look at it (SRH-08)."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from search.engines.base import Engine, Pulse

SILENT_AFTER = 30.0
BEHIND_AFTER = 5.0


LOOKED_AT_EVERY = 0.5
_looks: dict[Engine, tuple[float, Pulse | None]] = {}


def beat(engine: Engine, lag: float) -> None:
    """Says that the indexer lives and how many seconds its oldest waiting change has waited."""
    engine.beat(Pulse(time.time(), lag))
    _looks.pop(engine, None)


def pulse(engine: Engine) -> Pulse | None:
    """The indexer's last sign of life, looked at twice a second in each process: sentences speak of whole seconds."""
    looked = _looks.get(engine)
    if looked is None or time.monotonic() - looked[0] > LOOKED_AT_EVERY:
        looked = _looks[engine] = (time.monotonic(), engine.pulse())
    return looked[1]


def as_of(pulse: Pulse | None, written_at: datetime) -> datetime:
    """The moment up to which every change is in the index: where nothing waits, that of the pulse, however old the last write is."""
    return written_at if pulse is None else max(written_at, datetime.fromtimestamp(pulse.at - pulse.lag, UTC))


def notice(pulse: Pulse | None) -> str:
    """A sentence when recent changes may be missing from the hits, else empty."""
    if pulse is None:
        return _("索引程序没有运行，最近的改动可能还没出现。")
    silent = time.time() - pulse.at
    if silent > SILENT_AFTER:
        return _("索引程序 %(minutes)d 分钟没有响应，这段时间的改动可能还没出现。") % {
            "minutes": max(1, round(silent / 60))
        }
    if pulse.lag > BEHIND_AFTER:
        return _("搜索正在追赶，最近 %(seconds)d 秒的改动可能还没出现。") % {"seconds": round(pulse.lag)}
    return ""

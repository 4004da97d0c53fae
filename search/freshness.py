"""How fresh the indexes are: the indexer leaves its pulse in a file that searching processes look at (SRH-08)."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

SILENT_AFTER = 30.0
BEHIND_AFTER = 5.0


def _pulse() -> Path:
    return Path(settings.KEZHOU_SEARCH_DIR) / "pulse.json"


def beat(lag: float) -> None:
    """Says that the indexer lives and how many seconds its oldest waiting change has waited."""
    path = _pulse()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps({"at": time.time(), "lag": lag}), "utf-8")
    fresh.replace(path)


def notice() -> str:
    """A sentence when recent changes may be missing from the hits, else empty."""
    try:
        said = json.loads(_pulse().read_text("utf-8"))
        silent, lag = time.time() - said["at"], float(said["lag"])
    except (FileNotFoundError, ValueError, KeyError):
        return _("索引程序没有运行，最近的改动可能还没出现。")
    if silent > SILENT_AFTER:
        return _("索引程序 %(minutes)d 分钟没有响应，这段时间的改动可能还没出现。") % {
            "minutes": max(1, round(silent / 60))
        }
    if lag > BEHIND_AFTER:
        return _("搜索正在追赶，最近 %(seconds)d 秒的改动可能还没出现。") % {"seconds": round(lag)}
    return ""

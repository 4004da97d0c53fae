"""Work that takes longer than a request: registered by kind, run by a worker, watched by the person who started it.

@job("exchange.import", resumable=True)
def run_import(actor, job, params): ...
    progress(job, done=500, total=2000, message="…")   # raises JobCancelled when that was asked for
    return {"saved": 2000}

start(actor, "exchange.import", {"file": 7})            # runs after the commit
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "JobCancelled": "registry", "JobResult": "registry", "job": "registry", "kinds": "registry",
    "JobNotFound": "control", "cancel": "control", "get": "control", "progress": "control",
    "mark_undone": "control", "recent": "control", "retry": "control", "start": "control", "undoable": "control", "Job": "models",
}  # fmt: skip
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"kezhou.jobs has no {name}.")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

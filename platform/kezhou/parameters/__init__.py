"""Parameters (参数设置, CFG-06): figures and choices by which a company tunes what the product does.

A parameter is declared beside the code that reads it: `declare(Parameter("lists.page_size", …))`. A company's own value takes effect at
once in every process, and every change is kept. Whoever reads one writes `parameters.value("lists.page_size", actor)`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kezhou.parameters.declaring import GROUPS, Parameter, declare, declared

if TYPE_CHECKING:
    from kezhou.parameters.keeping import ParameterChange, ParameterError, change, history, reset, value, values, whole

_KEEPING = ("ParameterChange", "ParameterError", "change", "history", "reset", "value", "values", "whole")

__all__ = [
    "GROUPS",
    "Parameter",
    "ParameterChange",
    "ParameterError",
    "change",
    "declare",
    "declared",
    "history",
    "reset",
    "value",
    "values",
    "whole",
]


def __getattr__(name: str) -> Any:
    """What needs the tables is loaded when it is first used: declarations stand in modules that Django reads early."""
    if name not in _KEEPING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.keeping"), name)

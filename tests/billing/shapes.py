"""Whether what we send has the shape that Stripe's own library describes: its parameter types, generated from Stripe's API, asked at run time.

mypy holds the same for what it can see; here the values that really leave are looked at, those of variables and `**facts` among them.
"""

from __future__ import annotations

import builtins
import inspect
import re
import sys
from functools import cache
from importlib import import_module
from types import UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

import typing_extensions
from stripe._stripe_service import StripeService

WRAPPERS = {NotRequired, Required, typing_extensions.NotRequired, typing_extensions.Required}
LITERALS = {Literal, typing_extensions.Literal}


class WrongShape(AssertionError):
    """A call whose parameters Stripe would not know, or not like."""


class _Names(dict[str, Any]):
    """The names of a module; what it imports for type checkers alone counts as anything."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, Any)


@cache
def params_of(service: type[StripeService], method: str) -> Any:
    """The type of the parameters of a service's method."""
    said = str(inspect.signature(getattr(service, method)).parameters["params"].annotation)
    found = re.search(r"(\w+Params)\b", said)
    assert found is not None, f"{service.__name__}.{method} names no type of parameters: {said}"
    source = inspect.getsource(sys.modules[service.__module__])
    place = re.search(rf"from (stripe\.params\.\S+) import \(?\s*{found[1]}\b", source)
    assert place is not None, f"{found[1]} is imported from nowhere."
    return getattr(import_module(place[1]), found[1])


@cache
def _keys(wanted: Any) -> dict[str, Any]:
    names = _Names()
    for base in reversed(wanted.__mro__ if len(wanted.__mro__) > 1 else (wanted,)):
        names.update(vars(sys.modules[base.__module__]) if base.__module__ in sys.modules else {})
    for base in getattr(wanted, "__orig_bases__", ()):
        names.update({name: value for name, value in vars(sys.modules[base.__module__]).items() if name not in names})
    return get_type_hints(wanted, localns=names, include_extras=True)


def wrong(value: Any, wanted: Any, at: str) -> list[str]:
    """What is wrong with a value, each with its place; empty when it fits."""
    origin, inside = get_origin(wanted), get_args(wanted)
    if wanted is Any:
        return []
    if origin in WRAPPERS:
        return wrong(value, inside[0], at)
    if origin in {Union, UnionType}:
        # Stripe's types say “one of these words, or any text”, for words to come; what we send is known today.
        worded = any(get_origin(each) in LITERALS and get_args(each) != ("",) for each in inside)
        tried = [wrong(value, each, at) for each in inside if not (worded and each is str)]
        return [] if [] in tried else max(tried, key=lambda told: len(told[0].partition(" ")[0]))
    if origin in LITERALS:
        return [] if value in inside else [f"{at} is {value!r}, not one of {', '.join(map(repr, inside))}"]
    if typing_extensions.is_typeddict(wanted):
        return _wrong_keys(value, wanted, at)
    if origin is list:
        return [
            *_wrong_kind(value, list, at),
            *(told for n, each in enumerate(value) for told in wrong(each, inside[0], f"{at}[{n}]")),
        ]
    if origin is dict:
        return [
            *_wrong_kind(value, dict, at),
            *(told for key, each in value.items() for told in wrong(each, inside[1], f"{at}.{key}")),
        ]
    return _wrong_kind(value, origin or wanted, at)


def _wrong_keys(value: Any, wanted: Any, at: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{at} is {value!r}, not {wanted.__name__}"]
    keys = _keys(wanted)
    told = [f"{at} lacks {key}" for key in sorted(wanted.__required_keys__ - value.keys())]
    for key, each in value.items():
        told += (
            wrong(each, keys[key], f"{at}.{key}") if key in keys else [f"{at} has {key}, which Stripe does not know"]
        )
    return told


def _wrong_kind(value: Any, wanted: Any, at: str) -> list[str]:
    if wanted is type(None):
        return [] if value is None else [f"{at} is {value!r}, not None"]
    fits = isinstance(value, wanted) and not (wanted in {int, float} and isinstance(value, bool))
    return [] if fits or (wanted is float and type(value) is int) else [f"{at} is {value!r}, not {wanted.__name__}"]


def checking(seen: list[str]) -> Any:
    """In the place of the library's own `_request`: notes the call, looks at its parameters, then sends it."""
    send = StripeService._request

    def request(self: StripeService, *args: Any, **kwargs: Any) -> Any:
        method = sys._getframe(1).f_code.co_name
        call = f"{type(self).__name__}.{method}"
        if told := wrong(kwargs.get("params") or {}, params_of(type(self), method), call):
            raise WrongShape("; ".join(told))
        seen.append(call)
        return send(self, *args, **kwargs)

    return request

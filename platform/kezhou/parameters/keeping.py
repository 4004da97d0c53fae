"""A company's own values: read from a cache that follows the shape version, changed with their history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kezhou.access.versioned import Versioned
from kezhou.parameters.declaring import Parameter, declared
from kezhou.parameters.models import Change
from kezhou.records import shape
from kezhou.records.dictionaries import demand_admin
from kezhou.records.fields import Context, FieldError, Format
from kezhou.records.spec import RecordError
from tenants.context import current

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

KEPT = 256
SHOWN = 20
LAST = "SELECT DISTINCT ON (key) key, new::text FROM parameters_change ORDER BY key, id DESC"
NEWEST = """
    SELECT key, at, name, old::text, new::text
      FROM (SELECT *, row_number() OVER (PARTITION BY key ORDER BY id DESC) AS place FROM parameters_change) c
     WHERE place <= %s ORDER BY id DESC"""


class ParameterError(RecordError):
    """A parameter refuses a value; `str()` is a full sentence."""


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """One change as people read it: the old and the new value in words."""

    at: datetime
    name: str
    old: str
    new: str
    reset: bool


_kept: Versioned[tuple[int, str], Mapping[str, Any]] = Versioned(limit=KEPT)


def values(actor: Actor | None = None) -> Mapping[str, Any]:
    """What this company set itself, by key; without an actor of a request one statement asks whether something changed."""
    place = current()
    return _kept.get((place.pk, place.schema), shape.version(actor), lambda: MappingProxyType(_load()))


def _load() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(LAST)
        rows = [(key, _loaded(new)) for key, new in cursor.fetchall() if key in declared()]
    return {
        key: declared()[key].spec.kind.from_json(stored, declared()[key].spec)
        for key, stored in rows
        if stored is not None
    }


def _loaded(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def value(key: str, actor: Actor | None = None) -> Any:
    """The value in force: the company's own, else the default. KeyError for a key that nobody declared."""
    parameter = declared()[key]
    return values(actor).get(key, parameter.default)


def whole(key: str, actor: Actor | None = None) -> int:
    """The value of a parameter that is a number."""
    return int(value(key, actor))


def change(actor: Actor, key: str, raw: Any) -> bool:
    """Set a parameter from what was typed; says whether it is another value than before. Raises ParameterError, NotAllowed."""
    parameter = _known(key)
    try:
        read = parameter.spec.kind.clean(raw, parameter.spec, Context())
    except FieldError as error:
        raise ParameterError(str(error)) from None
    return _note(actor, parameter, parameter.spec.kind.to_json(read, parameter.spec))


def reset(actor: Actor, key: str) -> bool:
    """Go back to the default; says whether something changed. Raises ParameterError, NotAllowed."""
    return _note(actor, _known(key), None)


def _known(key: str) -> Parameter:
    if key not in declared():
        raise ParameterError(_("没有名为“%(key)s”的参数。") % {"key": key[:60]})
    return declared()[key]


def _note(actor: Actor, parameter: Parameter, new: Any) -> bool:
    demand_admin(actor)
    new = _plain(new)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || 'parameters', 0))")
        last = Change.objects.filter(key=parameter.key).order_by("-id").first()
        old = last.new if last else None
        if old == new:
            return False
        Change.objects.create(
            key=parameter.key, old=old, new=new, at=timezone.now(), member=actor.member_pk, name=actor.name[:120]
        )
        shape.bump()
    return True


def _plain(stored: Any) -> Any:
    """Numbers of parameters are whole: kept as JSON integers."""
    return stored if stored is None or isinstance(stored, (str, bool, list)) else int(stored)


def history(actor: Actor) -> Mapping[str, tuple[ParameterChange, ...]]:
    """The last changes of every parameter, the newest first, in one statement. Raises NotAllowed."""
    demand_admin(actor)
    found: dict[str, tuple[ParameterChange, ...]] = {}
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, [SHOWN])
        rows = cursor.fetchall()
    for key, at, name, old, new in rows:
        if key in declared():
            words = (shown(declared()[key], _loaded(old)), shown(declared()[key], _loaded(new)))
            found[key] = (*found.get(key, ()), ParameterChange(at, name, *words, new is None))
    return found


def shown(parameter: Parameter, stored: Any) -> str:
    """A stored value in words, with its unit; the default where nothing is stored."""
    spec = parameter.spec
    read = spec.kind.from_json(parameter.default if stored is None else stored, spec)
    text = spec.kind.text(read, spec, Format())
    return f"{text} {spec.unit}" if spec.unit else text

"""A definition as JSON, and a definition from JSON: to copy a type, or to carry it to another company.

The description holds no record and no key of this company that means something elsewhere: fields and options are named by their
old keys, which `build` replaces by the new ones wherever they are used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.records import custom, shape
from kezhou.records.catalogue import shaped
from kezhou.records.dictionaries import demand_admin
from kezhou.records.fields import FieldError
from kezhou.records.models import CustomField
from kezhou.records.own import defining, stating
from kezhou.records.own.defining import NOBODY, Basics, OwnTypeError
from kezhou.records.own.outlines import Outline, outline, outlines

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

FORMAT = "kezhou.own_type.1"
LARGEST = 1_000_000
MOST_FIELDS = 500
_KEY = re.compile(r"\bc_\d+\b")
_FLAGS = ("required", "searchable", "listed", "personal")

Keys = dict[str, str]


def describe(actor: Actor, key: str) -> dict[str, Any]:
    """The definition with its fields, options, states and line items. Raises OwnTypeError and NotAllowed."""
    demand_admin(actor)
    whole = outline(actor, key)
    lines = [each for each in outlines(actor) if each.parent == key and not each.removed]
    return {"format": FORMAT, **_described(actor, whole), "lines": [_described(actor, line) for line in lines]}


def _described(actor: Actor, each: Outline) -> dict[str, Any]:
    basics = {field.name: getattr(each, field.name) for field in fields(Basics)}
    kinds = {f"c_{pk}": kind for pk, kind in CustomField.objects.filter(type=each.key).values_list("pk", "kind")}
    facts = {"prefix": each.prefix, "operations": sorted(each.operations)}
    return {
        "basics": basics, **facts, "choices": dict(each.choices), "states": dict(each.states),
        "fields": [_field(own, kinds[own.spec.key]) for own in custom.fields(actor, each.key)],
    }  # fmt: skip


def _field(own: custom.OwnField, kind: str) -> dict[str, Any]:
    """One field; `kind` is what it was made as, which for a computed one is not the type of its values."""
    spec = own.spec
    return {
        "key": spec.key,
        "kind": kind,
        "label": str(spec.label),
        "help": str(spec.help),
        "rules": dict(own.rules),
        "target": spec.target or "",
        **{name: getattr(spec, name) for name in _FLAGS},
        "indexed": own.marked,
        "options": [
            {"key": option.key, "label": str(option.label), "hue": option.hue, "aliases": list(option.aliases)}
            for option in spec.options
            if option.enabled
        ],
    }


def copy(actor: Actor, key: str, basics: Basics, *, grants: str = NOBODY) -> str:
    """A new type like another, without its records. Answers its key."""
    like = describe(actor, key)
    kept = {**like["basics"], **{name: getattr(basics, name) for name in ("title", "icon", "section")}}
    return build(actor, {**like, "basics": kept}, grants=grants)


def read(content: bytes) -> dict[str, Any]:
    """A description from a file. Raises OwnTypeError for anything else."""
    try:
        found = orjson.loads(content) if len(content) <= LARGEST else None
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise OwnTypeError(_("这个文件不是自定义对象的定义。请选择从“导出定义”得到的文件。"), field="file")
    return found


def build(actor: Actor, description: Mapping[str, Any], *, title: str = "", grants: str = NOBODY) -> str:
    """Make a type as described, all or nothing. Answers its key.

    Links to types that this company does not have are left out. Raises OwnTypeError, NotEntitled and NotAllowed.
    """
    demand_admin(actor)
    actor = shape.unversioned(actor)
    try:
        with transaction.atomic():
            return _build(actor, description, title, grants)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise OwnTypeError(
            _("定义里有看不懂的内容（%(error)s），所以没有建。请重新导出一次再试。") % {"error": str(error)[:60]},
            field="file",
        ) from error
    except (custom.CustomFieldError, FieldError) as error:
        raise OwnTypeError(_("定义里的字段不能用：%(error)s") % {"error": error}, field="file") from error


def _build(actor: Actor, description: Mapping[str, Any], title: str, grants: str) -> str:
    given = {field.name: description["basics"][field.name] for field in fields(Basics)}
    given["title"] = title or str(given["title"])
    given["icon"] = str(given["icon"])
    if given["section"] not in {spec.plugin for spec in shaped(actor).types.values()}:
        given["section"] = ""
    key = defining.make(actor, Basics(**given), grants=grants)
    lines = [(defining.make_lines(actor, key, str(each["basics"]["title"])), each) for each in description["lines"]]
    keys: Keys = {}
    for made, each in [*lines, (key, description)]:  # a formula of the whole may count its lines
        _fields(actor, made, each["fields"], keys)
    for made, each in [(key, description), *lines]:
        _shape(actor, made, each, keys)
    return key


def _fields(actor: Actor, key: str, described: list[Mapping[str, Any]], keys: Keys) -> None:
    if len(described) > MOST_FIELDS:
        raise OwnTypeError(_("定义里的字段超过 %(limit)s 个。") % {"limit": MOST_FIELDS}, field="file")
    for each in described:
        target = str(each["target"])
        if target and target not in shaped(actor).types:
            continue
        made = custom.add_field(
            actor, key, label=str(each["label"]), kind=str(each["kind"]), help=str(each["help"]), target=target,
            options=each["options"], rules=_renamed(each["rules"], keys), indexed=bool(each["indexed"]),
            required=bool(each["required"]), searchable=bool(each["searchable"]), listed=bool(each["listed"]),
            personal=bool(each.get("personal")),
        )  # fmt: skip
        keys[str(each["key"])] = made.key
        fresh = shaped(actor).types[key].by_key[made.key].options
        keys |= {f"{each['key']}={old['key']}": new.key for old, new in zip(each["options"], fresh, strict=True)}


def _renamed(value: Any, keys: Keys) -> Any:
    """The same with the new keys of fields; what names a field that was left out is left out."""
    text = orjson.dumps(value).decode()
    return orjson.loads(_KEY.sub(lambda found: keys.get(found[0], found[0]), text))


def _shape(actor: Actor, key: str, described: Mapping[str, Any], keys: Keys) -> None:
    known = shaped(actor).types[key].by_key
    chosen = {
        name: [new for new in map(str, _renamed(items, keys)) if new.lstrip("-") in known]
        for name, items in described["choices"].items()
        if name in defining.CHOSEN
    }
    if chosen:
        defining.choose(actor, key, version=None, **chosen)
    prefix, titled = str(described["prefix"]), str(described["basics"]["titled_by"])
    if prefix:
        defining.set_number(actor, key, prefix, titled)
    defining.set_operations(actor, key, map(str, described["operations"]))
    if described["states"]:
        _states(actor, key, described["states"], keys)


def _states(actor: Actor, key: str, kept: Mapping[str, Any], keys: Keys) -> None:
    field = str(kept["field"])
    if field not in keys:
        return

    def new(option: str) -> str:
        return keys.get(f"{field}={option}", "")

    stating.set_states(
        actor, key, field=keys[field],
        initial=[new(name) for name in kept["initial"]],
        moves={new(source): [new(target) for target in targets] for source, targets in kept["moves"].items()},
        required={new(name): [keys.get(one, one) for one in ones if one in keys or not _KEY.match(one)]
                  for name, ones in kept["required"].items()},
        locked_in=[new(name) for name in kept["locked"]],
        final=[new(name) for name in kept["final"]],
        reasons={new(name): why for name, why in kept.get("reasons", {}).items()},
    )  # fmt: skip


def dumped(description: Mapping[str, Any]) -> bytes:
    """The description as the content of a file."""
    return orjson.dumps(description, option=orjson.OPT_INDENT_2)

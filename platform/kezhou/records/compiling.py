"""From a declaration and its model to a `TypeSpec`: done once per process, without any tenant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhou.records.fields import field_type_for, field_types, model_facts
from kezhou.records.model import HIDDEN_COLUMNS, SYSTEM_COLUMNS, Record
from kezhou.records.spec import FieldSpec, PanelSpec, SearchSpec, TypeSpec
from kezhou.records.structuring import structured
from kezhou.records.types import DeclarationError, Panel, RecordType, RelatedList, Timeline, names

BASE_ORDER = (
    "number",
    "owner",
    "department",
    "collector",
    "registered_on",
    "remark",
    "created_by",
    "created_at",
    "changed_by",
    "changed_at",
)
ALWAYS_SYSTEM = frozenset({"number"})


def compile_type(declaration: type[RecordType], *, plugin: str, keys: Mapping[str, str]) -> TypeSpec:
    """The immutable description. `keys` maps model labels to type keys, for links. Raises DeclarationError."""
    model = declaration.model
    if not issubclass(model, Record):
        raise DeclarationError(
            f"{declaration.key}: {model.__name__} is no Record. Derive it from kezhou.sdk.records.Record."
        )
    fields = tuple(_field(declaration, field, keys) for field in _ordered(model))
    known = {spec.key for spec in fields}
    spec = TypeSpec(
        key=declaration.key,
        title=declaration.title,
        plugin=plugin,
        icon=declaration.icon,
        table=model._meta.db_table,
        model=model,
        declaration=declaration,
        fields=fields,
        title_field=declaration.title_field,
        layout=_layout(declaration, known),
        form=tuple(panel for panel in _layout(declaration, known) if panel.kind == "fields"),
        quick=names(declaration.quick) or tuple(spec.key for spec in fields if spec.required and spec.editable),
        columns=names(declaration.columns) or (declaration.title_field, "owner", "changed_at"),
        sort=names(declaration.sort),
        search=_search(declaration),
        twins=tuple(names(group) for group in declaration.twins),
        views=tuple(declaration.views),
        calendar=_calendar(declaration),
        operations=frozenset(names(declaration.operations)),
        class_field=declaration.class_field,
        retired=declaration.retired,
        averages=names(declaration.averages),
        order=declaration.order,
        hidden=declaration.hidden,
        rules=tuple(declaration.rules),
    )
    _demand_known(spec, known)
    return structured(spec, declaration)


def _ordered(model: type[models.Model]) -> list[Any]:
    fields = [
        field
        for field in model._meta.concrete_fields
        if field.name not in HIDDEN_COLUMNS | {getattr(model, "discriminator", "")}
    ]
    own = [field for field in fields if field.name not in BASE_ORDER]
    base = sorted(
        (field for field in fields if field.name in BASE_ORDER), key=lambda field: BASE_ORDER.index(field.name)
    )
    return own + base


def _field(declaration: type[RecordType], field: Any, keys: Mapping[str, str]) -> FieldSpec:
    facts = dict(model_facts(field))
    search, title = declaration.search, field.name == declaration.title_field
    personal = names(declaration.personal_data)
    if facts.get("target"):
        facts["target"] = keys.get(_target_label(field), facts["target"])
    facts |= {
        "key": field.name,
        "type": field_type_for(field),
        "label": field.verbose_name
        if field.verbose_name != field.name.replace("_", " ")
        else facts.get("label", field.name),
        "column": field.column,
        "help": declaration.helps.get(field.name, field.help_text),
        "system": field.name in SYSTEM_COLUMNS
        or field.name in ALWAYS_SYSTEM
        or field.name in names(declaration.readonly)
        or field.name in declaration.derived,
        "derived": declaration.derived.get(field.name),
        "required": not (field.null or field.blank or field.has_default() or field.name in declaration.derived),
        "unique": bool(field.unique),
        "searchable": field.name in {search.title or declaration.title_field, "number"}
        or field.name in (*names(search.codes), *names(search.body)),
        "listed": field.name in names(declaration.columns),
        "title": title,
        "code": field.name in {*names(search.codes), "number"},
        "personal": field.name in personal or field_types()[field_type_for(field)].personal,
        "sort_column": "title_sort" if title else None,
        "indexed": bool(field.db_index or field.unique or title) or _indexed(declaration.model, field.name),
    }
    return FieldSpec(**facts)


def _target_label(field: Any) -> str:
    return str(field.remote_field.model._meta.label_lower)


def _indexed(model: type[models.Model], name: str) -> bool:
    return any(index.fields and index.fields[0].lstrip("-") == name for index in model._meta.indexes)


def _layout(declaration: type[RecordType], known: set[str]) -> tuple[PanelSpec, ...]:
    declared = declaration.layout or (
        Panel(_("基本信息"), tuple(key for key in known if key not in BASE_ORDER)),
        Timeline(),
    )
    return tuple(_panel(item) for item in declared)


def _panel(item: Panel | RelatedList | Timeline) -> PanelSpec:
    if isinstance(item, Panel):
        return PanelSpec("fields", item.title, fields=names(item.fields))
    if isinstance(item, RelatedList):
        return PanelSpec("related", item.title, type=item.type, link=item.by or None, columns=names(item.columns))
    return PanelSpec("timeline", item.title or _("动态"))


def _search(declaration: type[RecordType]) -> SearchSpec:
    search = declaration.search
    return SearchSpec(
        title=search.title or declaration.title_field,
        codes=names(search.codes),
        body=names(search.body),
        related=names(search.related),
        category=search.category,
        through=tuple(_through(declaration, name) for name in names(search.through)),
        importance=tuple(
            (key, value, weight) for key, found in search.importance.items() for value, weight in found.items()
        ),
    )


def _calendar(declaration: type[RecordType]) -> tuple[str, str] | None:
    keys = names(declaration.calendar)
    return (keys[0], keys[-1]) if keys else None


def _through(declaration: type[RecordType], name: str) -> tuple[str, str]:
    key, colon, link = name.partition(":")
    if not colon or not link:
        raise DeclarationError(
            f"{declaration.key} searches through “{name}”. Write type:link, such as customers.contact:customer."
        )
    return key, link


def _offered(declaration: type[RecordType]) -> tuple[str, ...]:
    """The fields that the type names for its portal."""
    portal = declaration.portal
    if portal is None:
        return ()
    named = (*names(portal.links), *names(portal.fields), *names(portal.edits), *names(portal.profile))
    return (*named, *portal.source)


def _demand_known(spec: TypeSpec, known: set[str]) -> None:
    used = {
        "title_field": (spec.title_field,),
        "class_field": tuple(filter(None, (spec.class_field,))),
        "retired": tuple(filter(None, (spec.retired,))),
        "columns": spec.columns,
        "averages": spec.averages,
        "quick": spec.quick,
        "sort": tuple(key.lstrip("-") for key in spec.sort),
        "twins": tuple(key for group in spec.twins for key in group),
        "views": tuple(filter(None, (view.group for view in spec.views))),
        "calendar": spec.calendar or (),
        "layout": tuple(key for panel in spec.layout for key in panel.fields),
        "derived": tuple(spec.declaration.derived),
        "fills": tuple(key for field in spec.fields for _fact, key in field.fills),
        "rules": tuple(key for rule in spec.rules for effect in rule.effects for key in effect.fields),
        "portal": _offered(spec.declaration),
        "search": (
            spec.search.title,
            *spec.search.codes,
            *spec.search.body,
            *spec.search.related,
            *filter(None, (spec.search.category,)),
            *(key for key, _value, _weight in spec.search.importance),
        ),
    }
    for place, keys in used.items():
        for key in keys:
            if key not in known:
                raise DeclarationError(
                    f"Record type {spec.key} names “{key}” in {place}, but {spec.model.__name__} has no such field. "
                    f"Known are: {', '.join(sorted(known))}."
                )

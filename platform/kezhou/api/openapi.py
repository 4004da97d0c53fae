"""OpenAPI, made inside the tenant from what the actor may use: its types with their fields, own fields included.

drf-spectacular gives the document its frame and its checks; paths come from the record types, since every type has the same shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.plumbing import build_root_object

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.api import shape_json
from kezhou.api.openapi_beside import beside
from kezhou.api.openapi_parts import an_object, name_of, operation, query, ref
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec
from tenants.context import current

VERSION = "1"


def description(actor: Actor) -> dict[str, Any]:
    """The OpenAPI document of this tenant for this actor."""
    types = records.types(actor)
    paths: dict[str, Any] = {"/api/v1/": {"get": operation("types", _("记录类型"), {"type": "object"})}}
    paths["/api/v1/search"] = {"get": operation("search", _("全文搜索"), {"type": "object"}, parameters=_SEARCH)}
    paths["/api/v1/assignments"] = {"get": operation("assignments", _("指派给我"), {"type": "object"})}
    schemas: dict[str, Any] = {"Problem": _PROBLEM}
    for spec in types.values():
        paths.update(_paths(spec, actor))
        schemas.update(_schemas(spec, actor))
    security = {
        "token": {"type": "http", "scheme": "bearer", "description": _("设置 · 接口与令牌里新建的令牌")},
        "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
    }
    root: dict[str, Any] = build_root_object(
        paths=paths, components={"schemas": schemas, "securitySchemes": security}, webhooks={}, version=VERSION
    )
    root["info"] = {"title": _("%(company)s 的接口") % {"company": current().name}, "version": VERSION}
    root["security"] = [{"token": []}, {"session": []}]
    return root


def _schemas(spec: TypeSpec, actor: Actor) -> dict[str, Any]:
    read = records.fields_for(spec, actor, Purpose.READ)
    write = records.fields_for(spec, actor, Purpose.WRITE)
    name, number = name_of(spec), {"type": "integer", "format": "int64"}
    titles = {"type": "object", "description": _("关联记录的标题，按类型和 pk")}
    known = {"pk": number, "version": number, "title": {"type": "string"}, "titles": titles}
    record = an_object(
        {**_properties(read), **known, **shape_json.read_properties(actor, spec)}, required=["pk", "version"]
    )
    given = {**_properties(write), **shape_json.write_properties(actor, spec)}
    new = an_object(given, required=[field.key for field in write if field.required])
    change = an_object({**given, "version": number}, required=[])
    change["description"] = _("只写要改的字段；带 version（或 If-Match）时，别人先改过会得到 409 和双方的值。")
    page = an_object(
        {
            "results": {"type": "array", "items": ref(name)},
            "total": {"type": "integer", "nullable": True},
            "capped": {"type": "boolean"},
            "next": {"type": "string", "nullable": True},
            "previous": {"type": "string", "nullable": True},
            "sums": {"type": "object"},
            "titles": titles,
        },
        required=["results"],
    )
    return {name: record, f"{name}New": new, f"{name}Change": change, f"{name}Page": page}


def _properties(fields: Sequence[FieldSpec]) -> dict[str, Any]:
    return {field.key: field.kind.schema(field) for field in fields}


def _paths(spec: TypeSpec, actor: Actor) -> dict[str, Any]:
    name, root, title = name_of(spec), f"/api/v1/{spec.key}/", str(spec.title)
    pk = {"name": "pk", "in": "path", "required": True, "schema": {"type": "integer", "format": "int64"}}
    version = {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}}
    many = {"get": operation(f"{name}List", _("%(t)s：列表") % {"t": title}, ref(f"{name}Page"), parameters=_LIST)}
    one = {"get": operation(f"{name}Read", _("%(t)s：读一条") % {"t": title}, ref(name), parameters=[pk])}
    paths = {root: many, f"{root}{{pk}}": one}
    history = operation(f"{name}History", _("%(t)s：修改历史") % {"t": title}, {"type": "object"}, parameters=[pk])
    paths[f"{root}{{pk}}/history"] = {"get": history}
    paths.update(beside(spec))
    if "create" in spec.operations:
        words = _("%(t)s：新建") % {"t": title}
        many["post"] = operation(f"{name}Create", words, ref(name), body=ref(f"{name}New"), status="201")
    if spec.operations & {"create", "update"}:
        words = _("%(t)s：批量新建和修改") % {"t": title}
        batch = an_object(
            {"changes": {"type": "array", "items": {"type": "object"}, "maxItems": 500}}, required=["changes"]
        )
        paths[f"{root}batch"] = {"post": operation(f"{name}Batch", words, {"type": "object"}, body=batch)}
    if "update" in spec.operations:
        words = _("%(t)s：修改") % {"t": title}
        one["patch"] = operation(f"{name}Update", words, ref(name), body=ref(f"{name}Change"), parameters=[pk, version])
    if "delete" in spec.operations:
        one["delete"] = operation(f"{name}Delete", _("%(t)s：删除") % {"t": title}, None, parameters=[pk], status="204")
    paths |= _deeds(spec, actor, pk)
    for methods in paths.values():
        for told in methods.values():
            told["tags"] = [title]
    return paths


def _deeds(spec: TypeSpec, actor: Actor, pk: dict[str, Any]) -> dict[str, Any]:
    """Moves between states, and the actions that the actor may do."""
    name, root, title = name_of(spec), f"/api/v1/{spec.key}/", str(spec.title)
    paths: dict[str, Any] = {}
    if spec.states is not None:
        body = an_object({"target": {"type": "string"}, "version": {"type": "integer"}}, required=["target"])
        paths[f"{root}{{pk}}/moves"] = {
            "get": operation(
                f"{name}Moves", _("%(t)s：能到的状态") % {"t": title}, {"type": "object"}, parameters=[pk]
            ),
            "post": operation(f"{name}Move", _("%(t)s：改状态") % {"t": title}, ref(name), body=body, parameters=[pk]),
        }
    for key in shape_json.able(actor, spec):
        action = next(action for action in spec.actions if action.key == key)
        words, form = f"{title}：{action.title}", shape_json.form_schema(actor, spec, key)
        called = f"{name}{''.join(part.capitalize() for part in key.split('_'))}"
        paths[f"{root}{{pk}}/actions/{key}"] = {"post": operation(called, words, ref(name), body=form, parameters=[pk])}
        if action.bulk:
            many = an_object({"pks": {"type": "array", "items": {"type": "integer"}}, "values": form}, required=["pks"])
            paths[f"{root}actions/{key}"] = {"post": operation(f"{called}Many", words, {"type": "object"}, body=many)}
    if paths and spec.actions:
        words = _("%(t)s：能做的操作") % {"t": title}
        paths[f"{root}{{pk}}/actions"] = {
            "get": operation(f"{name}Actions", words, {"type": "object"}, parameters=[pk])
        }
    return paths


_LIST = [
    *(query(name) for name in ("filter", "sort", "columns", "q", "after", "before")),
    *(query(name, "integer") for name in ("page", "size")),
    query("exact", "boolean"),
    query("deleted", "boolean"),
]
_SEARCH = [
    *(query(name) for name in ("q", "kinds", "owner", "department", "category", "since", "until", "sort")),
    *(query(name, "integer") for name in ("page", "size")),
    query("facets", "boolean"),
]
_PROBLEM = an_object(
    {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "conflict": {"type": "object"},
        "twins": {"type": "array", "items": {"type": "object"}},
    },
    required=["type", "title", "status", "code"],
)

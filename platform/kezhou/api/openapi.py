"""OpenAPI, made inside the tenant from what the actor may use: its types with their fields, own fields included.

drf-spectacular gives the document its frame and its checks; paths come from the record types, since every type has the same shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.plumbing import build_root_object

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.api import shape_json
from kezhou.assignments.reading import assignable
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec
from tenants.context import current

VERSION = "1"
_JSON = "application/json"


def description(actor: Actor) -> dict[str, Any]:
    """The OpenAPI document of this tenant for this actor."""
    types = records.types(actor)
    paths: dict[str, Any] = {"/api/v1/": {"get": _operation("types", _("记录类型"), {"type": "object"})}}
    paths["/api/v1/search"] = {"get": _operation("search", _("全文搜索"), {"type": "object"}, parameters=_SEARCH)}
    paths["/api/v1/assignments"] = {"get": _operation("assignments", _("指派给我"), {"type": "object"})}
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


def _name(spec: TypeSpec) -> str:
    return "".join(part.capitalize() for part in spec.key.replace("_", ".").split("."))


def _schemas(spec: TypeSpec, actor: Actor) -> dict[str, Any]:
    read = records.fields_for(spec, actor, Purpose.READ)
    write = records.fields_for(spec, actor, Purpose.WRITE)
    name, number = _name(spec), {"type": "integer", "format": "int64"}
    titles = {"type": "object", "description": _("关联记录的标题，按类型和 pk")}
    known = {"pk": number, "version": number, "title": {"type": "string"}, "titles": titles}
    record = _object(
        {**_properties(read), **known, **shape_json.read_properties(actor, spec)}, required=["pk", "version"]
    )
    given = {**_properties(write), **shape_json.write_properties(actor, spec)}
    new = _object(given, required=[field.key for field in write if field.required])
    change = _object({**given, "version": number}, required=[])
    change["description"] = _("只写要改的字段；带 version（或 If-Match）时，别人先改过会得到 409 和双方的值。")
    page = _object(
        {
            "results": {"type": "array", "items": _ref(name)},
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


def _object(properties: Mapping[str, Any], *, required: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": dict(properties)}
    return {**made, "required": required} if required else made


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _paths(spec: TypeSpec, actor: Actor) -> dict[str, Any]:
    name, root, title = _name(spec), f"/api/v1/{spec.key}/", str(spec.title)
    pk = {"name": "pk", "in": "path", "required": True, "schema": {"type": "integer", "format": "int64"}}
    version = {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}}
    many = {"get": _operation(f"{name}List", _("%(t)s：列表") % {"t": title}, _ref(f"{name}Page"), parameters=_LIST)}
    one = {"get": _operation(f"{name}Read", _("%(t)s：读一条") % {"t": title}, _ref(name), parameters=[pk])}
    paths = {root: many, f"{root}{{pk}}": one}
    history = _operation(f"{name}History", _("%(t)s：修改历史") % {"t": title}, {"type": "object"}, parameters=[pk])
    paths[f"{root}{{pk}}/history"] = {"get": history}
    paths.update(_beside(spec, pk))
    if "create" in spec.operations:
        words = _("%(t)s：新建") % {"t": title}
        many["post"] = _operation(f"{name}Create", words, _ref(name), body=_ref(f"{name}New"), status="201")
    if spec.operations & {"create", "update"}:
        words = _("%(t)s：批量新建和修改") % {"t": title}
        batch = _object(
            {"changes": {"type": "array", "items": {"type": "object"}, "maxItems": 500}}, required=["changes"]
        )
        paths[f"{root}batch"] = {"post": _operation(f"{name}Batch", words, {"type": "object"}, body=batch)}
    if "update" in spec.operations:
        words = _("%(t)s：修改") % {"t": title}
        one["patch"] = _operation(
            f"{name}Update", words, _ref(name), body=_ref(f"{name}Change"), parameters=[pk, version]
        )
    if "delete" in spec.operations:
        one["delete"] = _operation(
            f"{name}Delete", _("%(t)s：删除") % {"t": title}, None, parameters=[pk], status="204"
        )
    paths |= _deeds(spec, actor, pk)
    for operations in paths.values():
        for operation in operations.values():
            operation["tags"] = [title]
    return paths


def _beside(spec: TypeSpec, pk: dict[str, Any]) -> dict[str, Any]:
    """Timeline, comments and files of one record."""
    name, root, shown = _name(spec), f"/api/v1/{spec.key}/{{pk}}", {"t": str(spec.title)}
    kinds = [pk, _query("kinds"), _query("before"), _query("size", "integer")]
    text = _object({"text": {"type": "string"}, "reply_to": {"type": "integer"}}, required=["text"])
    file = {"name": "file", "in": "path", "required": True, "schema": {"type": "integer", "format": "int64"}}
    files = {"get": _operation(f"{name}Files", _("%(t)s：文件") % shown, {"type": "object"}, parameters=[pk])}
    one = {"get": _operation(f"{name}File", _("%(t)s：下载一个文件") % shown, None, parameters=[pk, file])}
    if "update" in spec.operations:
        named = {"name": "X-File-Name", "in": "header", "required": True, "schema": {"type": "string"}}
        files["post"] = _operation(
            f"{name}Upload", _("%(t)s：上传一个文件") % shown, {"type": "object"}, parameters=[pk, named], status="201"
        )
        files["post"]["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
        one["delete"] = _operation(
            f"{name}FileDelete", _("%(t)s：删除一个文件") % shown, None, parameters=[pk, file], status="204"
        )
    timeline = _operation(f"{name}Timeline", _("%(t)s：时间线") % shown, {"type": "object"}, parameters=kinds)
    words = _("%(t)s：写评论") % shown
    comment = _operation(f"{name}Comment", words, {"type": "object"}, body=text, parameters=[pk], status="201")
    return {f"{root}/timeline": {"get": timeline}, f"{root}/comments": {"post": comment},
            f"{root}/files": files, f"{root}/files/{{file}}": one, **_assigning(spec, pk)}  # fmt: skip


def _assigning(spec: TypeSpec, pk: dict[str, Any]) -> dict[str, Any]:
    """Assignments of one record, for types that can be given to somebody."""
    if not assignable(spec):
        return {}
    name, root, shown = _name(spec), f"/api/v1/{spec.key}/{{pk}}/assignments", {"t": str(spec.title)}
    listed = _operation(f"{name}Assignments", _("%(t)s：没有做完的指派") % shown, {"type": "object"}, parameters=[pk])
    answer = _object({"deed": {"type": "string"}, "answer": {"type": "string"}}, required=["deed"])
    number = {"name": "assignment", "in": "path", "required": True, "schema": {"type": "integer", "format": "int64"}}
    words = _("%(t)s：接手、完成、退回或收回指派") % shown
    done = _operation(f"{name}Assigned", words, {"type": "object"}, body=answer, parameters=[pk, number])
    paths = {root: {"get": listed}, f"{root}/{{assignment}}": {"post": done}}
    if "update" in spec.operations:
        kinds = {"member": "integer", "department": "integer", "due": "string", "note": "string", "owner": "boolean"}
        body = _object({key: {"type": kind} for key, kind in kinds.items()}, required=[])
        words = _("%(t)s：指派给成员或部门") % shown
        paths[root]["post"] = _operation(
            f"{name}Assign", words, {"type": "object"}, body=body, parameters=[pk], status="201"
        )
    return paths


def _deeds(spec: TypeSpec, actor: Actor, pk: dict[str, Any]) -> dict[str, Any]:
    """Moves between states, and the actions that the actor may do."""
    name, root, title = _name(spec), f"/api/v1/{spec.key}/", str(spec.title)
    paths: dict[str, Any] = {}
    if spec.states is not None:
        body = _object({"target": {"type": "string"}, "version": {"type": "integer"}}, required=["target"])
        paths[f"{root}{{pk}}/moves"] = {
            "get": _operation(
                f"{name}Moves", _("%(t)s：能到的状态") % {"t": title}, {"type": "object"}, parameters=[pk]
            ),
            "post": _operation(
                f"{name}Move", _("%(t)s：改状态") % {"t": title}, _ref(name), body=body, parameters=[pk]
            ),
        }
    for key in shape_json.able(actor, spec):
        action = next(action for action in spec.actions if action.key == key)
        words, form = f"{title}：{action.title}", shape_json.form_schema(actor, spec, key)
        called = f"{name}{''.join(part.capitalize() for part in key.split('_'))}"
        paths[f"{root}{{pk}}/actions/{key}"] = {
            "post": _operation(called, words, _ref(name), body=form, parameters=[pk])
        }
        if action.bulk:
            many = _object({"pks": {"type": "array", "items": {"type": "integer"}}, "values": form}, required=["pks"])
            paths[f"{root}actions/{key}"] = {"post": _operation(f"{called}Many", words, {"type": "object"}, body=many)}
    if paths and spec.actions:
        words = _("%(t)s：能做的操作") % {"t": title}
        paths[f"{root}{{pk}}/actions"] = {
            "get": _operation(f"{name}Actions", words, {"type": "object"}, parameters=[pk])
        }
    return paths


def _operation(
    key: str,
    summary: str,
    answer: Mapping[str, Any] | None,
    *,
    body: Mapping[str, Any] | None = None,
    parameters: Sequence[Mapping[str, Any]] = (),
    status: str = "200",
) -> dict[str, Any]:
    good: dict[str, Any] = {"description": summary}
    if answer is not None:
        good["content"] = {_JSON: {"schema": dict(answer)}}
    problem = {"description": _("问题"), "content": {"application/problem+json": {"schema": _ref("Problem")}}}
    made: dict[str, Any] = {"operationId": key, "summary": summary, "responses": {status: good, "default": problem}}
    if parameters:
        made["parameters"] = [dict(one) for one in parameters]
    if body is not None:
        made["requestBody"] = {"required": True, "content": {_JSON: {"schema": dict(body)}}}
    return made


def _query(name: str, kind: str = "string") -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": {"type": kind}}


_LIST = [
    *(_query(name) for name in ("filter", "sort", "columns", "q", "after", "before")),
    *(_query(name, "integer") for name in ("page", "size")),
    _query("exact", "boolean"),
    _query("deleted", "boolean"),
]
_SEARCH = [
    *(_query(name) for name in ("q", "kinds", "owner", "department", "category", "since", "until", "sort")),
    *(_query(name, "integer") for name in ("page", "size")),
    _query("facets", "boolean"),
]
_PROBLEM = _object(
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

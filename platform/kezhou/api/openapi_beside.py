"""The description of what stands beside a record: fields of its kind, recycle bin, timeline, comments, files, assignments."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kezhou.api.openapi_parts import ANY, an_object, name_of, operation, path_number, query, ref
from kezhou.assignments.reading import assignable
from kezhou.records.spec import TypeSpec

PK = path_number("pk")


def beside(spec: TypeSpec) -> dict[str, Any]:
    """Everything beside the records of one type that the actor's operations allow."""
    name, shown = name_of(spec), {"t": str(spec.title)}
    fields = operation(f"{name}Fields", _("%(t)s：字段") % shown, ANY)
    paths: dict[str, Any] = {f"/api/v1/{spec.key}/fields": {"get": fields}}
    if "delete" in spec.operations:
        back = operation(f"{name}Restore", _("%(t)s：从回收站恢复") % shown, ref(name), parameters=[PK])
        paths[f"/api/v1/{spec.key}/{{pk}}/restore"] = {"post": back}
    return paths | _said(spec) | _files(spec) | _assigning(spec)


def _said(spec: TypeSpec) -> dict[str, Any]:
    """Timeline and comments."""
    name, root, shown = name_of(spec), f"/api/v1/{spec.key}/{{pk}}", {"t": str(spec.title)}
    kinds = [PK, query("kinds"), query("before"), query("size", "integer")]
    timeline = operation(f"{name}Timeline", _("%(t)s：时间线") % shown, ANY, parameters=kinds)
    new = an_object({"text": {"type": "string"}, "reply_to": {"type": "integer"}}, required=["text"])
    words = _("%(t)s：写评论") % shown
    write = operation(f"{name}Comment", words, ANY, body=new, parameters=[PK], status="201")
    which = [PK, path_number("comment")]
    change = an_object({"text": {"type": "string"}, "pinned": {"type": "boolean"}}, required=[])
    words = _("%(t)s：改评论，或者置顶") % shown
    edit = operation(f"{name}CommentChange", words, ANY, body=change, parameters=which)
    words = _("%(t)s：删评论") % shown
    remove = operation(f"{name}CommentDelete", words, None, parameters=which, status="204")
    return {
        f"{root}/timeline": {"get": timeline},
        f"{root}/comments": {"post": write},
        f"{root}/comments/{{comment}}": {"patch": edit, "delete": remove},
    }


def _files(spec: TypeSpec) -> dict[str, Any]:
    name, root, shown = name_of(spec), f"/api/v1/{spec.key}/{{pk}}/files", {"t": str(spec.title)}
    which = [PK, path_number("file")]
    words = _("%(t)s：文件") % shown
    many = {"get": operation(f"{name}Files", words, ANY, parameters=[PK, query("deleted", "boolean")])}
    one = {"get": operation(f"{name}File", _("%(t)s：下载一个文件") % shown, None, parameters=which)}
    paths: dict[str, Any] = {root: many, f"{root}/{{file}}": one}
    if "update" in spec.operations:
        named = {"name": "X-File-Name", "in": "header", "required": True, "schema": {"type": "string"}}
        words = _("%(t)s：上传一个文件") % shown
        many["post"] = operation(f"{name}Upload", words, ANY, parameters=[PK, named], status="201")
        many["post"]["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
        renamed = an_object({"name": {"type": "string"}}, required=["name"])
        words = _("%(t)s：给文件改名") % shown
        one["patch"] = operation(f"{name}FileRename", words, ANY, body=renamed, parameters=which)
        words = _("%(t)s：删除一个文件") % shown
        one["delete"] = operation(f"{name}FileDelete", words, None, parameters=which, status="204")
        words = _("%(t)s：恢复一个文件") % shown
        back = operation(f"{name}FileRestore", words, ANY, parameters=which)
        paths[f"{root}/{{file}}/restore"] = {"post": back}
    return paths


def _assigning(spec: TypeSpec) -> dict[str, Any]:
    """Assignments of one record, for types that can be given to somebody."""
    if not assignable(spec):
        return {}
    name, root, shown = name_of(spec), f"/api/v1/{spec.key}/{{pk}}/assignments", {"t": str(spec.title)}
    listed = operation(f"{name}Assignments", _("%(t)s：没有做完的指派") % shown, ANY, parameters=[PK])
    answer = an_object({"deed": {"type": "string"}, "answer": {"type": "string"}}, required=["deed"])
    words = _("%(t)s：接手、完成、退回或收回指派") % shown
    done = operation(f"{name}Assigned", words, ANY, body=answer, parameters=[PK, path_number("assignment")])
    paths: dict[str, Any] = {root: {"get": listed}, f"{root}/{{assignment}}": {"post": done}}
    if "update" in spec.operations:
        kinds = {"member": "integer", "department": "integer", "due": "string", "note": "string", "owner": "boolean"}
        body = an_object({key: {"type": kind} for key, kind in kinds.items()}, required=[])
        words = _("%(t)s：指派给成员或部门") % shown
        paths[root]["post"] = operation(f"{name}Assign", words, ANY, body=body, parameters=[PK], status="201")
    return paths

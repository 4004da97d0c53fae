"""The small parts of which the description of the API is put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from kezhou.records.spec import TypeSpec

_JSON = "application/json"
NUMBER: Mapping[str, Any] = {"type": "integer", "format": "int64"}
ANY: Mapping[str, Any] = {"type": "object"}


def name_of(spec: TypeSpec) -> str:
    """The name of a type in the description: CustomersCustomer."""
    return "".join(part.capitalize() for part in spec.key.replace("_", ".").split("."))


def an_object(properties: Mapping[str, Any], *, required: list[str]) -> dict[str, Any]:
    """A JSON object with these properties."""
    made: dict[str, Any] = {"type": "object", "properties": dict(properties)}
    return {**made, "required": required} if required else made


def ref(name: str) -> dict[str, str]:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def path_number(name: str) -> dict[str, Any]:
    """A number within the address."""
    return {"name": name, "in": "path", "required": True, "schema": dict(NUMBER)}


def operation(
    key: str,
    summary: str,
    answer: Mapping[str, Any] | None,
    *,
    body: Mapping[str, Any] | None = None,
    parameters: Sequence[Mapping[str, Any]] = (),
    status: str = "200",
) -> dict[str, Any]:
    """One method at one address; `answer` is the schema of what comes back, None for nothing or a file."""
    good: dict[str, Any] = {"description": summary}
    if answer is not None:
        good["content"] = {_JSON: {"schema": dict(answer)}}
    problem = {"description": _("问题"), "content": {"application/problem+json": {"schema": ref("Problem")}}}
    made: dict[str, Any] = {"operationId": key, "summary": summary, "responses": {status: good, "default": problem}}
    if parameters:
        made["parameters"] = [dict(one) for one in parameters]
    if body is not None:
        made["requestBody"] = {"required": True, "content": {_JSON: {"schema": dict(body)}}}
    return made


def query(name: str, kind: str = "string") -> dict[str, Any]:
    """A parameter behind the question mark."""
    return {"name": name, "in": "query", "required": False, "schema": {"type": kind}}

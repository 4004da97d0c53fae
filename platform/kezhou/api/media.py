"""JSON in and out, by orjson."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

import orjson
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from kezhou.api.problems import Problem


def plain(value: Any) -> Any:
    """What orjson does not know: decimals as exact text, lazy translations, tuples and sets."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form.")


class JSONRenderer(BaseRenderer):
    """Compact JSON in UTF-8."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """The bytes; nothing for no data (204)."""
        return b"" if data is None else orjson.dumps(data, default=plain)


class JSONParser(BaseParser):
    """A JSON body."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        """What the body says. Raises Problem (400) when it is no JSON."""
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise Problem(400, "bad_json", _("请求内容不是合格的 JSON：%(error)s。") % {"error": error}) from None


class AlwaysJSON(BaseContentNegotiation):
    """The API speaks JSON whatever a client says it accepts."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """The JSON parser for JSON and for bodies of no declared type; nothing else."""
        kind = request.content_type.partition(";")[0].strip()
        return parsers[0] if kind in {"", "application/json", "application/merge-patch+json"} else None

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """JSON."""
        return renderers[0], renderers[0].media_type

"""What there is: the record types, search over all of them, and the description of the API itself."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from kezhou import records
from kezhou.api.base import ROOT, ApiView, address
from kezhou.api.openapi import description
from kezhou.api.problems import Problem
from kezhou.finding import Hit, SearchRequest
from kezhou.finding.measuring import ask
from kezhou.pages import SIGNED_IN, PageRequest, on, page
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec


@address("", access=SIGNED_IN, name="api-root")
class Types(ApiView):
    """GET the record types that the caller may read."""

    def get(self, request: Request) -> Response:
        """Keys, titles and addresses, in menu order."""
        found = records.types(self.actor).values()
        links = {"search": f"/{ROOT}search", "schema": f"/{ROOT}schema", "docs": f"/{ROOT}docs"}
        return Response({"types": [_type(spec) for spec in found], "links": links})


@address("<str:type_key>/fields", access=on("read"), name="api-fields")
class Fields(ApiView):
    """GET the fields of a type, own fields included, with what may be done with each."""

    def get(self, request: Request, type_key: str) -> Response:
        """Fields in order, with their rules, options and filter operators."""
        spec = records.type_of(self.actor, type_key)
        writable = {field.key for field in records.fields_for(spec, self.actor, Purpose.WRITE)}
        filtered = {field.key for field in records.fields_for(spec, self.actor, Purpose.FILTER)}
        fields = records.fields_for(spec, self.actor, Purpose.READ)
        return Response(
            {**_type(spec), "fields": [_field(one, one.key in writable, one.key in filtered) for one in fields]}
        )


def _type(spec: TypeSpec) -> dict[str, Any]:
    return {
        "key": spec.key, "title": str(spec.title), "operations": sorted(spec.operations), "title_field": spec.title_field,
        "columns": list(spec.columns), "url": f"/{ROOT}{spec.key}/", "fields_url": f"/{ROOT}{spec.key}/fields",
    }  # fmt: skip


def _field(field: FieldSpec, writable: bool, filtered: bool) -> dict[str, Any]:
    options = [{"key": o.key, "label": str(o.label), "enabled": o.enabled} for o in field.options]
    return {
        "key": field.key, "type": field.type, "label": str(field.label), "help": str(field.help), "own": field.custom,
        "required": field.required, "writable": writable, "masked": field.level == "mask", "target": field.target,
        "options": options, "operators": dict(field.kind.operators(field)) if filtered else {},
    }  # fmt: skip


@address("search", access=SIGNED_IN, name="api-search")
class Search(ApiView):
    """GET records of all kinds by words."""

    parameters: ClassVar = frozenset(
        {"q", "kinds", "owner", "department", "category", "since", "until", "page", "size", "sort", "facets"}
    )

    def get(self, request: Request) -> Response:
        """Hits with excerpts and counts per kind, with `facets=1` also by owner, department and date; all inside the
        caller's rights."""
        found = ask(self.actor, _request(request))
        counts = {
            "owners": found.owners,
            "departments": found.departments,
            "categories": found.categories,
            "dates": found.dates,
        }
        facets = {n: [{"value": f.value, "title": f.title, "count": f.count} for f in fs] for n, fs in counts.items()}
        return Response(
            {
                "results": [_hit(hit) for hit in found.hits],
                "total": found.total,
                "exact": found.exact,
                "page": found.page,
                "pages": found.pages,
                "kinds": [{"type": g.type, "title": g.title, "count": g.count} for g in found.groups],
                **facets,
                "notice": found.notice,
            }
        )


def _hit(hit: Hit) -> dict[str, Any]:
    excerpts = [{"label": one.label, "html": str(one.text)} for one in hit.excerpts]
    return {
        "type": hit.type, "kind": hit.kind, "pk": hit.pk, "number": hit.number, "title": hit.title,
        "html": str(hit.heading), "excerpts": excerpts, "owner": hit.owner_pk, "owner_name": hit.owner,
        "changed_at": hit.date, "url": f"/{ROOT}{hit.type}/{hit.pk}",
    }  # fmt: skip


def _request(request: Request) -> SearchRequest:
    given = request.query_params
    try:
        return SearchRequest(
            given.get("q", ""),
            kinds=tuple(filter(None, given.get("kinds", "").split(","))),
            owner=_numbers(given.get("owner", "")),
            department=_numbers(given.get("department", "")),
            category=tuple(filter(None, given.get("category", "").split(","))),
            since=_day(given.get("since", "")),
            until=_day(given.get("until", "")),
            page=_whole(given.get("page", "1")),
            size=_whole(given.get("size", "20")),
            facets=given.get("facets", "") in {"1", "true"},
            sort=given.get("sort", "score"),  # type: ignore[arg-type]  # checked by the request itself
        )
    except ValueError as error:
        raise Problem(400, "bad_request", str(error)) from None


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValueError(_("“%(text)s”应是整数。") % {"text": text[:20]})
    return int(text)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(_whole(one) for one in text.split(",") if one)


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(_("“%(text)s”应是 2026-05-13 这样的日期。") % {"text": text[:20]}) from None


@address("schema", access=SIGNED_IN, name="api-schema")
class Schema(ApiView):
    """GET the OpenAPI description of exactly what the caller may use."""

    def get(self, request: Request) -> Response:
        """OpenAPI 3 as JSON, made inside the tenant."""
        return Response(description(self.actor))


@page(ROOT + "docs", access=SIGNED_IN, name="api-docs")
def docs(request: PageRequest) -> HttpResponse:
    """The description as a page for people, without any outside script or style."""
    types = [
        {
            "spec": spec,
            "fields": [
                {"field": field, "schema": field.kind.schema(field)}
                for field in records.fields_for(spec, request.actor, Purpose.READ)
            ],
        }
        for spec in records.types(request.actor).values()
    ]
    crumbs = ({"title": _("接口与令牌"), "url": "/settings/tokens"}, {"title": _("接口说明")})
    return render(
        request,
        "kezhou/api/docs.html",
        {"types": types, "active": "settings", "settings_active": "tokens", "crumbs": crumbs},
    )

"""Host name to tenant, first of all middleware: the tenant is entered around the whole response, streams included."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from tenants import context
from tenants.context import Current, Scope
from tenants.directory import address_of, find_by_host, host_of

HEALTH = "/-/health"
Answer = Callable[[HttpRequest], HttpResponseBase]


class TenantMiddleware:
    """The tenant of the host; the public site on the base domain; 404 for any other host, without a further query."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == HEALTH:
            return HttpResponse("ok\n", content_type="text/plain")
        try:
            host = request.get_host().rsplit(":", 1)[0].lower().removeprefix("www.")
        except DisallowedHost:
            return _unknown()
        if host in (settings.KEZHOU_BASE_DOMAIN, *settings.KEZHOU_PUBLIC_HOSTS):
            request.urlconf = settings.PUBLIC_URLCONF
            return self.get_response(request)
        place = find_by_host(host)
        if place is None:
            return _unknown()
        if _leads_on(request, host, place):
            return _moved(request, place)
        request.tenant = place  # type: ignore[attr-defined]  # for packages that know django-tenants
        with context.tenant(place):
            response = self.get_response(request)
            _keep_entered(response, Scope(place.schema, place))
        return response


def _leads_on(request: HttpRequest, host: str, place: Current) -> bool:
    """Whether this is a look at a page under a name that the company had before.

    What is sent, what a page asks for by itself and what programs ask is answered under the old name as ever: a form that was
    open when the name changed is saved, and no program loses its token on the way.
    """
    by_itself = request.headers.get("HX-Request") or request.headers.get("Sec-Fetch-Dest", "document") != "document"
    looks = request.method in {"GET", "HEAD"} and not by_itself and not request.path_info.startswith("/api/")
    return looks and host.endswith(f".{settings.KEZHOU_BASE_DOMAIN}") and host != host_of(place.slug)


def _moved(request: HttpRequest, place: Current) -> HttpResponseBase:
    response = HttpResponseRedirect(address_of(place, request.get_full_path()))
    response["Cache-Control"] = "no-store"
    return response


def _unknown() -> HttpResponseBase:
    return HttpResponseNotFound(
        f"<!doctype html><meta charset=utf-8><title>404</title><p>{_('这个网址下没有公司。')}</p>"
    )


def _keep_entered(response: HttpResponseBase, place: Scope) -> None:
    """Produce every chunk of a stream, and close the response, inside the tenant."""
    if getattr(response, "streaming", False):
        response.streaming_content = _Entered(response.streaming_content, place)  # type: ignore[attr-defined]
    close = response.close

    def close_inside() -> None:
        with context.within(place):
            close()

    response.close = close_inside  # type: ignore[method-assign]  # the server calls it after the last byte


class _Entered:
    """An iterator whose every step runs in a tenant, whichever thread takes it."""

    def __init__(self, chunks: Any, place: Scope) -> None:
        self._chunks: Iterator[bytes] = iter(chunks)
        self._place = place

    def __iter__(self) -> "Iterator[bytes]":
        return self

    def __next__(self) -> bytes:
        with context.within(self._place):
            return next(self._chunks)

    def close(self) -> None:
        close = getattr(self._chunks, "close", None)
        if close is not None:
            with context.within(self._place):
                close()

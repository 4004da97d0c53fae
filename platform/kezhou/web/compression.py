"""Pages and answers of the API go out compressed to whoever takes gzip; files are compressed once, by the asset step."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/html", "application/json", "application/problem+json", "text/csv", "application/vnd.oai.openapi+json")


class Compression(GZipMiddleware):
    """Django's own, for texts that are whole. It adds bytes of random number to each, so that their length tells nothing of a
    secret in them (BREACH; the form token is masked anew at each answer besides). Streams stay as they are: what is told
    live must not wait in a compressor, and files mostly are compressed already.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if response.streaming or kind not in TEXTS:
            return response
        return super().process_response(request, response)

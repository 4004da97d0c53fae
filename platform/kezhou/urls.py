"""What a tenant's host name answers. The base domain's pages are in `kezhou.web.public.urls`."""

from kezhou.web.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

"""What the base domain answers. A company's own host is in `kezhou.urls`."""

from __future__ import annotations

from django.urls import include, path

from kezhou.pages import PUBLIC_SITE
from kezhou.pages import urlpatterns as declared
from kezhou.web.public import find, languages, signup, site

PAGE_MODULES = (site, signup, find, languages)

urlpatterns = [path("", include((declared(PUBLIC_SITE), "public")))]

handler400 = "kezhou.web.public.errors.bad_request"
handler403 = "kezhou.web.public.errors.forbidden"
handler404 = "kezhou.web.public.errors.not_found"
handler500 = "kezhou.web.public.errors.broken"

"""All pages of a tenant's host. Importing a module of pages declares its routes; this list is the only place that names them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from kezhou.pages import urlpatterns as declared

PAGE_MODULES = (
    "kezhou.web.home.pages",
    "kezhou.web.home.help",
    "kezhou.web.home.main_menu",
    "kezhou.web.home.team",
    "kezhou.web.home.preferences_pages",
    "kezhou.web.shortcuts.pages",
    "kezhou.web.account.pages",
    "kezhou.web.members.pages",
    "kezhou.web.settings.pages",
    "kezhou.web.inbox.pages",
    "kezhou.web.inbox.assignment_pages",
    "kezhou.web.inbox.live",
    "kezhou.web.finding.pages",
    "kezhou.web.records.urls",
    "kezhou.exchange.pages",
    "kezhou.backups.pages",
    "kezhou.jobs.pages",
    "kezhou.files.pages",
    "kezhou.branding.pages",
    "kezhou.api.urls",
)

for _name in PAGE_MODULES:
    if find_spec(_name) is not None:
        import_module(_name)

urlpatterns = declared()

handler400 = "kezhou.web.errors.bad_request"
handler403 = "kezhou.web.errors.forbidden"
handler404 = "kezhou.web.errors.not_found"
handler500 = "kezhou.web.errors.broken"

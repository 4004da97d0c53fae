"""Importing this module declares all pages of the portal and those of the company's people about it."""

from portal.pages import beside, entering, exporting, form_pages, home, me, records_pages, search_pages, staff
from portal.settings import pages as settings

__all__ = [
    "beside",
    "entering",
    "exporting",
    "form_pages",
    "home",
    "me",
    "records_pages",
    "search_pages",
    "settings",
    "staff",
]

"""Importing this module declares all pages of records."""

from kezhou.web.records import (
    bulk_pages,
    conflict_pages,
    delete_pages,
    detail_pages,
    form_pages,
    group_pages,
    history_pages,
    inline_pages,
    list_pages,
    lookup_pages,
    note_pages,
    quick_pages,
    recycle_pages,
    view_pages,
)

__all__ = [
    "bulk_pages",
    "conflict_pages",
    "delete_pages",
    "detail_pages",
    "form_pages",
    "group_pages",
    "history_pages",
    "inline_pages",
    "list_pages",
    "lookup_pages",
    "note_pages",
    "quick_pages",
    "recycle_pages",
    "view_pages",
]

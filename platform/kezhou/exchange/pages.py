"""The pages of import and export; importing this module declares them all."""

from __future__ import annotations

from kezhou.exchange import (
    pages_check,
    pages_dictionary,
    pages_export,
    pages_map,
    pages_result,
    pages_start,
    pages_whole,
)

PAGES = (pages_start, pages_map, pages_check, pages_result, pages_export, pages_dictionary, pages_whole)

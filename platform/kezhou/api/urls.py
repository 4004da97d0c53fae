"""Importing this module declares every address of the API; fixed names stand before those with a type."""

from kezhou.api import root_views  # noqa: I001  # search, schema and docs first
from kezhou.api import assignment_views, file_views, record_views, shape_views, timeline_views, token_pages


API_MODULES = (root_views, assignment_views, record_views, shape_views, timeline_views, file_views, token_pages)

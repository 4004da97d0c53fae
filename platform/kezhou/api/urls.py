"""Importing this module declares every address of the API; fixed names stand before those with a type."""

from kezhou.api import root_views  # noqa: I001  # search, schema and docs first
from kezhou.api import record_views, token_pages

API_MODULES = (root_views, record_views, token_pages)

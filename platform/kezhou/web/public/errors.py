"""Error pages of the public site: the frame's wording on the site's own ground."""

from __future__ import annotations

from kezhou.web.errors import bad_request, broken, forbidden, not_found

__all__ = ["bad_request", "broken", "forbidden", "not_found"]

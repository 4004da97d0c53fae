"""What every settings page shows around its content."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kezhou.web.settings import menu


def shell(active: str, *crumbs: str) -> dict[str, Any]:
    """Menu, place in it, and breadcrumb. `active` is the entry's key; `crumbs` follow 设置."""
    urls = (menu.url_of(active), *[""] * len(crumbs))
    trail = (
        {"title": _("设置"), "url": "/settings/"},
        *({"title": crumb, "url": url} for crumb, url in zip(crumbs, urls, strict=False)),
    )
    return {"settings_menu": menu.groups(), "settings_active": active, "active": "settings", "crumbs": trail}

"""Where in a list one is: page numbers while the count is small, cursors beyond."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kezhou.records import Page
from kezhou.web.records.listing import Address

AROUND = 2


def numbers(address: Address, found: Page) -> dict[str, Any]:
    """`previous_url`, `next_url`, and `page_numbers` as (number, address or "", current) with None for a gap."""
    current = found.request.page or 1
    by_cursor = found.request.after or found.request.before
    if found.pages is None or by_cursor:
        return {
            "previous_url": address.to(before=found.previous) if found.previous else "",
            "next_url": address.to(after=found.next) if found.next else "",
            "page_numbers": (),
        }
    return {
        "previous_url": address.to(page=current - 1 if current > 2 else None) if current > 1 else "",
        "next_url": address.to(page=current + 1) if current < found.pages else "",
        "page_numbers": _numbers(address, found.pages, current) if found.pages > 1 else (),
    }


def _numbers(address: Address, last: int, current: int) -> list[tuple[int, str, bool] | None]:
    shown = sorted({1, last, *range(max(1, current - AROUND), min(last, current + AROUND) + 1)})
    line: list[tuple[int, str, bool] | None] = []
    for place, number in enumerate(shown):
        if place and number - shown[place - 1] > 1:
            line.append(None)
        line.append((number, address.to(page=number if number > 1 else None), number == current))
    return line


def summary(found: Page) -> str:
    """第 1–50 个，共 312 个; without places when they are not known."""
    if found.capped or found.total is None:
        return _("本页 %(n)s 个，共 1 万以上") % {"n": len(found.rows)}
    total = f"{found.total:,}"
    if found.request.after or found.request.before or not found.rows:
        return _("共 %(total)s 个") % {"total": total}
    first = ((found.request.page or 1) - 1) * found.request.size + 1
    return _("第 %(first)s–%(last)s 个，共 %(total)s 个") % {
        "first": f"{first:,}",
        "last": f"{first + len(found.rows) - 1:,}",
        "total": total,
    }

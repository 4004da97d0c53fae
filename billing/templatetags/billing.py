"""Amounts in fen as people read them."""

from __future__ import annotations

from django import template

from billing import ordering

register = template.Library()


@register.filter
def yuan(fen: int | None) -> str:
    """123456 as 1,234.56; nothing for None."""
    return "" if fen is None else ordering.yuan(fen)


@register.filter
def short_yuan(fen: int | None) -> str:
    """48000 as 480; fen only where there are any."""
    return yuan(fen).removesuffix(".00")


@register.filter
def megabytes(number: int | None) -> str:
    """2048 as 2 GB; MB below one."""
    if number is None:
        return ""
    return f"{number / 1024:,.1f}".removesuffix(".0") + " GB" if number >= 1024 else f"{number} MB"

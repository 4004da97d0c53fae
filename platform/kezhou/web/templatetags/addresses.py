"""What stands for Django's `url` tag: the same, but an address that was put together once is remembered.

A page holds dozens of them; finding the pattern and filling it in costs twenty times what remembering costs.
"""

from __future__ import annotations

from typing import Any

from django.template import Context, Library
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.urls import get_script_prefix, get_urlconf

register = Library()
MOST = 256
"""Addresses that one tag remembers, such as those of the types of a menu; with more it begins anew."""


class Address(URLNode):
    """An address by its name and the texts and numbers in it, which are all that it depends on."""

    def __init__(self, view_name: Any, args: Any, kwargs: Any, asvar: str | None) -> None:
        super().__init__(view_name, args, kwargs, asvar)
        self._known: dict[tuple[Any, ...], str] = {}

    def render(self, context: Context) -> str:
        """The address. Raises NoReverseMatch."""
        if self.kwargs or self.asvar:
            return str(super().render(context))
        values = [self.view_name.resolve(context), *(each.resolve(context) for each in self.args)]
        key = (get_urlconf(), get_script_prefix(), context.autoescape, *((type(each), str(each)) for each in values))
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST:
                self._known.clear()
            known = self._known[key] = super().render(context)
        return known


@register.tag
def url(parser: Parser, token: Token) -> Address:
    """As Django's. Raises TemplateSyntaxError."""
    node = django_url(parser, token)
    return Address(node.view_name, node.args, node.kwargs, node.asvar)

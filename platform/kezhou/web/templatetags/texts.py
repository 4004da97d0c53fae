"""What stands for Django's `i18n` library: the same tags, but a constant text is translated once for each language.

A page holds a hundred of them, and each would walk through a lazy text, the catalogue and the escaping at every request.
"""

from __future__ import annotations

from django.template import Context, Library, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token
from django.templatetags import i18n
from django.utils.translation import get_language

register = Library()
register.tags |= i18n.register.tags
register.filters |= i18n.register.filters


class ConstantText(i18n.TranslateNode):
    """A text that depends on the language alone."""

    def __init__(self, text: FilterExpression) -> None:
        super().__init__(text, noop=False)
        self._known: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        """The text in the language of the page."""
        language = get_language()
        known = self._known.get(language)
        if known is None:
            known = self._known[language] = super().render(context)
        return known


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> i18n.TranslateNode:
    """As Django's. Raises TemplateSyntaxError."""
    node: i18n.TranslateNode = i18n.do_translate(parser, token)
    if not isinstance(node, i18n.TranslateNode):
        raise TemplateSyntaxError(f"translate made a {type(node).__name__}.")
    text = node.filter_expression
    plain = not (node.noop or node.asvar or node.message_context or text.filters)
    return ConstantText(text) if plain and text.var.literal is not None else node

"""Template tags of the frame, loaded in every template."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from markupsafe import Markup

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> Markup:
    """One picture of the sprite; decorative unless it has a label. `size` is 14, 16, 20 or 24 (18 without)."""
    extra = f" kz-s{size}" if size else ""
    role = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="ti{}" {}><use href="{}#{}"/></svg>').format(extra, role, sprite(), name)


def sprite() -> str:
    """Where the sprite is served."""
    return static("vendor/icons.svg")

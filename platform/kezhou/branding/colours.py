"""From one colour to the tokens it replaces, each in a light and a dark form that can be read (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import colorsys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

READABLE = 4.5
"""The least contrast of text to its ground."""
VISIBLE = 3.0
"""The least contrast of a button, a frame or a focus ring to what it lies on."""
LIGHT, DARK = "#ffffff", "#161a20"
"""The surfaces of the two themes (`kezhou.css`, --kz-surface)."""
INK = "#1a2030"
STEPS = 200


class UnreadableColour(ValueError):
    """A colour with which nothing could be seen on a white page; `nearest` is the same hue dark enough."""

    def __init__(self, colour: str, nearest: str) -> None:
        super().__init__(
            _(
                "“%(colour)s”太浅，按钮和链接在白底上看不清（对比度 %(has).1f，至少要 %(least).1f）。可以用 %(nearest)s。"
            )
            % {"colour": colour, "has": contrast(colour, LIGHT), "least": VISIBLE, "nearest": nearest}
        )
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Pair:
    """One token: its value on a light and on a dark page."""

    light: str
    dark: str

    def __str__(self) -> str:
        return f"light-dark({self.light}, {self.dark})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """The tokens that follow a company's colour; the states' colours never do."""

    primary: Pair
    on_primary: Pair
    primary_strong: Pair
    primary_text: Pair
    primary_soft: Pair
    primary_line: Pair

    def css(self, selector: str = ":root") -> str:
        """The style sheet that puts them in the place of the product's own."""
        tokens = {
            "--kz-primary": self.primary,
            "--kz-on-primary": self.on_primary,
            "--kz-primary-strong": self.primary_strong,
            "--kz-primary-text": self.primary_text,
            "--kz-primary-soft": self.primary_soft,
            "--kz-primary-line": self.primary_line,
            "--kz-company": self.primary,
            "--kz-on-company": self.on_primary,
        }
        body = "".join(f"{name}:{pair};" for name, pair in tokens.items())
        bridge = "--tblr-primary:var(--kz-primary);--tblr-primary-fg:var(--kz-on-primary);--tblr-link-color:var(--kz-primary-text);"
        return f"{selector}{{{body}{bridge if selector != ':root' else ''}}}\n"


@lru_cache(maxsize=1_024)
def colours_of(colour: str) -> Colours:
    """The tokens of a colour such as ``#a63420``. A pure function, so it may be remembered across companies.

    Raises:
        UnreadableColour: a button of this colour could not be seen on a white page.
    """
    if contrast(colour, LIGHT) < VISIBLE:
        raise UnreadableColour(colour, _first(_darker(colour), LIGHT, VISIBLE))
    dark = _first(_lighter(colour), DARK, VISIBLE)
    primary = Pair(colour, dark)
    soft = Pair(mixed(colour, LIGHT, 0.08), mixed(dark, DARK, 0.18))
    return Colours(
        primary=primary,
        on_primary=Pair(text_on(primary.light), text_on(primary.dark)),
        primary_strong=Pair(_pressed(primary.light), _pressed(primary.dark)),
        primary_text=Pair(_first(_darker(colour), soft.light, READABLE), _first(_lighter(dark), soft.dark, READABLE)),
        primary_soft=soft,
        primary_line=Pair(mixed(colour, LIGHT, 0.35), mixed(dark, DARK, 0.5)),
    )


def text_on(ground: str) -> str:
    """White where it can be read on this ground, otherwise black or nearly so; one of them always can."""
    return next(text for text in (LIGHT, INK, "#000000") if contrast(text, ground) >= READABLE)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def mixed(colour: str, ground: str, share: float) -> str:
    """The colour laid over a ground, so much of it."""
    parts = zip(_channels(colour), _channels(ground), strict=True)
    return _hex(*(upper * share + lower * (1 - share) for upper, lower in parts))


def _pressed(ground: str) -> str:
    """A little stronger, with the same text still readable on it."""
    text = text_on(ground)
    wanted = mixed(ground, "#000000" if text == LIGHT else "#ffffff", 0.85)
    return wanted if contrast(text, wanted) >= READABLE else ground


def _first(candidates: Iterator[str], ground: str, least: float) -> str:
    return next(colour for colour in candidates if contrast(colour, ground) >= least)


def _darker(colour: str) -> Iterator[str]:
    yield colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    yield from (
        _hex(*colorsys.hls_to_rgb(hue, lightness * (1 - step / STEPS), saturation)) for step in range(1, STEPS + 1)
    )


def _lighter(colour: str) -> Iterator[str]:
    yield colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    yield from (
        _hex(*colorsys.hls_to_rgb(hue, lightness + (1 - lightness) * step / STEPS, saturation))
        for step in range(1, STEPS + 1)
    )


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(red: float, green: float, blue: float) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in (red, green, blue))

"""The one place where field types make HTML: escaping by markupsafe, no template per cell (`bones.md`, 8)."""

from markupsafe import Markup, escape

EMPTY = Markup('<span class="kz-none">—</span>')

HUES = {
    "grey": "gry",
    "blue": "blue",
    "teal": "teal",
    "green": "grn",
    "amber": "amb",
    "orange": "org",
    "red": "rd1",
    "violet": "vio",
    "pink": "pnk",
}


def cell_text(text: str) -> Markup:
    """Plain text as HTML."""
    return escape(text)


def cell_number(text: str) -> Markup:
    """A figure, date or code: tabular digits."""
    return Markup(f'<span class="kz-num">{escape(text)}</span>')  # noqa: S704 - escaped just here


def cell_tag(label: str, hue: str) -> Markup:
    """An option as a coloured tag; an unknown hue is grey."""
    return Markup(f'<span class="kz-tag1 kz-{HUES.get(hue, "gry")}">{escape(label)}</span>')  # noqa: S704 - escaped


def cell_link(text: str, address: str) -> Markup:
    """A text that leads somewhere; the address is escaped, and only ours or mailto: and tel: are made."""
    return Markup(f'<a href="{escape(address)}">{escape(text)}</a>')  # noqa: S704 - both are escaped


def joined(cells: list[Markup]) -> Markup:
    """Several cells in one, a space between them."""
    return Markup(" ").join(cells)


def cell_quiet(text: str) -> Markup:
    """A remark in place of a value, such as 无权限."""
    return Markup(f'<span class="kz-dim">{escape(text)}</span>')  # noqa: S704 - escaped just here


def cell_person(name: str, pk: int) -> Markup:
    """A person: a round mark with the last character of the name, its hue fixed by the primary key, and the name."""
    hue = tuple(HUES.values())[pk % len(HUES)]
    mark = f'<span class="kz-av kz-{hue} kz-s20" aria-hidden="true">{escape(name[-1:])}</span>'
    return Markup(f'<span class="kz-own">{mark}<span>{escape(name)}</span></span>')  # noqa: S704 - escaped

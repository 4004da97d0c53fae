"""The manifest of a plugin. Free of Django: it is read before Django loads its apps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is known of a plugin without loading it.

    `name` is also the Django app label and the first part of its record types' keys. `requires` names plugins that must be on,
    `optional` those it works together with when they are. `businesses` are the main businesses (of the sign-up) that
    pre-select it. Titles are Chinese message ids; `package` is found from the entry point when it is left empty.
    """

    name: str
    title: str
    summary: str = ""
    icon: str = "puzzle"
    order: int = 100
    requires: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    businesses: tuple[str, ...] = ()
    package: str = ""
    version: str = ""

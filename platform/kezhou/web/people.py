"""How people are written where there is little room."""

from __future__ import annotations


def initials(name: str) -> str:
    """What stands in an avatar: the last two characters of a Chinese name, the first two letters of another."""
    name = name.strip()
    return name[:2].upper() if name.isascii() else name[-2:]

"""Where a tenant's files lie. No function here takes a tenant's name: it comes from the context."""

from pathlib import Path

from django.conf import settings

from tenants.context import current


def root() -> Path:
    """The entered tenant's folder, made when missing."""
    folder = Path(settings.KEZHOU_FILES) / current().schema
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def path(*parts: str) -> Path:
    """A path below the entered tenant's folder.

    Raises:
        ValueError: the parts lead out of the folder.
    """
    base = root().resolve()
    wanted = base.joinpath(*parts).resolve()
    if not wanted.is_relative_to(base):
        raise ValueError(f"The path {'/'.join(parts)!r} leads out of the tenant's folder.")
    return wanted

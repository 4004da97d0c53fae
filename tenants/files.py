"""Where a tenant's files lie: in a folder of this machine, or in a bucket (`tenants.buckets`) where KEZHOU_S3_BUCKET names one.

No function here takes a tenant's name but `forget`: it comes from the context. A place is a path below the tenant's root, such as
``attachment/3f…``; its content is written once and never changed, which is what lets a copy of it be kept near.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from django.conf import settings

from tenants.context import current

INCOMING = ".incoming"
"""Where contents are written until they are whole, on the file system of the folder: no schema has such a name."""

UNFINISHED = timedelta(days=1)
"""The longest that anybody takes to send a file."""

SMALL = ".small"
"""What the small picture made from a content ends with; it lies beside the content, or the copy of it, on this machine."""

LINK_LASTS = timedelta(minutes=1)
Linker = Callable[[str, str, str, timedelta], str]
"""From key, file name, media type and how long it opens to an address."""


class StoreAway(Exception):
    """The store does not answer, or refuses us; nothing is known about the content."""


class Store(Protocol):
    """Where contents are kept, by their key: the tenant's schema and the place."""

    def keep(self, key: str, whole: Path) -> None:
        """Take a finished file, which is gone afterwards. Raises OSError, StoreAway: it could not be taken."""

    def near(self, key: str) -> Path | None:
        """A path on this machine with the content; None when there is none. Raises StoreAway."""

    def delete(self, key: str) -> None:
        """Without a complaint about what is not there. Raises StoreAway."""

    def delete_all(self, schema: str) -> None:
        """Everything of one tenant. Raises StoreAway."""

    def linker(self) -> Linker | None:
        """What makes addresses from which a browser gets a content; None: contents come from us only."""


class Folder:
    """The store of an installation on one machine."""

    def keep(self, key: str, whole: Path) -> None:
        target = _below(Path(settings.KEZHOU_FILES), key)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(whole, target)

    def near(self, key: str) -> Path | None:
        path = _below(Path(settings.KEZHOU_FILES), key)
        return path if path.is_file() else None

    def delete(self, key: str) -> None:
        delete_here(_below(Path(settings.KEZHOU_FILES), key))

    def delete_all(self, schema: str) -> None:
        shutil.rmtree(Path(settings.KEZHOU_FILES) / schema, ignore_errors=True)

    def linker(self) -> Linker | None:
        return None


def delete_here(content: Path) -> None:
    """Delete a content on this machine with what was made from it."""
    for path in (content, content.with_name(f"{content.name}{SMALL}")):
        path.unlink(missing_ok=True)


@cache
def store() -> Store:
    """The store of this installation."""
    if settings.KEZHOU_S3_BUCKET:
        from tenants.buckets import Bucket  # its client is heavy, and most installations have none

        return Bucket()
    return Folder()


@contextmanager
def incoming() -> Iterator[Path]:
    """A path to write a content to; what is still there at the end was not kept and is deleted."""
    folder = Path(settings.KEZHOU_FILES) / INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / uuid4().hex
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def delete_unfinished() -> int:
    """Delete what processes that were killed left unfinished more than a day ago; says how many."""
    before = time.time() - UNFINISHED.total_seconds()
    left = [path for path in (Path(settings.KEZHOU_FILES) / INCOMING).glob("*") if path.stat().st_mtime < before]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def keep(place: str, whole: Path) -> None:
    """Take a finished file into the entered tenant's files; `whole` is gone afterwards. Raises OSError, StoreAway, ValueError."""
    store().keep(_key(place), whole)


def near(place: str) -> Path | None:
    """Where the content lies on this machine, fetched if it must be; None when it is missing. Raises StoreAway, ValueError."""
    return store().near(_key(place))


def delete(place: str) -> None:
    """Delete a content of the entered tenant. Raises StoreAway, ValueError."""
    store().delete(_key(place))


def link(place: Callable[[], str], *, name: str, media_type: str, lasts: timedelta = LINK_LASTS) -> str | None:
    """An address that gives a browser this content under this name for a while; None where only we hand contents out.

    Args:
        place: asked only where there are links.
    """
    linker = store().linker()
    return linker(_key(place()), name, media_type, lasts) if linker else None


def forget(schema: str) -> None:
    """Delete every content of a tenant that is no more. Raises StoreAway."""
    store().delete_all(schema)


def _key(place: str) -> str:
    schema = current().schema
    parts = place.split("/")
    if not place or any(part in {"", ".", ".."} for part in parts) or "\\" in place or "\x00" in place:
        raise ValueError(f"The path {place!r} leads out of the tenant's folder.")
    return f"{schema}/{place}"


def _below(root: Path, key: str) -> Path:
    base = root / key.split("/", 1)[0]
    path = (root / key).resolve()
    if not path.is_relative_to(base.resolve()):
        raise ValueError(f"The path {key!r} leads out of the tenant's folder.")
    return path

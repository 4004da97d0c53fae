"""Contents in a bucket of an S3 server, through django-storages, with copies of what was read lately on this machine.

Keys are ``<prefix>/<schema>/<place>``. What the server says is told as FileNotFoundError or `StoreAway`, never in its own words.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from storages.backends.s3 import S3Storage

from tenants.files import Linker, StoreAway, delete_here

MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
IN_USE = 600
"""Seconds after its last reading for which a copy is left alone."""
MEGABYTE = 1024 * 1024


class Bucket:
    """The store of a cluster: every process reaches it, none has a disk of its own that counts."""

    def __init__(self) -> None:
        self._storage = S3Storage(
            bucket_name=settings.KEZHOU_S3_BUCKET,
            endpoint_url=settings.KEZHOU_S3_ENDPOINT or None,
            region_name=settings.KEZHOU_S3_REGION or None,
            location=settings.KEZHOU_S3_PREFIX,
            access_key=settings.KEZHOU_S3_KEY or None,
            secret_key=settings.KEZHOU_S3_SECRET or None,
            default_acl=None,
            querystring_auth=True,
            file_overwrite=True,
            client_config=Config(
                s3={"addressing_style": settings.KEZHOU_S3_ADDRESSING},
                signature_version="s3v4",
                connect_timeout=5,
                read_timeout=30,
                retries={"max_attempts": 3, "mode": "standard"},
            ),
        )
        self._copies = Path(settings.KEZHOU_HOME) / "copies"
        self._room = 0

    def keep(self, key: str, whole: Path) -> None:
        with _told(), whole.open("rb") as content:
            self._storage.save(key, File(content, name=key))
        whole.unlink(missing_ok=True)

    def near(self, key: str) -> Path | None:
        copy = self._copies / key
        try:
            os.utime(copy)
        except FileNotFoundError:
            return self._fetch(key, copy)
        return copy

    def _fetch(self, key: str, copy: Path) -> Path | None:
        copy.parent.mkdir(parents=True, exist_ok=True)
        unfinished = copy.with_name(f"{copy.name}.{uuid4().hex}")
        try:
            with _told():
                self._object(key).download_file(str(unfinished))
            os.replace(unfinished, copy)
        except FileNotFoundError:
            return None
        finally:
            unfinished.unlink(missing_ok=True)
        self._make_room(copy.stat().st_size)
        return copy

    def delete(self, key: str) -> None:
        delete_here(self._copies / key)
        with _told():
            self._storage.delete(key)

    def delete_all(self, schema: str) -> None:
        prefix = "/".join(filter(None, (settings.KEZHOU_S3_PREFIX.strip("/"), schema, "")))
        shutil.rmtree(self._copies / schema, ignore_errors=True)
        with _told():
            self._storage.bucket.objects.filter(Prefix=prefix).delete()

    def linker(self) -> Linker | None:
        return self._link if settings.KEZHOU_S3_LINKS else None

    def _link(self, key: str, name: str, media_type: str, lasts: timedelta) -> str:
        told = {
            "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "ResponseContentType": media_type,
        }
        return str(self._storage.url(key, parameters=told, expire=int(lasts.total_seconds())))

    def _object(self, key: str) -> Any:
        return self._storage.bucket.Object("/".join(filter(None, (settings.KEZHOU_S3_PREFIX.strip("/"), key))))

    def _make_room(self, size: int) -> None:
        """Once what was fetched may exceed the bound, delete the copies read longest ago until a tenth of it is free again.

        Only then are all copies looked at: with tens of thousands of them that takes longer than the fetching.
        """
        self._room -= size
        if self._room >= 0:
            return
        bound = settings.KEZHOU_S3_COPIES * MEGABYTE
        found = sorted(_facts(self._copies), key=lambda fact: fact[0])
        held = sum(size for _at, size, _path in found)
        for at, size, path in found if held > bound else ():
            if held <= bound * 9 // 10 or at > time.time() - IN_USE:
                break
            path.unlink(missing_ok=True)
            held -= size
        self._room = max(bound - held, bound // 10)


def _facts(folder: Path) -> Iterator[tuple[float, int, Path]]:
    for path in folder.rglob("*"):
        try:
            facts = path.stat()
        except FileNotFoundError:  # another process made room at the same time
            continue
        if path.is_file():
            yield facts.st_mtime, facts.st_size, path


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in MISSING:
            raise FileNotFoundError(code) from error
        raise StoreAway(f"The file store refuses: {code or error}.") from error
    except (BotoCoreError, Boto3Error) as error:  # the second: a transfer that broke off in the middle more than once
        raise StoreAway(f"The file store does not answer: {error}.") from error

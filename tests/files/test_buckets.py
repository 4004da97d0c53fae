"""Files in a bucket of a real S3 server: the same behaviour as in the folder, and nothing with a wrong key or an old link."""

from __future__ import annotations

import hashlib
import io
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.exceptions import RetriesExceededError
from botocore.config import Config
from botocore.exceptions import ClientError
from django.test import Client

from kezhou import files, records
from kezhou.access.actor import System
from kezhou.files import attachments
from kezhou.files.expiry import delete_expired
from kezhou.files.models import File
from kezhou.testing.access import Person
from tenants import buckets, provisioning
from tenants import files as places
from tenants.context import Current, tenant
from tenants.provisioning import NewTenant
from tests.comments.conftest import CUSTOMERS, boss, shop
from tests.files import seaweed
from tests.files.seaweed import BUCKET, PREFIX, S3Server
from tests.web.conftest import browser_of

__all__ = ["boss", "browser_of", "shop"]
ACTOR = System("tests of files")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with seaweed.running(tmp_path_factory.mktemp("seaweed")) as found:
        client(found, found.key, found.secret).create_bucket(Bucket=BUCKET)
        yield found


@pytest.fixture
def bucket(server: S3Server, settings: Any, tmp_path: Path) -> Iterator[S3Server]:
    """This installation keeps its files in the bucket."""
    settings.KEZHOU_S3_BUCKET, settings.KEZHOU_S3_PREFIX = BUCKET, PREFIX
    settings.KEZHOU_S3_ENDPOINT, settings.KEZHOU_S3_REGION = server.url, "eu-central-1"
    settings.KEZHOU_S3_KEY, settings.KEZHOU_S3_SECRET = server.key, server.secret
    settings.KEZHOU_HOME = tmp_path
    places.store.cache_clear()
    yield server
    settings.KEZHOU_S3_SECRET = server.secret
    places.store.cache_clear()
    for schema in ("t_alpha", "t_beta"):
        places.forget(schema)
    places.store.cache_clear()


def client(server: S3Server, key: str, secret: str):  # type: ignore[no-untyped-def]  # boto3 makes its clients at run time
    signed = Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1})
    return boto3.client(
        "s3", endpoint_url=server.url, region_name="eu-central-1", aws_access_key_id=key, aws_secret_access_key=secret, config=signed
    )  # fmt: skip


def keys(server: S3Server) -> list[str]:
    found = client(server, server.key, server.secret).list_objects_v2(Bucket=BUCKET)
    return [str(each["Key"]) for each in found.get("Contents", ())]


def copies(folder: Path) -> list[Path]:
    return [path for path in (folder / "copies").rglob("*") if path.is_file()]


def put(content: bytes = "合同正文".encode(), **facts: timedelta) -> int:
    return int(files.store(ACTOR, "合同.txt", io.BytesIO(content), purpose="export", **facts).pk)


@pytest.mark.committed
def test_a_file_is_kept_in_the_bucket_and_opened_again(bucket: S3Server, in_alpha: Current, tmp_path: Path) -> None:
    content = b"x" * 9_000_000  # in several parts

    row = files.store(ACTOR, "客户 名单.xlsx", io.BytesIO(content), purpose="import")

    assert keys(bucket) == [f"{PREFIX}/t_alpha/{row.place}"]
    assert copies(tmp_path) == []
    for _again in range(2):
        with files.open(ACTOR, row.pk) as stream:
            assert hashlib.sha256(stream.read()).hexdigest() == row.digest
    assert [path.name for path in copies(tmp_path)] == [row.place.rsplit("/")[-1]]

    files.remove(ACTOR, row.pk)
    assert (keys(bucket), copies(tmp_path)) == ([], [])


def test_a_file_whose_time_is_over_leaves_the_bucket(bucket: S3Server, in_alpha: Current) -> None:
    put(expires=timedelta(seconds=-1))
    kept = put()

    delete_expired()

    assert keys(bucket) == [f"{PREFIX}/t_alpha/{files.get(ACTOR, kept).place}"]


def test_copies_make_room_for_each_other(
    bucket: S3Server, in_alpha: Current, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "IN_USE", -1)
    settings.KEZHOU_S3_COPIES = 1
    for letter in (b"a", b"b", b"c"):
        files.open(ACTOR, put(letter * 600_000)).close()

    assert [path.stat().st_size for path in copies(tmp_path)] == [600_000]
    places.forget("t_alpha")
    assert keys(bucket) == []


def test_another_company_does_not_reach_it(bucket: S3Server, alpha: Current, beta: Current) -> None:
    with tenant(alpha):
        row = files.get(ACTOR, put())
    with tenant(beta):
        assert places.near(row.place) is None
        for place in (f"../t_alpha/{row.place}", f"./../t_alpha/{row.place}", f"/{row.place}", "", "a\\..\\b"):
            with pytest.raises(ValueError, match="leads out"):
                places.near(place)
        places.delete(row.place)
    with tenant(alpha):
        assert files.open(ACTOR, row.pk).read() == "合同正文".encode()


@pytest.mark.committed
def test_a_company_that_is_gone_leaves_no_file(bucket: S3Server, alpha: Current, tmp_path: Path) -> None:
    place = provisioning.provision(NewTenant(slug="gone", name="已经走了"))
    with tenant(place):
        files.open(ACTOR, put()).close()
    with tenant(alpha):
        mine = put()
        files.open(ACTOR, mine).close()
        kept = f"t_alpha/{files.get(ACTOR, mine).place}"

    provisioning.remove(place)

    assert keys(bucket) == [f"{PREFIX}/{kept}"]
    assert copies(tmp_path) == [tmp_path / "copies" / kept]


def test_a_download_that_breaks_off_is_the_store_being_away() -> None:
    with pytest.raises(places.StoreAway, match="does not answer"), buckets._told():
        raise RetriesExceededError(ConnectionResetError("in the middle"))


def test_the_servers_own_rights_hold(bucket: S3Server, alpha: Current, beta: Current) -> None:
    """A key that may read one company's contents reads nothing of another's; a wrong secret reads nothing at all."""
    placed = {}
    for place in (alpha, beta):
        with tenant(place):
            placed[place.schema] = f"{PREFIX}/{place.schema}/{files.get(ACTOR, put()).place}"

    def read(key: str, secret: str, name: str) -> str:
        try:
            return str(client(bucket, key, secret).get_object(Bucket=BUCKET, Key=name)["Body"].read().decode())
        except ClientError as refused:
            return str(refused.response["Error"]["Code"])

    assert read(bucket.alpha_key, bucket.alpha_secret, placed["t_alpha"]) == "合同正文"
    assert read(bucket.alpha_key, bucket.alpha_secret, placed["t_beta"]) == "AccessDenied"
    assert read(bucket.key, "a-wrong-secret", placed["t_alpha"]) == "SignatureDoesNotMatch"
    assert read("unknown", bucket.secret, placed["t_alpha"]) == "InvalidAccessKeyId"


def test_with_a_wrong_key_nothing_is_lost_and_a_sentence_says_so(
    bucket: S3Server, boss: Person, browser_of: Callable[[Person], Client], settings: Any
) -> None:
    customer = records.save(boss.actor, CUSTOMERS, [{"name": "锦程旅行社"}]).demand().pk
    found = attachments.attach(boss.actor, CUSTOMERS, customer, "合同.txt", io.BytesIO(b"content"))
    settings.KEZHOU_S3_SECRET = "rotated-in-the-store-but-not-here"
    places.store.cache_clear()
    browser = browser_of(boss)
    browser.raise_request_exception = False

    with pytest.raises(files.FileRefused, match=r"文件存储现在没有响应，“新\.txt”没有存下"):
        attachments.attach(boss.actor, CUSTOMERS, customer, "新.txt", io.BytesIO(b"new"))
    page = browser.get(f"/r/{CUSTOMERS}/{customer}/files/{found.pk}")

    assert (page.status_code, "文件都在，现在取不到" in page.content.decode()) == (503, True)
    assert [each.name for each in attachments.of(records.get(boss.actor, CUSTOMERS, customer))] == ["合同.txt"]
    settings.KEZHOU_S3_SECRET = bucket.secret
    places.store.cache_clear()
    assert b"".join(browser.get(f"/r/{CUSTOMERS}/{customer}/files/{found.pk}").streaming_content) == b"content"


def test_a_link_to_the_bucket_opens_for_a_while_and_for_one_content(
    bucket: S3Server, boss: Person, browser_of: Callable[[Person], Client], settings: Any
) -> None:
    settings.KEZHOU_S3_LINKS = True
    customer = records.save(boss.actor, CUSTOMERS, [{"name": "锦程旅行社"}]).demand().pk
    found = attachments.attach(boss.actor, CUSTOMERS, customer, "合同.txt", io.BytesIO(b"content"))
    browser = browser_of(boss)

    page = browser.get(f"/r/{CUSTOMERS}/{customer}/files/{found.pk}")

    assert page.status_code == 302
    assert opened(page.url) == (200, b"content", "attachment; filename*=UTF-8''%E5%90%88%E5%90%8C.txt")
    other = page.url.replace(files_place(found.digest), "attachment/" + "0" * 32)
    assert opened(other)[0] == 403
    short = str(places.link(lambda: files_place(found.digest), name="a", media_type="a/b", lasts=timedelta(seconds=1)))
    until = time.monotonic() + 10
    while opened(short)[0] == 200 and time.monotonic() < until:
        time.sleep(0.2)
    assert opened(short)[0] == 403


def files_place(digest: str) -> str:
    return str(File.objects.get(digest=digest).place)


def opened(url: str) -> tuple[int, bytes, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read(), answer.headers.get("Content-Disposition", "")
    except urllib.error.HTTPError as refused:
        return refused.code, b"", ""

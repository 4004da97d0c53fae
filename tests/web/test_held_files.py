"""Files and pictures in fields: uploaded while the form is filled in, kept with the record, opened with its rights (FLD-01)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kezhou import records
from kezhou.access.actor import System
from kezhou.files.models import File
from kezhou.records import custom
from kezhou.testing.access import MemberFactory, Person
from tests.web.conftest import Customers

CUSTOMER = "customers.customer"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def sent(client: Client, name: str = "报价单.pdf", content: bytes = b"%PDF-1.7 x") -> dict[str, Any]:
    answer = client.post("/files/upload", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


@pytest.fixture
def field(shop: Any) -> str:
    return custom.add_field(System("test"), CUSTOMER, label="合同文本", kind="file").key


@pytest.mark.req("FLD-01", part="file")
def test_a_file_is_uploaded_saved_shown_and_opened_by_who_sees_the_record(
    boss: Person, seller: Person, customers: Customers, browser_of: Any, field: str
) -> None:
    mine, other = browser_of(seller), browser_of(boss)
    (pk,) = customers(seller, "川西能源集团有限公司")
    got = sent(mine)
    assert other.get(f"/files/held/{got['pk']}").status_code == 404, "while it waits it is the uploader's alone"
    refused = mine.post(
        "/r/customers.customer/new", {"name": "", f"{field}__given": "1", field: f"{got['pk']}/{got['name']}"}
    )
    assert refused.status_code == 422
    assert f'value="{got["pk"]}/报价单.pdf"' in refused.content.decode(), "a refused form keeps the file"

    change = {"pk": pk, field: [f"{got['pk']}/{got['name']}"]}
    records.save(seller.actor, CUSTOMER, [change]).demand()

    entry = records.get(boss.actor, CUSTOMER, pk)
    assert entry.text(field) == "报价单.pdf"
    opened = other.get(f"/files/held/{got['pk']}")
    assert (opened.status_code, b"".join(opened.streaming_content)) == (200, b"%PDF-1.7 x")  # type: ignore[attr-defined]
    assert "attachment" in opened["Content-Disposition"]
    assert "sandbox" in opened["Content-Security-Policy"]
    assert File.objects.get(pk=got["pk"]).expires_at is None
    assert f"/files/held/{got['pk']}" in other.get(f"/r/{CUSTOMER}/{pk}").content.decode()
    assert other.get(f"/api/v1/{CUSTOMER}/{pk}").json()[field][0]["name"] == "报价单.pdf"
    assert other.get(f"/files/{got['pk']}").status_code == 404, "there is no way around the record"


@pytest.mark.req("FLD-01", part="picture")
def test_pictures_only_and_nobody_elses_file(
    boss: Person, seller: Person, customers: Customers, browser_of: Any, member_factory: MemberFactory
) -> None:
    field = custom.add_field(System("test"), CUSTOMER, label="门头", kind="picture").key
    (pk,) = customers(seller, "川西能源集团有限公司")
    picture, text = (
        sent(browser_of(seller), "门头.png", PNG),
        sent(browser_of(seller), "网页.png", b"<script>x</script>"),
    )
    foreign = sent(browser_of(boss), "别人的.png", PNG)

    wrong = records.save(seller.actor, CUSTOMER, [{"pk": pk, field: [text["pk"]]}])
    stolen = records.save(seller.actor, CUSTOMER, [{"pk": pk, field: [foreign["pk"]]}])
    missing = records.save(seller.actor, CUSTOMER, [{"pk": pk, field: [10**17]}])
    right = records.save(seller.actor, CUSTOMER, [{"pk": pk, field: [picture["pk"]]}]).demand()

    assert [p.sentence for p in wrong.problems] == ["门头只能放图片，“网页.png”不是。"]
    sentence = "门头里有一个文件不存在，或不是你上传的，请重新上传。"
    assert [p.sentence for r in (stolen, missing) for p in r.problems] == [sentence, sentence]
    assert right.saved[0].kind == "changed"
    shown = browser_of(seller).get(f"/files/held/{picture['pk']}")
    assert (shown["Content-Type"], "inline" in shown["Content-Disposition"]) == ("image/png", True)
    stranger = browser_of(member_factory(role="sales", name="陌生人"))
    assert stranger.get(f"/files/held/{picture['pk']}").status_code == 404
    assert browser_of(seller).post("/files/upload").status_code == 422

"""The import wizard's pages (IMX-01), step by step without JavaScript, and the export pages (IMX-06)."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from kezhou import records
from kezhou.access.actors import actor_for
from kezhou.exchange import imports
from kezhou.exchange.models import ExportLog, ImportBatch
from kezhou.files.models import File
from kezhou.testing.access import Person
from tenants.context import Current, tenant
from tests.pages.conftest import finish_jobs

CUSTOMERS = (
    ("客户资料登记表", None, None, None, None),
    ("客户名称", "客户类别", "电话", "负责人", "年度差旅预算"),
    ("成都锦江酒店有限公司", "VIP客户", "028-86123456", "周敏", 120000),
    ("重庆嘉陵旅行社", "贵宾", "023-63123456", "王洁茹", "￥3,500.00"),
    ("贵阳甲秀会务公司", "企业客户", "0851-8612345x", "周敏", 5000),
    (" 成都锦江酒店有限公司 ", "普通客户", None, "周敏", None),
    ("合计", None, None, None, 128500),
)
CONTACTS = (("姓名", "客户名称", "手机"), ("何雨桐", "成都锦江酒店有限公司", "13808192276"))


def workbook(**sheets: Sequence[Sequence[object]]) -> SimpleUploadedFile:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return SimpleUploadedFile("西南片区客户名单.xlsx", content.getvalue())


def upload(client: Client, file: SimpleUploadedFile | None = None, mode: str = "add") -> str:
    answer = client.post(
        "/exchange/import/",
        {"type": "customers.customer", "mode": mode, "file": file or workbook(客户=CUSTOMERS, 联系人=CONTACTS)},
    )
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"]).removesuffix("/map")


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def batch(place: Current) -> ImportBatch:
    with tenant(place):
        return ImportBatch.objects.get()


def count(place: Current, person: Person, type_key: str) -> int:
    with tenant(place):
        return records.query(person.actor, type_key).count()


@pytest.mark.req("IMX-01")
def test_a_workbook_is_uploaded_mapped_checked_mended_imported_and_taken_back(
    admin: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    here = upload(admin)

    mapping = text_of(admin, f"{here}/map")
    assert "第 2 行：客户名称、客户类别" in mapping
    assert "合计" in mapping
    assert "1 个人找不到" in mapping
    typed = _form(alpha, sheet=0) | {"type": "customers.customer", "header": "2", "blank_keeps": "1"}
    kept = admin.post(f"{here}/map?sheet=0", typed)
    assert kept.status_code == 200
    assert "人找不到" not in kept.content.decode()

    started = admin.post(f"{here}/map?sheet=0", typed | {"do": "check"})
    assert started["Location"] == f"{here}/check"
    assert "正在试算" in text_of(admin, f"{here}/check")
    finish_jobs(alpha)
    assert admin.get(f"{here}/progress")["HX-Redirect"] == f"{here}/"

    checked = text_of(admin, f"{here}/check")
    counts = [(sheet.title, sheet.new, sheet.twin, sheet.wrong) for sheet in batch(alpha).sheet_counts]
    assert counts == [("客户", 2, 1, 1), ("联系人", 1, 0, 0)]
    assert "导入 3 行" in checked
    assert 'value="0851-8612345x"' in checked
    again = f"{here}/check?sheet=0&kind=wrong"
    admin.post(again, {"do": "fix", "row": "5", "column": "2", "text": "0851-86123456"})
    assert "改了 1 处，还没算进上面的数字" in text_of(admin, f"{here}/check")
    assert admin.post(f"{here}/check", {"do": "check"})["Location"] == f"{here}/check"
    finish_jobs(alpha)
    assert "导入 4 行" in text_of(admin, f"{here}/check")

    assert admin.post(f"{here}/check", {"do": "run"})["Location"] == f"{here}/result"
    assert "正在导入" in text_of(admin, f"{here}/result")
    finish_jobs(alpha)

    result = text_of(admin, f"{here}/result")
    assert "导入完成" in result
    assert (count(alpha, administrator, "customers.customer"), count(alpha, administrator, "customers.contact")) == (
        3,
        1,
    )
    assert "没导入的 1 行" in result
    assert "撤回 4 条记录" in admin.post(f"{here}/result", {"do": "ask"}).content.decode()
    admin.post(f"{here}/result", {"do": "undo"})
    assert count(alpha, administrator, "customers.customer") == 0
    assert "这次导入已撤回" in text_of(admin, f"{here}/result")


def _form(place: Current, *, sheet: int) -> dict[str, str]:
    """The mapping as proposed, with what was left open decided: 贵宾 is a VIP, unknown people are not yet invited."""
    found = batch(place)
    with tenant(place):
        actor = actor_for(found.member_pk or 0)
        assert actor is not None
        columns = imports.sheets(actor, found)[sheet].columns
    chosen = {"贵宾": "vip", "王洁茹": "invite"}
    fields = {f"field-{column.index}": column.field or "" for column in columns}
    values = {
        f"value-{column.index}-{place}": value.target or chosen[value.text]
        for column in columns
        for place, value in enumerate(column.values)
    }
    return fields | values


def test_the_import_is_there_after_leaving_the_page(admin: Client, alpha: Current, customers_on: None) -> None:
    here = upload(admin)

    text = text_of(admin, "/exchange/import/")

    assert f'href="{here}/"' in text
    assert admin.get(f"{here}/")["Location"] == f"{here}/map"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("客户.xlsx", b"%PDF-1.7 ...", "PDF"),
        ("客户.csv", b"", "空"),
    ],
)
def test_a_file_that_is_no_spreadsheet_is_refused_with_a_sentence(
    admin: Client, alpha: Current, customers_on: None, name: str, content: bytes, sentence: str
) -> None:
    answer = admin.post(
        "/exchange/import/",
        {"type": "customers.customer", "mode": "both", "file": SimpleUploadedFile(name, content)},
    )

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'value="both" checked' in answer.content.decode()
    with tenant(alpha):
        assert (File.objects.count(), ImportBatch.objects.count()) == (0, 0)


def test_without_a_file_the_choice_is_kept(admin: Client, customers_on: None) -> None:
    answer = admin.post("/exchange/import/", {"type": "customers.contact", "mode": "update"})

    assert answer.status_code == 422
    assert "请选一个 xlsx 或 csv 文件。" in answer.content.decode()
    assert '<option value="customers.contact" selected>' in answer.content.decode()


def test_another_persons_import_does_not_exist(admin: Client, seller: Client, customers_on: None) -> None:
    here = upload(admin)

    answers = [
        seller.get(f"{here}{page}").status_code for page in ("/", "/map", "/check", "/result", "/progress", "/errors")
    ]

    assert answers == [404] * 6
    assert seller.post(f"{here}/check", {"do": "run"}).status_code == 404


def test_a_sheet_can_be_left_out(admin: Client, alpha: Current, customers_on: None) -> None:
    here = upload(admin)

    text = admin.post(f"{here}/map?sheet=1", {"type": ""}).content.decode()

    assert "这张表不导入" in text
    assert [sheet["type"] for sheet in batch(alpha).plan["sheets"]] == ["customers.customer", None]


def test_an_export_is_a_file_in_the_download_centre(
    admin: Client, seller: Client, alpha: Current, administrator: Person, customers_on: None
) -> None:
    with tenant(alpha):
        records.save(administrator.actor, "customers.customer", [{"name": "成都锦江酒店有限公司"}])
    assert "导出客户" in text_of(admin, "/exchange/export/customers.customer?q=成都")

    answer = admin.post(
        "/exchange/export/customers.customer", {"columns": ["name", "phone"], "format": "csv", "q": "成都"}
    )
    assert answer["Location"] == "/exchange/exports"
    finish_jobs(alpha)

    text = text_of(admin, "/exchange/exports")
    assert "可下载" in text
    with tenant(alpha):
        address = f"/exchange/exports/{ExportLog.objects.get().pk}"
    file = admin.get(address, follow=True)
    content = b"".join(file.streaming_content).decode("utf-8-sig")
    assert content.splitlines()[0] == "客户名称,电话"
    assert content.splitlines()[1].startswith("成都锦江酒店有限公司")
    assert seller.get(address).status_code == 404


def test_an_export_without_columns_is_refused(admin: Client, customers_on: None) -> None:
    answer = admin.post("/exchange/export/customers.customer", {"format": "xlsx"})

    assert answer.status_code == 422
    assert "至少选一列。" in answer.content.decode()


def test_a_file_above_the_limit_is_refused_and_leaves_nothing(
    admin: Client, alpha: Current, customers_on: None
) -> None:
    line = "成都锦江酒店有限公司,企业客户\n".encode()
    content = "客户名称,客户类别\n".encode() + line * (51 * 1024 * 1024 // len(line))

    answer = admin.post(
        "/exchange/import/",
        {"type": "customers.customer", "mode": "add", "file": SimpleUploadedFile("大表.csv", content)},
    )

    assert answer.status_code == 422
    assert "50 MB" in answer.content.decode().split('role="alert"')[1][:400]
    with tenant(alpha):
        assert (File.objects.count(), ImportBatch.objects.count()) == (0, 0)


@pytest.mark.req("IMX-04", part="download")
def test_a_template_has_a_column_for_every_field(admin: Client, customers_on: None) -> None:
    assert "下载客户的导入模板" in text_of(admin, "/exchange/import/?type=customers.customer")

    answer = admin.get("/exchange/import/template/customers.customer", follow=True)

    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    titles = [cell.value for cell in book.active[1]]
    assert titles[0] == "客户名称"
    assert "统一社会信用代码" in titles

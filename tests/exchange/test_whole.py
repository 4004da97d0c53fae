"""Everything that a company has, as one zip: workbooks, files, index; for administrators only."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.test import Client

from kezhou import files, jobs, records
from kezhou.access import roles
from kezhou.access.actor import System
from kezhou.exchange import exports, whole
from kezhou.exchange.models import ExportLog
from kezhou.exchange.views import ExchangeError
from kezhou.files import attachments
from kezhou.files.models import Attachment
from kezhou.jobs.running import run as work
from kezhou.local.backup import _files as backed_up
from kezhou.records.spec import NotAllowed
from tenants import files as content
from tests.exchange.conftest import CUSTOMER

SYSTEM = System("a test looks at everything")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
LIST = f"/r/{CUSTOMER}/"


def unpacked(actor, job) -> zipfile.ZipFile:
    work(job.pk)
    done = jobs.get(actor, job.pk)
    assert done.state == "done", done.message
    return zipfile.ZipFile(io.BytesIO(files.open(actor, done.file).read()))


def lines(target: zipfile.ZipFile, name: str, sheet: str) -> list[list[object]]:
    book = openpyxl.load_workbook(io.BytesIO(target.read(name)))
    return [[cell.value for cell in line] for line in book[sheet].iter_rows()]


@pytest.mark.committed
@pytest.mark.req("BAS-05")
def test_files_are_attached_shown_kept_from_others_and_part_of_backup_and_export(me, member_factory, sign_in):
    seller, other = member_factory("sales", name="赵磊"), member_factory("sales", name="罗欣")
    pk = records.save(SYSTEM, CUSTOMER, [{"name": "川西能源", "owner": seller.pk}]).demand().pk
    mine, theirs = sign_in(Client(), seller), sign_in(Client(), other)
    several = [io.BytesIO(b"one"), io.BytesIO(PNG)]
    for file, name in zip(several, ("纪要.txt", "合影.png"), strict=True):
        file.name = name
    mine.post(f"{LIST}{pk}/files/add", {"file": several})

    shown = mine.get(f"{LIST}{pk}/files").content.decode()
    assert all(part in shown for part in ("纪要.txt", "合影.png", "赵磊", "刚刚"))
    for row in Attachment.objects.all():
        assert mine.get(f"{LIST}{pk}/files/{row.pk}/preview").status_code == 200
        assert theirs.get(f"{LIST}{pk}/files/{row.pk}").status_code == 404
        assert content.near(row.file.place) in set(backed_up(Path(settings.KEZHOU_FILES)))
    target = unpacked(me, whole.start(me))
    number = records.get(SYSTEM, CUSTOMER, pk).values["number"]
    folder = f"附件/客户/{number} 川西能源"
    assert (target.read(f"{folder}/纪要.txt"), target.read(f"{folder}/合影.png")) == (b"one", PNG)
    index = {row[4]: row for row in lines(target, "目录.xlsx", "文件")[1:]}
    assert index["合影.png"][:4] == ["客户", number, "川西能源", None]
    assert index["合影.png"][5:7] == [f"{folder}/合影.png", "赵磊"]
    assert index["合影.png"][8] == len(PNG)


@pytest.mark.committed
def test_every_kind_of_record_has_a_workbook_with_its_lines(me, plugins_on):
    plugins_on("customers", "sales", "testplugin")
    rows = [{"name": "会场", "quantity": 2}, {"name": "午餐"}]
    pk = records.save(SYSTEM, "testplugin.order", [{"name": "年会", "items": rows}]).demand().pk
    binned = records.save(SYSTEM, CUSTOMER, [{"name": "甲/公司:一"}, {"name": "进了回收站"}]).demand().pks[1]
    records.delete(SYSTEM, CUSTOMER, [binned])

    target = unpacked(me, whole.start(me))

    names = {name for name in target.namelist() if name.startswith("表格/")}
    assert {"表格/客户.xlsx", "表格/联系人.xlsx", "表格/测试订单.xlsx", "表格/成员.xlsx"} <= names
    assert not any("明细" in name for name in names)
    number = records.get(SYSTEM, "testplugin.order", pk).values["number"]
    assert [row[:3] for row in lines(target, "表格/测试订单.xlsx", "测试明细")] == [
        ["测试订单编号", "项目", "数量"], [number, "会场", 2], [number, "午餐", 1],
    ]  # fmt: skip
    customers = lines(target, "表格/客户.xlsx", "客户")
    place = customers[0].index("客户名称")
    assert [row[place] for row in customers[1:]] == ["甲/公司:一"]
    told = {row[0]: row for row in lines(target, "目录.xlsx", "记录")[1:]}
    assert told["客户"][1:3] == ["表格/客户.xlsx", 1]
    assert "电话" in told["联系人"][3]
    (log,) = ExportLog.objects.all()
    assert (log.type_key, log.rows, exports.recent(me)[0].pk) == ("*", sum(row[2] for row in told.values()), log.pk)


@pytest.mark.committed
def test_a_file_whose_content_is_gone_is_said_in_the_index(me):
    pk = records.save(SYSTEM, CUSTOMER, [{"name": "川西能源"}]).demand().pk
    made = attachments.attach(me, CUSTOMER, pk, "合同.txt", io.BytesIO(b"1"))
    content.near(Attachment.objects.get(pk=made.pk).file.place).unlink()

    target = unpacked(me, whole.start(me))

    assert lines(target, "目录.xlsx", "文件")[1][5] == "（内容不见了）"
    assert not any(name.startswith("附件/") for name in target.namelist())


def test_only_administrators_export_everything_and_one_at_a_time(me, member_factory, sign_in):
    seller = member_factory("sales", name="李雷")
    with pytest.raises(NotAllowed, match="只有管理员可以导出公司的全部数据。"):
        whole.start(seller.actor)
    assert sign_in(Client(), seller).get("/exchange/whole").status_code == 403

    job = whole.start(me)

    with pytest.raises(ExchangeError, match="正在导出公司数据，等它完成或取消后再来。"):
        whole.start(me)
    jobs.cancel(me, job.pk)
    whole.start(me)


@pytest.mark.committed
def test_who_is_no_administrator_any_more_cannot_download_everything_they_exported(me, member_factory, sign_in):
    second = member_factory("admin", name="李雪")
    work(whole.start(second.actor).pk)
    (log,) = ExportLog.objects.all()
    client = sign_in(Client(), second)
    addresses = (f"/exchange/exports/{log.pk}", f"/files/{log.file_pk}")
    before = [client.get(address).status_code for address in addresses]

    roles.set_roles(second.actor.member_pk, [roles.role_pk("sales")])

    assert before == [302, 200]
    assert [client.get(address).status_code for address in addresses] == [404, 404]


def test_sheets_are_parted_and_names_are_plain(monkeypatch):
    monkeypatch.setattr(whole, "MOST_ROWS", 2)

    found = [(title, [row[0] for row in rows]) for title, rows in whole.parted("客户", ["头"], ([n] for n in range(5)))]

    assert found == [("客户", ["头", 0, 1]), ("客户 (2)", ["头", 2, 3]), ("客户 (3)", ["头", 4])]
    assert [(title, list(rows)) for title, rows in whole.parted("空", ["头"], ())] == [("空", [["头"]])]
    assert [whole.plain(name) for name in ("a/b\\c:d", " .. ", "长" * 100 + ".docx", "\x00x")] == [
        "a_b_c_d", "", "长" * 75 + ".docx", "_x",
    ]  # fmt: skip

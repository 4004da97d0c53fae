"""`kezhou import`: the same plan and result as in the wizard, on the command line."""

from __future__ import annotations

import argparse
import json

import pytest

from kezhou import records
from kezhou.access.actor import System
from kezhou.exchange import command
from kezhou.exchange.models import ImportBatch
from kezhou.exchange.readers import open_table
from tests.exchange.conftest import CUSTOMER, DATA, EXPECTED, counts

SYSTEM = System("a test looks at everything")


def kezhou_import(*words):
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    return command.run(parser.parse_args(list(map(str, words))))


@pytest.mark.parametrize("who", ["周敏", "zhoumin"])
def test_a_workbook_is_imported_as_a_member(me, capsys, who):
    code = kezhou_import(DATA / "customers.xlsx", "--as", who, "--invite", "--json")

    told = json.loads(capsys.readouterr().out)
    total = EXPECTED["customers"] + EXPECTED["contacts"] + EXPECTED["opportunities"]
    assert (code, told["counts"]) == (0, counts(new=total))
    assert records.count(SYSTEM, CUSTOMER, records.ListRequest()) == EXPECTED["customers"]
    batch = ImportBatch.objects.get(pk=told["import"])
    assert (batch.state, batch.source, batch.member_name) == ("done", "command", "周敏")


def test_wrong_rows_go_to_a_file_and_the_exit_code_says_so(me, salespeople, capsys, tmp_path):
    errors = tmp_path / "errors.xlsx"

    code = kezhou_import(DATA / "customers-bad.csv", "--as", "周敏", "--errors", errors)

    assert code == 1
    assert "文件：新增 1，更新 0，未变 0，重复 0，错误 9" in capsys.readouterr().out
    assert [int(cells[-3]) for _row, cells in list(open_table(errors).rows())[1:]] == list(range(2, 11))


def test_only_checking_writes_nothing(me, salespeople, capsys):
    assert kezhou_import(DATA / "customers-gb18030.csv", "--as", "周敏", "--check") == 0

    assert "新增 200" in capsys.readouterr().out
    assert records.count(SYSTEM, CUSTOMER, records.ListRequest()) == 0


def test_a_plan_file_maps_what_cannot_be_guessed(me, tmp_path):
    table, plan = tmp_path / "名单.csv", tmp_path / "plan.json"
    table.write_text("客户名称,级,负责人\n甲公司,钻,周敏\n", "utf-8")
    plan.write_text(json.dumps({"0": {"columns": {"1": "category"}}}), "utf-8")

    assert kezhou_import(table, "--as", "周敏", "--plan", plan, "--check") == 1

    plan.write_text(json.dumps({"0": {"columns": {"1": "category"}, "values": {"1": {"钻": "vip"}}}}), "utf-8")
    assert kezhou_import(table, "--as", "周敏", "--plan", plan) == 0


def test_a_stranger_cannot_import_and_a_pdf_is_refused(me, capsys, tmp_path):
    pdf = tmp_path / "客户.xlsx"
    pdf.write_bytes(b"%PDF-1.7")

    assert kezhou_import(pdf, "--as", "查无此人") == 2
    assert kezhou_import(pdf, "--as", "周敏") == 2

    refused = capsys.readouterr().err.splitlines()
    assert refused == [
        "没有可以登录的成员“查无此人”，请用 --as 给出登录名或姓名。",
        "这其实是 PDF 文件，不是表格：请导入 .xlsx、.xls 或 .csv 文件。",
    ]

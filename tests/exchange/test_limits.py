"""What is refused, with which sentence, before it costs memory."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from io import BytesIO

import openpyxl
import pytest

from kezhou.exchange.limits import Limits
from kezhou.exchange.readers import open_table
from kezhou.exchange.views import ExchangeError


def workbook(*lines, width=3):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("客户")
    for line in lines or [["客户名称", "电话", "备注"]]:
        sheet.append(list(line)[:width])
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def with_part(name, parts):
    """A workbook with one part replaced by streamed content."""
    source, target = BytesIO(workbook()), BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            if item.filename != name:
                new.writestr(item, old.read(item))
        with new.open(name, "w", force_zip64=True) as stream:
            for part in parts:
                stream.write(part)
    return target.getvalue()


def far_cell(reference, row):
    cells = f'<row r="{row}"><c r="{reference}" t="inlineStr"><is><t>x</t></is></c></row>'
    return f'<?xml version="1.0"?><worksheet><sheetData>{cells}</sheetData></worksheet>'.encode()


SHEET = "xl/worksheets/sheet1.xml"

REFUSED = [
    ("a pdf", lambda: b"%PDF-1.7 \xe2\xe3", "这其实是 PDF 文件，不是表格：请导入 .xlsx、.xls 或 .csv 文件。"),
    ("a picture", lambda: b"\x89PNG\r\n\x1a\n", "这其实是 PNG 文件，不是表格：请导入 .xlsx、.xls 或 .csv 文件。"),
    ("nothing", lambda: b" \n", "文件是空的，没有可以导入的内容。"),
    ("zeros", lambda: b"a,b\n\x00\x01\x02", "文件不是文本也不是表格：请导入 .xlsx、.xls 或 .csv 文件。"),
    (
        "half a workbook",
        lambda: workbook()[:900],
        "文件已损坏或加了密码，打不开：请在表格软件里打开后另存为 .xlsx 再导入。",
    ),
    (
        "not a workbook inside",
        lambda: b"\xd0\xcf\x11\xe0" + b"x" * 600,
        "文件已损坏或加了密码，打不开：请在表格软件里打开后另存为 .xlsx 再导入。",
    ),
    ("too big", lambda: b"a" * 3_000_001, "文件有 3 MB，超过 2 MB 的上限，请拆成几个文件导入。"),
    (
        "a bomb",
        lambda: with_part("xl/media/bomb.bin", (b"\0" * 1_000_000 for _ in range(8))),
        "文件的压缩比超过 100:1，不像正常的表格，不能导入。",
    ),
    (
        "a cell far below",
        lambda: with_part(SHEET, [far_cell("A1048576", 1048576)]),
        "文件超过 1,000 行的上限，请拆成几个文件导入。",
    ),
    (
        "a cell far right",
        lambda: with_part(SHEET, [far_cell("XFD1", 1)]),
        "工作表用到了第 16384 列，超过 500 列的上限，请删去右边多余的列。",
    ),
    (
        "a wide rectangle",
        lambda: with_part(SHEET, [far_cell("OZ1000", 1000)]),
        "工作表有 1,000 行 × 416 列，太大，请拆成几个文件或删去多余的列。",
    ),
]
LIMITS = Limits(size=2 * 1024 * 1024, rows=1000, cells=100_000)


@pytest.mark.parametrize(("content", "sentence"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_no_table_or_too_large_is_refused_with_a_sentence(tmp_path, content, sentence):
    path = tmp_path / "客户.xlsx"
    path.write_bytes(content())

    with pytest.raises(ExchangeError) as refused:
        open_table(path, limits=LIMITS)

    assert str(refused.value) == sentence


def test_more_rows_than_allowed_are_refused_while_reading(tmp_path):
    path = tmp_path / "many.csv"
    path.write_text("客户名称\n" + "甲公司\n" * 1200, "utf-8")
    table = open_table(path, limits=LIMITS)

    with pytest.raises(ExchangeError, match="文件超过 1,000 行的上限"):
        list(table.rows())


def test_a_quote_that_never_ends_is_told(tmp_path):
    path = tmp_path / "quote.csv"
    path.write_text('客户名称,备注\n甲公司,"' + "字" * 200_000, "utf-8")

    with pytest.raises(ExchangeError, match="文件里有一格超过 131,072 个字，多半是引号没有成对"):
        list(open_table(path).rows())


def test_an_archive_that_lies_about_its_size_is_read_to_its_true_end(tmp_path):
    content = bytearray(with_part("xl/media/bomb.bin", (b"\0" * 1_000_000 for _ in range(8))))
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    path = tmp_path / "lies.xlsx"
    path.write_bytes(bytes(content))

    with pytest.raises(ExchangeError):
        open_table(path, limits=LIMITS)


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8（带 BOM）"), ("gb18030", "GB18030"), ("utf-16", "UTF-16")],
)
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_text_is_read_whatever_its_encoding_and_separator(tmp_path, encoding, told, separator):
    path = tmp_path / "list.csv"
    path.write_bytes(f'客户名称{separator}备注\r\n甲公司{separator}"两行\n备注"\r\n'.encode(encoding))

    table = open_table(path)

    assert (table.encoding_name, table.separator) == (told, separator)
    assert list(table.rows()) == [(1, ["客户名称", "备注"]), (2, ["甲公司", "两行\n备注"])]


@pytest.mark.parametrize(("rows", "apart"), [(1, False), (20_000, True)], ids=["small", "read apart"])
def test_a_formula_of_a_workbook_is_text_and_never_computed(tmp_path, rows, apart):
    path = tmp_path / "formula.xlsx"
    formula = '=HYPERLINK("http://example.com","甲&乙")'
    others = ([f"第{row}号公司", hashlib.sha256(str(row).encode()).hexdigest()] for row in range(rows))
    path.write_bytes(workbook(["客户名称", "备注"], [formula, "=1+1"], *others))

    read = [cells for _number, cells in open_table(path).rows()]

    assert (path.stat().st_size > 1024 * 1024) == apart
    assert [read[0], read[1], read[2][0]] == [["客户名称", "备注"], [formula, "=1+1"], "第0号公司"]
    assert len(read) == rows + 2


def test_a_formula_with_a_stored_value_counts_with_that_value(tmp_path):
    cells = '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c></row>'
    path = tmp_path / "values.xlsx"
    sheet = f'<?xml version="1.0"?><worksheet><sheetData>{cells}</sheetData></worksheet>'
    path.write_bytes(with_part(SHEET, [sheet.encode()]))

    assert [cells for _number, cells in open_table(path).rows()] == [[2.0, "ab"]]


def test_a_full_workbook_is_read_below_five_hundred_megabytes(tmp_path):
    cell = '<c r="{}{}" t="inlineStr"><is><t>{}</t></is></c>'

    def lines():
        yield b'<?xml version="1.0"?><worksheet><sheetData>'
        for number in range(1, 200_001):
            told = hashlib.sha256(str(number).encode()).hexdigest()
            cells = (cell.format(letter, number, told[at : at + 6]) for at, letter in enumerate("ABCDEFGHIJKLMNOPQRST"))
            yield f'<row r="{number}">{"".join(cells)}</row>'.encode()
        yield b"</sheetData></worksheet>"

    path = tmp_path / "full.xlsx"
    path.write_bytes(with_part(SHEET, lines()))
    program = (
        "import sys, resource; from pathlib import Path; from kezhou.exchange.readers import open_table\n"
        "print(sum(1 for _row in open_table(Path(sys.argv[1])).rows()),"
        "max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024)"
    )

    # Through a shell that stays: Linux hands the largest size of a process on to the program that it starts.
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )

    rows, megabytes = map(int, done.stdout.split())
    assert rows == 200_000
    assert megabytes < 500

"""A spreadsheet of companies with five own fields through `kezhou import`, rows a second."""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import tempfile
import time
from pathlib import Path

from tests.bench.notes import note
from tests.bench.place import KEZHOU, ROOT, Place, inside

ROWS = 20_000
PEER = 1159


def measure(place: Place, options: argparse.Namespace) -> None:
    """The whole command, its start included, against the peer's 1,159 rows a second."""
    facts = inside(place, "tests.bench.data", str(options.rows))
    rows, seconds, result = run(place, str(facts["slug"]))
    print(f"\nimport of {rows:,} rows with 5 own fields: {rows / seconds:,.0f} rows/s (peer {PEER:,}) {result}")
    note("import rows/s", rate=rows / seconds, rows=rows, peer=PEER)


def run(place: Place, slug: str) -> tuple[int, float, object]:
    """Import a fresh spreadsheet by the command: its rows, how long it took, and what the command said."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "import.csv"
        _write(path, int(time.time()))
        begun = time.perf_counter()
        found = subprocess.run(
            [KEZHOU, "import", str(path), "--home", str(place.home), "--tenant", slug, "--as", "admin", "--json"],
            cwd=ROOT, env=place.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - begun
    if found.returncode != 0:
        raise RuntimeError(f"The import ended with {found.returncode}: {found.stdout[-500:]} {found.stderr[-2000:]}")
    return (
        ROWS,
        seconds,
        json.loads(found.stdout.strip().splitlines()[-1]) if found.stdout.strip().startswith("{") else {},
    )


def _write(path: Path, salt: int) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                "客户名称",
                "客户分类",
                "行业",
                "电话",
                "城市",
                "地址",
                "品牌等级",
                "签约额度",
                "签约日期",
                "合同号",
                "服务备注",
            ]
        )
        for number in range(ROWS):
            writer.writerow(
                [
                    f"导入{salt}第{number}号商旅有限公司", "企业客户", "旅游", f"028-{61000000 + number}", "成都",
                    f"天府大道 {number} 号", f"品牌 {number % 20}", number, "2026-01-21", f"D-{salt}-{number}", "早班机",
                ]
            )  # fmt: skip

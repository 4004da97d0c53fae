"""Which rows of the requirements catalogue are proved, read off the last test run.

As a pytest plugin it notes, per test, its result and its ``@pytest.mark.req("ID")`` marks in
``build/test-results.jsonl``. As a command (``make requirements``) it prints the count per module and writes
``build/requirements.json``: each ID with its passing tests. Marks with ``part=`` show progress but do not count.
"""

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CATALOGUE = ROOT / "tests" / "requirements" / "catalogue.tsv"
RESULTS = ROOT / "build" / "test-results.jsonl"
REPORT = ROOT / "build" / "requirements.json"


def catalogue(path: Path = CATALOGUE) -> dict[str, str]:
    """The catalogue as {ID: one-line title}, in its own order."""
    return dict(line.split("\t", 1) for line in path.read_text("utf-8").splitlines() if line)


# --- the pytest side -------------------------------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hang the marks on each test, refusing an ID that the catalogue has not."""
    known = catalogue()
    for item in items:
        for mark in item.iter_markers("req"):
            if mark.args[0] not in known and not mark.args[0].startswith("I"):
                raise pytest.UsageError(f"{item.nodeid}: the catalogue has no row {mark.args[0]}.")
            item.user_properties.append(("req", [mark.args[0], mark.kwargs.get("part")]))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note one finished test (on the controlling process only: workers send their reports there)."""
    marks = [value for name, value in report.user_properties if name == "req"]
    decisive = report.when == "call" or report.failed or report.skipped
    if not marks or not decisive or _is_worker():
        return
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"test": report.nodeid, "outcome": report.outcome, "req": marks}) + "\n")


def _is_worker() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ


# --- the command -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Proof:
    """What the last run says of one row."""

    passing: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)

    @property
    def stands(self) -> bool:
        """True when a test with the full mark passed and none with it failed or was skipped."""
        return bool(self.passing) and not self.failing


def read(results: Iterable[Mapping[str, object]]) -> dict[str, Proof]:
    """Fold test results (as this plugin writes them) into one proof per row; the last result of a test counts."""
    last: dict[str, Mapping[str, object]] = {}
    for result in results:
        last[str(result["test"])] = result
    proofs: dict[str, Proof] = defaultdict(Proof)
    for test, result in last.items():
        for pk, part in result["req"]:  # type: ignore[attr-defined]  # JSON written above
            proof = proofs[pk]
            if part:
                proof.parts |= {part} if result["outcome"] == "passed" else set()
            else:
                (proof.passing if result["outcome"] == "passed" else proof.failing).add(test)
    return dict(proofs)


def main(arguments: list[str] | None = None) -> int:
    """Print the table per module; the last line is ``proved N of M``."""
    parser = argparse.ArgumentParser(prog="make requirements", description=main.__doc__)
    parser.add_argument("--module", help="list every row of one module, such as QRY")
    chosen = parser.parse_args(arguments).module
    if not RESULTS.exists():
        print("There are no test results yet. Run make test first.")
        return 1
    rows = catalogue()
    proofs = read(json.loads(line) for line in RESULTS.read_text("utf-8").splitlines())
    proved = {pk for pk in rows if pk in proofs and proofs[pk].stands}
    REPORT.write_text(
        json.dumps({pk: sorted(proofs[pk].passing) for pk in rows if pk in proved}, indent=1, ensure_ascii=False),
        "utf-8",
    )
    _print_modules(rows, proofs, proved, chosen)
    print(f"proved {len(proved)} of {len(rows)}")
    return 0


def _print_modules(rows: dict[str, str], proofs: dict[str, Proof], proved: set[str], chosen: str | None) -> None:
    modules: dict[str, list[str]] = defaultdict(list)
    for pk in rows:
        modules[pk[:3]].append(pk)
    for module, pks in modules.items():
        count = sum(pk in proved for pk in pks)
        begun = [pk for pk in pks if pk in proofs and pk not in proved]
        if chosen is None or chosen == module:
            print(f"{module}  {count:3} of {len(pks):3}" + (f"   begun: {' '.join(begun)}" if begun else ""))
        if chosen == module:
            for pk in pks:
                print(f"  {'proved' if pk in proved else '      '}  {pk}  {rows[pk]}  {_parts(proofs.get(pk))}")


def _parts(proof: Proof | None) -> str:
    if proof is None:
        return ""
    failing = f" failing: {', '.join(sorted(proof.failing))}" if proof.failing else ""
    return (f"[{'; '.join(sorted(proof.parts))}]" if proof.parts else "") + failing


if __name__ == "__main__":
    raise SystemExit(main())

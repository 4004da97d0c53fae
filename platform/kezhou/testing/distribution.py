"""How the tests of a run are dealt out to its workers: file by file, large generated files in slices, long ones first.

The tests of one file ask for the same: a whole installation that a fixture of the file starts, a database with the same
plugins on, compiled types. Dealt out one by one, every worker made all of that. (The groups of pytest-xdist are no help:
it writes them where pytest 9.2 does not read.)
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

SLICE = 40
"""How many tests are dealt out at once at most: the last worker to end lets the others wait for that long."""


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> "ByFile":
    """Take ours, whatever ``--dist`` says."""
    config.option.loadscopereorder = False  # the order is that of the collected tests
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the tests marked ``long`` to the front: at the end every other worker would wait for them."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


class ByFile(LoadScopeScheduling):
    """The scheduler of pytest-xdist that deals out several tests at once, with our units."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        self._units: dict[str, str] = {}

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        self._units.update(units(collection))
        super().add_node_collection(node, collection)

    def _split_scope(self, nodeid: str) -> str:
        return self._units[nodeid]


def units(nodeids: Iterable[str]) -> dict[str, str]:
    """The unit of each test: its file, and within it every ``SLICE`` tests in their order."""
    seen: Counter[str] = Counter()
    found = {}
    for nodeid in nodeids:
        file = nodeid.partition("::")[0]
        found[nodeid] = f"{file}/{seen[file] // SLICE}"
        seen[file] += 1
    return found

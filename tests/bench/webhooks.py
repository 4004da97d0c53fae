"""Ten thousand events of Stripe, shuffled and repeated: the final state must be that of the ordered ones."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from tests.bench.place import ROOT

EVENTS = 10_000


def measure(options: argparse.Namespace) -> None:
    """Run the storm of the test suite at full size; it notes its figures itself."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "tests/billing/test_storm.py"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "KEZHOU_STORM": str(EVENTS)}, check=False)
    print(
        f"\n{EVENTS} events: the final state is {'equal' if done.returncode == 0 else 'NOT equal'} to the ordered one"
    )

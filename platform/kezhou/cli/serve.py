"""``kezhou serve``: one process of a cluster, in the foreground."""

import argparse
import os
from pathlib import Path

from kezhou.local.problems import LocalProblem
from kezhou.local.roles import ROLES, Sizes, command_of

NEEDED = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "KEZHOU_SECRET_KEY")


def arguments(parser: argparse.ArgumentParser) -> None:
    said = "; ".join(f"{role}: {about}" for role, about in ROLES.items())
    parser.add_argument("role", choices=ROLES, help=said)
    parser.add_argument("--host", default="0.0.0.0", help="web: the address to listen on (default: all)")  # noqa: S104 in a container of its own
    parser.add_argument("--port", type=int, default=8000, help="web: the port (default: 8000)")
    parser.add_argument("--processes", type=int, default=2, help="web: processes (default: 2)")
    parser.add_argument("--threads", type=int, default=4, help="web: threads of each (default: 4)")
    parser.add_argument("--jobs", type=int, default=2, help="worker: jobs at once (default: 2)")


def run(options: argparse.Namespace) -> int:
    """Becomes the process; does not return. Raises LocalProblem: a variable is missing."""
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        raise LocalProblem(
            f"`kezhou serve` needs {', '.join(missing)}; docs/cluster.md tells what each is. "
            "On one machine `kezhou run` starts everything by itself."
        )
    home = Path(os.environ.setdefault("KEZHOU_HOME", ".kezhou")).absolute()
    (home / "run").mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kezhou.settings")
    sizes = Sizes(host=options.host, port=options.port, processes=options.processes, threads=options.threads, jobs=options.jobs)  # fmt: skip
    line = command_of(options.role, sizes, home=home)
    os.execv(line[0], line)  # noqa: S606 this process becomes it

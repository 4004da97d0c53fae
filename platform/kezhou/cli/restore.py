"""``kezhou restore FILE``."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from kezhou.local.installation import Installation
from kezhou.local.problems import LocalProblem
from kezhou.local.restore import restore


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the backup")
    parser.add_argument("--home", type=Path, help="the installation's folder (default: KEZHOU_HOME or .kezhou)")
    parser.add_argument("--replace", action="store_true", help="give up what the installation holds now")


def run(options: argparse.Namespace) -> int:
    installation = Installation.open(options.home)
    is_new = not installation.exists
    manifest = restore(installation, options.file, replace=options.replace, finish=_finish, say=print)
    print(f"Restored the backup of {manifest.made} (Kezhou {manifest.version}) into {installation.home}.")
    if not is_new and manifest.base_domain != installation.choices.base_domain:
        print(
            f"The companies' addresses lie below {manifest.base_domain}: start with "
            f"--base-domain {manifest.base_domain} (make run BASE_DOMAIN={manifest.base_domain})."
        )
    print("`kezhou run` starts it; the search index is built anew in the background.")
    return 0


def _finish(url: str) -> None:
    """Renumber the outbox in a process of its own, because settings are read once per process."""
    environment = {**os.environ, "DATABASE_URL": url, "DATABASE_DIRECT_URL": url, "KEZHOU_SECRET_KEY": "restoring"}
    environment.setdefault("KEZHOU_LOG_LEVEL", "WARNING")
    ran = subprocess.run(
        [sys.executable, "-m", "kezhou.cli", "bootstrap", "--after-restore"], env=environment, check=False
    )
    if ran.returncode != 0:
        raise LocalProblem("The restored database could not be prepared; the installation is as it was.")

"""Scripts and styles of the pages put together by esbuild: few requests instead of one for each of our modules.

What two pages share becomes a file of its own, named by its content, so that nothing is fetched twice. The sources stay as they
are written; a page that names a bundle gets what it imports.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from kezhou.local.problems import LocalProblem

SCRIPTS = ("kezhou.js", "account.js", "layout.js", "members.js")
STYLES = ("frame.css",)
TARGET = "es2022"


def sources(static: Path) -> Iterator[Path]:
    """Every script and style that a bundle may hold."""
    yield from sorted(path for path in (static / "kezhou").iterdir() if path.suffix in {".js", ".css"})


def fingerprint(static: Path) -> str:
    """The hash of all of them and of this step."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sources(static):
        digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def is_there(static: Path) -> bool:
    """Whether every bundle has been made."""
    return all((static / "bundle" / name).exists() for name in (*SCRIPTS, *STYLES))


def bundle(static: Path, packages: Path) -> None:
    """Make all bundles anew. Raises LocalProblem with what esbuild says of a source that it cannot read."""
    unfinished = static / "bundle.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    entries = [str(static / "kezhou" / name) for name in (*SCRIPTS, *STYLES)]
    ran = subprocess.run(
        [
            str(_program(packages)), *entries, "--bundle", "--format=esm", "--splitting", "--minify", f"--target={TARGET}",
            "--chunk-names=shared-[hash]", "--external:*.woff2", "--charset=utf8", "--log-level=error", f"--outdir={unfinished}",
        ],
        text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    if ran.returncode != 0:
        raise LocalProblem(
            f"The scripts and styles of the pages could not be put together. esbuild said: {ran.stdout.strip()[:1000]}"
        )
    shutil.rmtree(static / "bundle", ignore_errors=True)
    unfinished.rename(static / "bundle")


def _program(packages: Path) -> Path:
    """The program of this machine's kind, which npm has chosen among the packages of esbuild."""
    found = next((path for path in packages.glob("@esbuild/*/bin/esbuild")), None)
    if found is None:
        raise LocalProblem(
            "npm fetched no esbuild for this kind of machine; delete node_modules and run `make assets` again."
        )
    return found

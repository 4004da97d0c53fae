"""Make the environment: .venv with the pinned, hashed packages and this checkout. Standard library only.

    python3 -I platform/kezhou/local/prepare.py [--test]

Runs before anything is installed, so it imports nothing of ours. Instant when the requirements did not change.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
RUN, TEST = ("build", "base"), ("build", "test")


class Refused(Exception):
    """The environment cannot be made; ``str()`` says why and what to do."""


def prepare(*, test: bool) -> bool:
    """Bring .venv up to date; says whether anything was done."""
    if sys.version_info < OLDEST:
        raise Refused(
            f"Kezhou needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and this is {sys.version.split()[0]}; "
            "name another with `make run PYTHON=/path/to/python3.11`."
        )
    names = TEST if test or _stamp("test").exists() else RUN
    wanted = _wanted(names)
    stamp = _stamp(names[-1])
    if PYTHON.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return False
    if not PYTHON.exists():
        _make_venv()
    _say("Installing the pinned packages; the first time this takes a minute or two ...")
    # A test run imports a part of what is installed; compiling all of it takes as long as installing.
    more = ["--no-compile"] if test and _has_pip() else []
    for name in names:
        _install("--requirement", str(CHECKOUT / "requirements" / f"{name}.txt"), *more, hashes=True)
    for distribution in _distributions(test="test" in names):
        _install("--no-build-isolation", "--no-deps", "--editable", str(distribution))
    stamp.write_text(wanted, encoding="utf-8")
    return True


def _make_venv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    _say(f"Making the environment {VENV.name} with Python {sys.version.split()[0]} ...")
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        if "ensurepip" in made.stdout + made.stderr:
            raise Refused(
                "This Python comes without its own venv and pip; install them first "
                "(on Debian and Ubuntu: apt-get install python3-venv)."
            )
        raise Refused(f"The environment could not be made: {_last(made.stdout + made.stderr)}")


def _install(*arguments: str, hashes: bool = False) -> None:
    command = [*_installer(), *(["--require-hashes"] if hashes else []), *arguments]
    ran = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        free = shutil.disk_usage(CHECKOUT).free // 2**20
        raise Refused(
            f"A package could not be installed ({free} MB of disk are free): {_last(ran.stderr)} "
            "Is the network there? Run the same command again: what is installed already stays."
        )


def _has_pip() -> bool:
    return subprocess.run([str(PYTHON), "-c", "import pip"], capture_output=True, check=False).returncode == 0


def _installer() -> Sequence[str]:
    if _has_pip():
        return [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    uv = shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    raise Refused(f"The environment {VENV} has no pip; delete that folder and run the same command again.")


def _distributions(*, test: bool) -> list[Path]:
    """This checkout, and for the tests the example plugin, which is a distribution of its own."""
    example = CHECKOUT / "plugins" / "example"
    return [CHECKOUT, example] if test and (example / "pyproject.toml").exists() else [CHECKOUT]


def _wanted(names: Sequence[str]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    files = [CHECKOUT / "requirements" / f"{name}.txt" for name in names]
    for distribution in _distributions(test="test" in names):
        files.append(distribution / "pyproject.toml")
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _stamp(name: str) -> Path:
    return VENV / f".kezhou-{name}"


def _last(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "no reason was given."


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the environment with the pinned packages.")
    parser.add_argument("--test", action="store_true", help="with what the tests need")
    options = parser.parse_args()
    os.environ.pop("PYTHONPATH", None)
    try:
        prepare(test=options.test)
    except Refused as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

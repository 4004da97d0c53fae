"""Icons: one SVG sprite holding only the pictures that our templates, manifests and menus name.

Run by the asset step without Django. A name that the icon package does not have stops the build with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_IN_TEMPLATE = re.compile(r"""\{%\s*icon\s+["']([a-z0-9-]+)["']""")
_IN_INCLUDE = re.compile(r"""\bicon=["']([a-z0-9-]+)["']""")
_IN_SCRIPT = re.compile(r"""\bicon\(\s*["']([a-z0-9-]+)["']""")
_IN_PYTHON = re.compile(r"""\bicon\s*[=(]\s*["']([a-z0-9-]+)["']""")
_PATTERNS = {".html": (_IN_TEMPLATE, _IN_INCLUDE), ".py": (_IN_PYTHON,), ".js": (_IN_SCRIPT,)}
_LISTED = Path(__file__).with_name("icons.txt")
_PATHS = re.compile(r"<svg[^>]*>(.*?)</svg>", re.DOTALL)
_FRAME = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


class IconMissing(Exception):
    """A template or manifest names an icon that the package does not have."""


def names_used(folders: Iterable[Path]) -> set[str]:
    """The icon names in templates (`{% icon "users" %}`) and Python (`icon="users"`) below these folders, and those of icons.txt."""
    found = {line.strip() for line in _LISTED.read_text().splitlines() if line.strip() and not line.startswith("#")}
    for folder in folders:
        for file in folder.rglob("*"):
            for pattern in _PATTERNS.get(file.suffix, ()) if "vendor" not in file.parts else ():
                found.update(pattern.findall(file.read_text(encoding="utf-8")))
    return found


def source_folders() -> list[Path]:
    """The core, its providers and every installed plugin: wherever an icon may be named."""
    folders = [ROOT]
    for entry in (*entry_points(group="kezhou.plugins"), *entry_points(group="kezhou.providers")):
        package = find_spec(entry.module.rpartition(".")[0] or entry.module)
        folders.extend(
            Path(place) for place in (package.submodule_search_locations or ()) if package
        ) if package else None
    return folders


def build_sprite(source: Path, target: Path, *, extra: Iterable[str] = ()) -> int:
    """Write the sprite from the package's single pictures in `source`; returns how many icons it holds."""
    names = sorted(names_used(source_folders()) | set(extra))
    symbols = [_symbol(name, source / f"{name}.svg") for name in names]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n', encoding="utf-8")
    return len(names)


def _symbol(name: str, file: Path) -> str:
    if not file.is_file():
        raise IconMissing(
            f"There is no icon named {name!r} in {file.parent}; choose another name or correct the typing."
        )
    drawing = _PATHS.search(file.read_text(encoding="utf-8"))
    if drawing is None:
        raise IconMissing(f"The file of the icon {name!r} holds no drawing.")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(_FRAME.sub("", drawing[1]).split())}</symbol>'

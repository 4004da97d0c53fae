"""The laws that ruff cannot say, each as a function from source text to sentences.

A rule takes the path (relative to the repository) and the text of one file and yields what is wrong in it.
``BAD`` and ``GOOD`` hold a snippet that it must refuse and one that it must let pass (style.md, habit 20).
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

ALLOWED_CONTROL_PLANE = ("tenants/", "billing/", "tests/", "platform/kezhou/testing/")
COMMAND_LINE = ("platform/kezhou/cli/django.py",)  # `kezhou django --control`: the operator names the shared schema
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "common.py", "extras.py", "misc.py"}
LONGEST_FILE = 500


@dataclass(frozen=True)
class Rule:
    """One law: its check, a snippet it refuses and one it lets pass (each as path and text)."""

    check: Callable[[str, str], Iterator[str]]
    bad: tuple[str, str]
    good: tuple[str, str]


def imported(text: str) -> Iterator[tuple[int, str]]:
    """Every dotted name that a module imports, with its line; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def control_plane_stays_below(path: str, text: str) -> Iterator[str]:
    if path.startswith(ALLOWED_CONTROL_PLANE):
        return
    for line, name in imported(text):
        if name in {"tenants.context.control_plane", "tenants.context.in_control_plane"} and path not in COMMAND_LINE:
            yield f"{path}:{line} imports {name}: call a function of tenants instead."


def raw_connections_are_not_touched(path: str, text: str) -> Iterator[str]:
    if path.startswith("tenants/backend/"):
        return
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "connection"
            and isinstance(node.value, ast.Name | ast.Attribute)
        ):
            inner = node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id
            if inner == "connection":
                yield f"{path}:{node.lineno} reaches below the guarded cursor by connection.connection."


def plain_managers_are_not_named(path: str, text: str) -> Iterator[str]:
    if path.startswith(("platform/kezhou/records/", "tests/")):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and node.attr in {"_base_manager", "_default_manager"}:
            yield f"{path}:{node.lineno} names {node.attr}: records are read by records.query(actor, type)."


def names_say_what_is_inside(path: str, text: str) -> Iterator[str]:
    if PurePosixPath(path).name in FORBIDDEN_NAMES:
        yield f"{path}: name the file after what it holds."


def files_are_short(path: str, text: str) -> Iterator[str]:
    lines = text.count("\n")
    if lines > LONGEST_FILE and "/migrations/" not in path:
        yield f"{path} has {lines} lines, more than {LONGEST_FILE}: split it by subject."


def nothing_is_swallowed(path: str, text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            if broad and all(isinstance(part, ast.Pass) for part in node.body):
                yield f"{path}:{node.lineno} swallows every exception."


TABLE_WRITERS = {
    "platform/kezhou/records/" + name
    for name in ("spec.py", "storing.py", "deleting.py", "constraints.py", "ordering.py", "indexing.py", "wordindex.py")
}
"""What writes rows, or asks about the table itself; whoever reads rows names `spec.rows`."""


def rows_are_read_through_the_type(path: str, text: str) -> Iterator[str]:
    if path in TABLE_WRITERS or path.startswith("tests/"):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and node.attr == "table":
            yield f"{path}:{node.lineno} names a table: several types may share it, read from spec.rows."


def plugins_import_the_sdk_only(path: str, text: str, *, needs: tuple[str, ...] = ()) -> Iterator[str]:
    """A plugin imports kezhou.sdk, its own modules, and the api.py of a plugin that its manifest requires."""
    parts = PurePosixPath(path).parts
    if parts[0] != "plugins" or len(parts) < 3 or parts[1] == "example" or "migrations" in parts:
        return
    own = f"plugins.{parts[1]}"
    for line, name in imported(text):
        if name.startswith("kezhou") and not name.startswith("kezhou.sdk"):
            yield f"{path}:{line} imports {name}: a plugin imports kezhou.sdk only."
        if name.startswith(("tenants", "search", "billing", "portal")):
            yield f"{path}:{line} imports {name}: a plugin imports kezhou.sdk only."
        foreign = name.startswith("plugins.") and not name.startswith(own + ".")
        if foreign and not any(name.startswith(f"plugins.{need}.api") for need in needs):
            yield f"{path}:{line} imports {name}: only the api of a required plugin may be imported."


RULES = {
    rule.check.__name__: rule
    for rule in (
        Rule(
            control_plane_stays_below,
            ("platform/kezhou/web/x.py", "from tenants.context import control_plane\n"),
            ("billing/x.py", "from tenants.context import control_plane\n"),
        ),
        Rule(
            raw_connections_are_not_touched,
            ("search/x.py", "from django.db import connection\nconnection.connection.execute('')\n"),
            ("search/x.py", "from django.db import connection\nconnection.cursor()\n"),
        ),
        Rule(
            plain_managers_are_not_named,
            ("search/x.py", "Customer._base_manager.all()\n"),
            ("search/x.py", "records.query(actor, 'customers.customer')\n"),
        ),
        Rule(names_say_what_is_inside, ("search/utils.py", ""), ("search/analysis.py", "")),
        Rule(files_are_short, ("search/x.py", "x = 1\n" * 501), ("search/x.py", "x = 1\n" * 500)),
        Rule(
            nothing_is_swallowed,
            ("search/x.py", "try:\n    x = 1\nexcept Exception:\n    pass\n"),
            ("search/x.py", "try:\n    x = 1\nexcept ValueError:\n    pass\n"),
        ),
        Rule(
            rows_are_read_through_the_type,
            ("search/x.py", "Sql(f'SELECT 1 FROM {quoted(spec.table)} t')\n"),
            ("search/x.py", "Sql(f'SELECT 1 FROM {spec.rows} t')\n"),
        ),
        Rule(
            plugins_import_the_sdk_only,
            ("plugins/sales/x.py", "from kezhou.records import query\n"),
            ("plugins/sales/x.py", "from kezhou.sdk.records import query\n"),
        ),
    )
}

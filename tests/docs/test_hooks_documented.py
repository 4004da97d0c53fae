"""Every hook is documented with exactly its arguments, explained in the code, used in the tree and answered by the test plugin."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kezhou import hookspecs
from kezhou.records.types import RecordType
from kezhou.sdk import hooks as sdk
from tests.testplugin import hooks as answers

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "plugin-api.md").read_text()
HOOKS: dict[str, Callable[..., object]] = {
    name: function for name, function in vars(hookspecs).items() if hasattr(function, "kezhou_spec")
}
SHIPPED = [
    path
    for folder in ("plugins", "search", "billing", "portal", "platform/kezhou/access", "platform/kezhou/web")
    for path in (ROOT / folder).rglob("hooks.py")
]


def test_there_are_few_hooks() -> None:
    assert len(HOOKS) <= 20


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_documented_with_its_arguments(name: str) -> None:
    arguments = ", ".join(inspect.signature(HOOKS[name]).parameters)

    assert f"### `{name}({arguments})`" in PAGE
    assert inspect.getdoc(HOOKS[name]), f"{name} has no docstring."
    assert len(inspect.signature(HOOKS[name]).parameters) <= 4


def test_the_page_names_no_hook_that_is_not_there() -> None:
    assert set(re.findall(r"^### `(\w+)\(", PAGE, flags=re.M)) == set(HOOKS)


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_has_a_shipped_user_and_an_answer_in_the_test_plugin(name: str) -> None:
    users = [path for path in SHIPPED if re.search(rf"@hookimpl\ndef {name}\(", path.read_text())]

    assert users, f"Nobody uses the hook {name}. A hook comes with its first user."
    assert hasattr(answers, name)


def test_dataclasses_of_hooks_are_on_the_page() -> None:
    classes = {name for name, value in vars(sdk).items() if inspect.isclass(value) and value.__module__ == sdk.__name__}

    assert {name for name in classes if f"`{name}" not in PAGE} <= {"Occasion"}


def test_everything_a_record_type_may_say_is_on_the_page() -> None:
    said = {name for name in (*RecordType.__annotations__, *vars(RecordType)) if not name.startswith("_")}

    assert {name for name in said if f"`{name}" not in PAGE} == set()

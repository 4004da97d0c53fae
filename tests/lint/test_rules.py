"""Our own laws hold in every file, and every law bites."""

import ast
import subprocess
from pathlib import Path

import pytest

from tests.lint.rules import RULES, Rule, plugins_import_the_sdk_only

ROOT = Path(__file__).resolve().parents[2]


def sources() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for path in listed.stdout.split() if (ROOT / path).exists()]


def manifest_needs(plugin: str) -> tuple[str, ...]:
    """The names in ``requires=`` of a plugin's manifest, read from its source."""
    tree = ast.parse((ROOT / "plugins" / plugin / "plugin.py").read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "requires":
            return tuple(ast.literal_eval(node.value))
    return ()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule_refuses_the_bad_snippet_and_lets_the_good_one_pass(rule: Rule) -> None:
    assert len(list(rule.check(*rule.bad))) == 1
    assert list(rule.check(*rule.good)) == []


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_file_obeys(rule: Rule) -> None:
    found = []
    for path in sources():
        text = (ROOT / path).read_text("utf-8")
        if rule.check is plugins_import_the_sdk_only:
            name = path.split("/")[1] if path.startswith("plugins/") and path.count("/") > 1 else ""
            if name and (ROOT / "plugins" / name / "plugin.py").exists():
                found += plugins_import_the_sdk_only(path, text, needs=manifest_needs(name))
        else:
            found += rule.check(path, text)

    assert found == []


def test_required_api_may_be_imported_and_others_not() -> None:
    text = "from plugins.customers.api import customer_of\n"

    assert list(plugins_import_the_sdk_only("plugins/sales/x.py", text, needs=("customers",))) == []
    assert len(list(plugins_import_the_sdk_only("plugins/sales/x.py", text, needs=()))) == 1

"""`kezhou plugin check`: our own plugins pass, a careless one is told what is wrong with it."""

from pathlib import Path

import pytest

from kezhou.local import plugin_quality
from kezhou.plugins import manifests
from kezhou.sdk.manifest import Manifest


@pytest.mark.parametrize("name", ["customers", "sales"])
def test_our_own_plugins_pass(name: str) -> None:
    assert [one for one in plugin_quality.findings(name) if "README" not in one] == []


def test_an_unknown_plugin_is_no_plugin() -> None:
    with pytest.raises(KeyError):
        plugin_quality.findings("nothing-at-all")


def test_a_careless_plugin_is_told_everything(tmp_path: Path) -> None:
    folder = tmp_path / "careless"
    folder.mkdir()
    (folder / "urls.py").write_text("")
    (folder / "plugin.py").write_text("from django.db import models\n")
    (folder / "hooks.py").write_text(
        "from django.db.models.signals import post_save\nfrom kezhou.records import save\nimport plugins.sales.models\n"
    )
    manifest = Manifest(name="careless", title="", requires=("absent",), package="careless")

    found = [*plugin_quality._manifest(manifest), *plugin_quality._files(folder)]
    for path in plugin_quality._sources(folder):
        found += plugin_quality._imports(path, folder, manifest)

    assert "absent" not in manifests()
    assert [sentence.split(":")[0].split(",")[0] for sentence in found] == [
        "The manifest wants a title and a summary",
        "The manifest names the plugin 'absent'",
        "urls.py has no place in a plugin",
        "A README.md is missing",
        "hooks.py imports django.db.models.signals",
        "hooks.py imports kezhou.records",
        "hooks.py imports plugins.sales.models",
        "plugin.py imports django.db",
    ]

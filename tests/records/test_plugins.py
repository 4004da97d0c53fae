"""Discovery, order, switching on and off (PLT-05), and that a typo dies at start (habit 2)."""

from __future__ import annotations

import errno
import types as python_types
from collections.abc import Callable

import pluggy
import pytest

from kezhou import hookspecs, plugins, records, switching
from kezhou.access.actor import System
from kezhou.access.models import Role
from kezhou.records.dictionaries import all as all_dictionaries
from kezhou.records.listing import ListRequest
from kezhou.records.spec import UnknownType
from kezhou.sdk.hooks import hookimpl
from kezhou.switching import SwitchRefused
from kezhou.testing.access import MemberFactory
from tenants import directory, plugin_tables
from tenants.context import Current, current

SwitchOn = Callable[..., None]


@pytest.mark.req("PLT-05")
def test_missing_plugins_are_proposed_and_needed_ones_stay(in_alpha: Current, system: System) -> None:
    assert [each.name for each in switching.enable_plan("testplugin")] == ["customers", "testplugin"]

    assert switching.switch_on(system, ["testplugin"]) == ("customers", "testplugin")
    with pytest.raises(SwitchRefused, match=r"“客户.*”正被“测试插件”使用，不能停用。请先停用它们。"):
        switching.switch_off(system, "customers")
    assert {"customers", "testplugin"} <= current().plugins
    switching.switch_off(system, "testplugin")
    switching.switch_off(system, "customers")

    assert not {"customers", "testplugin"} & current().plugins
    assert switching.enable_plan("customers")[0].name == "customers"


def test_an_optional_link_goes_with_the_other_plugin(in_alpha: Current, system: System) -> None:
    """PLT-05: the opportunities on a customer's page are there only while sales is on."""
    switching.switch_on(system, ["sales"])
    with_sales = {panel.type for panel in records.types(system)["customers.customer"].layout}
    switching.switch_off(system, "sales")
    without = {panel.type for panel in records.types(system)["customers.customer"].layout}

    assert with_sales - without == {"sales.opportunity"}
    assert {link.type for link in records.types(system)["customers.customer"].referrers} == {
        "customers.customer",
        "customers.contact",
    }


@pytest.mark.req("PLT-04", part="engine: menus, addresses, data kept")
def test_switching_off_hides_everything_and_keeps_the_data(projects: None, system: System) -> None:
    pk = records.save(system, "testplugin.project", [{"name": "甲"}]).pk
    assert [item.title for item in plugins.hooks().flat("menu", actor=system) if item.type == "testplugin.project"] == [
        "测试项目"
    ]

    switching.switch_off(system, "testplugin")

    assert "testplugin.project" not in records.types(system)
    with pytest.raises(UnknownType):
        records.page(system, "testplugin.project", ListRequest())
    with pytest.raises(UnknownType):
        records.save(system, "testplugin.project", [{"name": "乙"}])
    assert not [item for item in plugins.hooks().flat("menu", actor=system) if item.type == "testplugin.project"]
    switching.switch_on(system, ["testplugin"])
    assert records.get(system, "testplugin.project", pk).title == "甲"


def test_switching_on_seeds_dictionaries_and_roles_once(projects: None, system: System) -> None:
    assert {"testplugin.kind", "testplugin.tag"} <= {item.key for item in all_dictionaries(system)}
    assert Role.objects.filter(key="sales").count() == 1
    switching.switch_off(system, "testplugin")
    switching.switch_on(system, ["testplugin"])
    assert len([item for item in all_dictionaries(system) if item.key == "testplugin.kind"]) == 1


def test_a_failure_is_told_and_can_be_tried_again(
    in_alpha: Current, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = plugin_tables.install

    def broken(labels: list[str]) -> object:
        if labels == ["testplugin"]:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(labels)

    monkeypatch.setattr(plugin_tables, "install", broken)
    with pytest.raises(OSError, match="No space left"):
        switching.switch_on(system, ["testplugin"])
    entry = next(each for each in switching.catalogue() if each.manifest.name == "testplugin")
    assert (entry.state, entry.error) == ("failed", "OSError: [Errno 28] No space left on device")
    assert "testplugin" not in current().plugins
    assert "customers" in current().plugins, "what was finished stands"

    monkeypatch.undo()
    assert switching.switch_on(system, ["testplugin"]) == ("testplugin",)
    assert directory.plugin_states()["testplugin"].state == "on"


def test_only_an_administrator_switches(in_alpha: Current, member_factory: MemberFactory) -> None:
    with pytest.raises(SwitchRefused):
        switching.switch_on(member_factory("sales").actor, ["customers"])


def test_hooks_answer_in_the_order_of_the_manifests() -> None:
    names = list(plugins.manifests())

    assert names.index("customers") < names.index("sales")
    assert names.index("customers") < names.index("testplugin")
    assert next(m for m in plugins.plugin_apps() if m.startswith("plugins.")) == "plugins.customers"


@pytest.mark.parametrize(
    ("name", "function"),
    [("menue", lambda actor: ()), ("menu", lambda actor, more: ())],
    ids=["unknown hook", "unknown argument"],
)
def test_a_misspelt_hook_stops_the_start(name: str, function: Callable[..., object]) -> None:
    manager = pluggy.PluginManager("kezhou")
    manager.add_hookspecs(hookspecs)
    module = python_types.ModuleType("misspelt")
    setattr(module, name, hookimpl(function))

    def start() -> None:
        manager.register(module)
        manager.check_pending()

    with pytest.raises(pluggy.PluginValidationError):
        start()

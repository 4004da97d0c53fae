"""The table of commands. A part of Kezhou adds a line here; a package of its own uses the entry point group.

A command is a module with two functions::

    def arguments(parser: argparse.ArgumentParser) -> None: ...
    def run(options: argparse.Namespace) -> int: ...          # the exit code

Packages that the core may not import, and third-party plugins, name theirs in their pyproject::

    [project.entry-points."kezhou.commands"]
    search = "search.command"
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import entry_points

GROUP = "kezhou.commands"


class Needs(Enum):
    """What must stand before a command's module is imported."""

    NOTHING = "nothing"
    CODE = "the application, and its database where there is an installation"
    DJANGO = "the application and its database"
    TENANT = "the application, inside the company named by --tenant"


@dataclass(frozen=True, kw_only=True)
class Command:
    """One line of the table."""

    name: str
    module: str
    about: str
    needs: Needs = Needs.DJANGO


OWN: Sequence[Command] = (
    Command(name="run", module="kezhou.cli.run", about="start everything on this machine", needs=Needs.NOTHING),
    Command(name="status", module="kezhou.cli.status", about="what runs, where, how far behind", needs=Needs.NOTHING),
    Command(name="backup", module="kezhou.cli.backup", about="save database and files", needs=Needs.NOTHING),
    Command(name="restore", module="kezhou.cli.restore", about="bring a backup back", needs=Needs.NOTHING),
    Command(name="serve", module="kezhou.cli.serve", about="one process of a cluster", needs=Needs.NOTHING),
    Command(name="alive", module="kezhou.cli.alive", about="whether a process of a cluster lives", needs=Needs.NOTHING),
    Command(name="upgrade", module="kezhou.cli.upgrade", about="bring all companies up to this version"),
    Command(name="bootstrap", module="kezhou.cli.bootstrap", about="prepare the data (part of run)"),
    Command(name="django", module="kezhou.cli.django", about="a management command of Django", needs=Needs.CODE),
    Command(name="import", module="kezhou.exchange.command", about="import a spreadsheet", needs=Needs.TENANT),
    Command(name="operator", module="kezhou.cli.operator", about="a sign-in for who runs this installation"),
    Command(name="plugin", module="kezhou.cli.plugin", about="check a plugin, list plugins", needs=Needs.CODE),
)


def commands() -> dict[str, Command]:
    """Every command by name: ours, then those that installed packages add (which cannot replace ours)."""
    found = {command.name: command for command in OWN}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        of = entry.dist.name if entry.dist else entry.module
        found.setdefault(
            entry.name, Command(name=entry.name, module=entry.value, about=f"see `kezhou {entry.name} -h` ({of})")
        )
    return found

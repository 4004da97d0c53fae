"""From ``sys.argv`` to a command's module, with as much of the application set up as that command needs."""

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from kezhou.cli.commands import Command, Needs, commands
from kezhou.local.installation import Installation
from kezhou.local.problems import LocalProblem


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; problems that we know are one sentence on standard error and exit code 1."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    table = commands()
    if not words or words[0] in {"-h", "--help", "help"} or words[0] not in table:
        print(_overview(table), file=sys.stderr if words and words[0] not in {"-h", "--help", "help"} else sys.stdout)
        return 0 if words and words[0] in {"-h", "--help", "help"} else 2
    command = table[words[0]]
    try:
        return _call(command, words[1:])
    except LocalProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser_of(command: Command) -> argparse.ArgumentParser:
    """What a command understands; its module is imported, so what it needs must stand."""
    parser = argparse.ArgumentParser(prog=f"kezhou {command.name}", description=f"{command.about}.")
    if command.needs is not Needs.NOTHING:
        _common_arguments(parser, command)
    importlib.import_module(command.module).arguments(parser)
    return parser


def _call(command: Command, words: Sequence[str]) -> int:
    if command.needs is Needs.NOTHING:
        options = parser_of(command).parse_args(words)
        return int(importlib.import_module(command.module).run(options))
    home, words = _home_of(words)  # wherever it stands, also behind a sub-command
    with application(home, command.name, needs=command.needs):
        options = parser_of(command).parse_args(words)
        with _database_that_answers():
            return _run_inside(command, importlib.import_module(command.module), options)


@contextmanager
def _database_that_answers() -> Iterator[None]:
    """A connection that cannot be had is told in a sentence.

    Raises:
        LocalProblem: the database did not let us in, or not in time.
    """
    from django.db import OperationalError, connections

    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) is not None:
            raise  # the server was there, and refused a statement
        at = connections["default"].settings_dict
        where = f"{at['NAME']} at {at['HOST'] or 'localhost'}:{at['PORT'] or 5432} for {at['USER']}"
        raise LocalProblem(f"The database {where} cannot be reached (DATABASE_URL): {error}".strip()) from error


def _run_inside(command: Command, module: ModuleType, options: argparse.Namespace) -> int:
    if command.needs is not Needs.TENANT:
        return int(module.run(options))
    with company(options.tenant):
        return int(module.run(options))


@contextmanager
def company(slug: str) -> Iterator[None]:
    """Enter the company of a short name.

    Raises:
        LocalProblem: there is none.
    """
    from tenants.context import tenant
    from tenants.directory import find_by_slug

    place = find_by_slug(slug)
    if place is None:
        raise LocalProblem(f"There is no active company with the short name {slug!r}.")
    with tenant(place):
        yield


def _common_arguments(parser: argparse.ArgumentParser, command: Command) -> None:
    parser.add_argument("--home", type=Path, help="the installation's folder (default: KEZHOU_HOME or .kezhou)")
    if command.needs is Needs.TENANT:
        parser.add_argument("--tenant", required=True, help="the company: the first part of its address")


@contextmanager
def application(home: Path | None, purpose: str, *, needs: Needs = Needs.DJANGO) -> Iterator[None]:
    """Have Django set up on the installation's database while the block runs.

    Where DATABASE_URL is set already (a process of the supervisor, a cluster) the environment is taken as it is;
    otherwise the services of the installation on this machine are used, started for the while when they are down.
    """
    if os.environ.get("DATABASE_URL"):
        _set_up()
        yield
        return
    installation = Installation.open(home)
    if not installation.exists and needs is Needs.CODE:
        os.environ.setdefault("KEZHOU_SECRET_KEY", "there-is-no-installation")
        _set_up()
        yield
        return
    if not installation.exists:
        raise LocalProblem(
            f"There is no installation in {installation.home}; `kezhou run` makes one, --home names another."
        )
    with installation.services(purpose):
        os.environ.update({**installation.settings(), **os.environ, **installation.environment()})
        os.environ.setdefault("KEZHOU_LOG_LEVEL", "WARNING")  # a command's own words are enough
        _set_up()
        yield


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kezhou.settings")
    import django

    django.setup()
    gc.freeze()  # what was loaded stays for good: an import of many rows need not have it looked through again and again


def _home_of(words: Sequence[str]) -> tuple[Path | None, list[str]]:
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    finder.add_argument("--home", type=Path)
    found, rest = finder.parse_known_args(list(words))
    return found.home, rest


def _overview(table: dict[str, Command]) -> str:
    lines = ["Kezhou on one machine. Commands:", ""]
    lines += [f"  kezhou {command.name:<10} {command.about}" for command in table.values()]
    return "\n".join([*lines, "", "`kezhou COMMAND -h` tells a command's options."])

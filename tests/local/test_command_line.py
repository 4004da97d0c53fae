"""The command line: help, refusals in one sentence and exit codes, without any server."""

from pathlib import Path

import pytest

from kezhou.cli import main
from kezhou.cli.commands import commands


def test_help_lists_every_command_and_loads_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0

    told = capsys.readouterr().out
    assert [name for name in commands() if f"  kezhou {name} " not in told] == []


def test_an_unknown_command_is_refused_with_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly"]) == 2

    assert "kezhou run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "--port", "web"], "'web' is no port; a port is a number from 1 to 65535."),
        (["run", "--need-mb", "99999999"], "Only "),
        (["backup", "x.backup"], "There is no installation in "),
        (["restore", "/nowhere/x.backup"], "There is no file /nowhere/x.backup."),
        (["upgrade"], "There is no installation in "),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    words: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)

    code = main([*words, "--home", str(tmp_path / "home")])

    told = capsys.readouterr().err
    assert (code, told.count("\n"), told.startswith(sentence)) == (1, 1, True), told


def test_nothing_running_is_exit_code_three(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--home", str(tmp_path / "home")]) == 3

    assert capsys.readouterr().out.startswith("Kezhou does not run")
    assert not (tmp_path / "home").exists()

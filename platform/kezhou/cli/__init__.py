"""The command line ``kezhou``: one table of commands, each module imported only when its command is called."""

from kezhou.cli.entrance import main

__all__ = ["main"]

"""``kezhou run``."""

import argparse
from pathlib import Path

from kezhou.local.checks import MEGABYTE
from kezhou.local.installation import Installation, port_number
from kezhou.local.logs import Console
from kezhou.local.run import everyday
from kezhou.local.run import run as run_installation


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", type=Path, help="the folder of the data (default: KEZHOU_HOME or .kezhou)")
    parser.add_argument("--port", help="the web port (default: the last one, or 8000)")
    parser.add_argument("--host", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--base-domain", help="companies get names below it; needs a wildcard DNS record")
    parser.add_argument("--scheme", choices=("http", "https"), help="https where a proxy does TLS (default: http)")
    parser.add_argument("--postgres-port", help="a fixed port for PostgreSQL (default: any free one)")
    parser.add_argument("--valkey-port", help="a fixed port for Valkey (default: any free one)")
    parser.add_argument("--verbose", action="store_true", help="every line of every process on the console")
    parser.add_argument("--need-mb", type=int, help="megabytes that must be free on the disk (default: 600, later 200)")


def run(options: argparse.Namespace) -> int:
    def port(text: str | None) -> int | None:
        return port_number(text) if text else None

    installation = Installation.open(
        options.home,
        port=port(options.port),
        host=options.host,
        base_domain=options.base_domain.lower().strip(".") if options.base_domain else None,
        scheme=options.scheme,
        postgres_port=port(options.postgres_port),
        valkey_port=port(options.valkey_port),
    )
    console = Console(hidden=(lambda line: False) if options.verbose else everyday)
    needed = options.need_mb * MEGABYTE if options.need_mb is not None else None
    return run_installation(installation, console, needed_disk=needed)

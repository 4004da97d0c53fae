"""Stop the PostgreSQL and Valkey of the test runs of this checkout and delete their data: ``make clean-test``."""

import shutil
from pathlib import Path

from kezhou.local.postgres import Postgres
from kezhou.local.service_user import remove_service_folder
from kezhou.local.valkey import Valkey

TEST_HOME = Path(__file__).resolve().parents[3] / ".kezhou" / "test"


def main() -> None:
    if not TEST_HOME.exists():
        return
    for service, name in ((Postgres(TEST_HOME), "postgres"), (Valkey(TEST_HOME), "valkey")):
        service.remove()
        remove_service_folder(TEST_HOME, name)
    shutil.rmtree(TEST_HOME)


if __name__ == "__main__":
    main()

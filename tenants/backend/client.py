"""``dbshell``: psql with the search path of the entered scope, or not at all."""

from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import client

from tenants.context import NoTenant, scope, search_path


class DatabaseClient(client.DatabaseClient):
    """psql that looks into one tenant."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        now = scope()
        if now is None:
            raise NoTenant("A database shell needs a place: use --tenant NAME or --control.")
        arguments, environment = super().settings_to_cmd_args_env(settings_dict, parameters)
        path = search_path(now).replace(" ", "")
        return arguments, {**(environment or {}), "PGOPTIONS": f"-c search_path={path}"}

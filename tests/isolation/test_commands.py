"""Django's own commands touch no tenant by accident."""

import io

import pytest
from django.core.management import call_command
from django.db import connection

from tenants.backend.client import DatabaseClient
from tenants.context import Current, NoTenant


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("migrate", {}),
        ("showmigrations", {}),
        ("flush", {"interactive": False}),
        ("clearsessions", {}),
        ("dumpdata", {}),
        ("inspectdb", {}),
    ],
)
def test_a_command_outside_every_tenant_is_refused(alpha: Current, command: str, options: dict[str, object]) -> None:
    with pytest.raises(NoTenant):
        call_command(command, stdout=io.StringIO(), stderr=io.StringIO(), verbosity=0, **options)


def test_dbshell_opens_in_the_entered_tenant_or_not_at_all(in_alpha: Current) -> None:
    _, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])

    assert environment is not None
    assert environment["PGOPTIONS"] == '-c search_path="t_alpha",extensions'


def test_dbshell_outside_is_refused(alpha: Current) -> None:
    with pytest.raises(NoTenant, match="A database shell needs a place"):
        DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])


def test_every_model_has_its_migrations_and_looking_runs_no_statement(alpha: Current) -> None:
    said = io.StringIO()

    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, verbosity=1)
    except SystemExit:
        pytest.fail(f"Models were changed without a migration: {said.getvalue()}")

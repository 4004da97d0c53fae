"""Test databases are made by the harness (`kezhou.testing`), never by Django's ``migrate``."""

from typing import NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import creation


class DatabaseCreation(creation.DatabaseCreation):
    """Refuses what would run every app's migrations in one schema."""

    def create_test_db(self, *args: object, **kwargs: object) -> NoReturn:
        raise ImproperlyConfigured("Run the tests with pytest: its harness provisions tenants in a test database.")

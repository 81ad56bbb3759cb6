"""Fixtures that every test may use. Time is passed in, never read."""

from datetime import UTC, datetime
from typing import Any

import pytest

NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests come last, shuffled among themselves: its loop stays in this thread, and no
    other loop can run beside it."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture
def now() -> datetime:
    """A Monday morning in term time."""
    return NOW


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Whichever tests are chosen, `owner` makes the test database; the other roles' connections mirror it."""
    from django.db import connections
    from django.test import utils
    from pytest_django import fixtures

    everything = {"default", "match", "owner"}
    fixtures._get_databases_for_setup = lambda items: (everything, set())
    ordinary = utils.teardown_databases

    def teardown_databases(*arguments: Any, **options: Any) -> None:
        connections.close_all()  # a database that another role's connection still holds cannot be dropped
        ordinary(*arguments, **options)

    utils.teardown_databases = teardown_databases


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Scrypt is slow on purpose; no test is about that."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

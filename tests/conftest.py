"""Fixtures that every test may use. Time is passed in, never read."""

from datetime import UTC, datetime

import pytest

NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """A Monday morning in term time."""
    return NOW


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Whichever tests are chosen, `owner` makes the test database; the other roles' connections mirror it."""
    from pytest_django import fixtures

    everything = {"default", "match", "owner"}
    fixtures._get_databases_for_setup = lambda items: (everything, set())


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Scrypt is slow on purpose; no test is about that."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

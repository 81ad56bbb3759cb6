"""Fixtures that every test may use. Time is passed in, never read."""

from datetime import UTC, datetime

import pytest

NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """A Monday morning in term time."""
    return NOW

"""What the journeys through the pages are given: a stopped clock, and people who walk."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import time_machine

from tests.factories import make_cleared_account
from tests.journeys.walker import Walker

MakeWalker = Callable[..., Walker]


@pytest.fixture
def stopped_clock(now: datetime) -> Iterator[time_machine.Traveller]:
    """The time of the whole process, moved by the tests."""
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def walk(now: datetime, stopped_clock: time_machine.Traveller) -> MakeWalker:
    """Makes somebody cleared and signed in; takes what `make_cleared_account` takes."""

    def make(**details: object) -> Walker:
        return Walker(make_cleared_account(at=now, **details), at=now)  # type: ignore[arg-type]

    return make

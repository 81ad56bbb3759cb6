"""The moments of a load: its statements and what it tells, each of which something may happen at.

A load goes from state to state; the moments of each are counted anew, so that a drawn one is met every time.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

STATES = ("received", "checked", "passed", "matched")  # checking, the gate, matching, publishing
ENGINE = "comparing"  # told by the engine that compares many rows
Moment = tuple[str, int]


class Moments:
    """Counts them, and lets `happen` happen once at the one that is asked for."""

    def __init__(self, *, at: Moment | None = None, happen: Callable[[], object] = lambda: None) -> None:
        self.met: Counter[str] = Counter()
        self._at, self._happen, self._state = at, happen, STATES[0]

    def tell(self, stage: str, done: int, total: int | None) -> None:
        """As a load's progress; a stage of the engine is a moment of its own."""
        self._meet(stage if stage == ENGINE else self._state)

    def execute(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """As one of Django's wrappers of statements."""
        self._meet(self._state)
        done = execute(sql, params, many, context)
        if sql.startswith('UPDATE "intake_load"') and '"state" = %s' in sql.split("WHERE", maxsplit=1)[0]:
            self._state = next((each for each in STATES if each in params), self._state)
        return done

    def _meet(self, name: str) -> None:
        self.met[name] += 1
        if self._at == (name, self.met[name]):
            self._at = None
            self._happen()


@contextmanager
def watched(moments: Moments) -> Iterator[None]:
    """Every statement of intake's connection is one of them."""
    from django.db import connections

    with connections["match"].execute_wrapper(moments.execute):
        yield


def die() -> None:
    """As by a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def restart_database() -> None:
    """The server is stopped at once and started again, as one that crashed."""
    from django.conf import settings

    from contactpoint.database.embedded import _server_pid, ensure_up, is_running

    pid = _server_pid(settings.DATABASE)
    assert pid is not None
    os.kill(pid, signal.SIGQUIT)
    while is_running(settings.DATABASE):
        time.sleep(0.05)
    ensure_up(settings.DATABASE, say=lambda _: None)

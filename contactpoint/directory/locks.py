"""Who changes which records at the same time, held by the database while the connection lives (SUP-9).

One of loading, joining, sealing and the nightly clock at once: none decides on what another is taking away.
Single messages go beside one another: each holds the keys by which it could meet another, so that the same
child in two of them is one record, and different children do not wait.
A killed process lets go by itself.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from django.db import Error, OperationalError, connections, transaction

from contactpoint.progress import Progress

USING = "match"
_DIRECTORY = 0x6D617463  # any fixed numbers
_KEY = 0x6B657973
_OPENINGS = 0x6F70656E
WAIT = 0.2  # seconds between two looks
STAGE = "Waiting for another load to end"


@contextmanager
def directory_to_ourselves(*, progress: Progress) -> Iterator[None]:
    """Waits for its turn, telling so."""
    waited = 0
    while not _take_whole():
        progress(STAGE, waited, None)
        waited += 1
    try:
        yield
    finally:
        _let_go("pg_advisory_unlock(%s, 0)", [_DIRECTORY])


@contextmanager
def one_message(*, keys: Iterable[int]) -> Iterator[None]:
    """Nobody has the directory to themselves meanwhile, and no other message has one of these keys.

    Keys are taken in one order by everybody, so that two messages never wait for each other.
    """
    some = sorted({key & 0x7FFFFFFF for key in keys})  # two keys that fall together only wait once more
    while not _ask("pg_try_advisory_lock_shared(%s, 0)", [_DIRECTORY]):
        time.sleep(WAIT)
    try:
        _ask("count(pg_advisory_lock(%s, key)::text) FROM unnest(%s::int[]) key", [_KEY, some])
        try:
            yield
        finally:
            _let_go("count(pg_advisory_unlock(%s, key)) FROM unnest(%s::int[]) key", [_KEY, some])
    finally:
        _let_go("pg_advisory_unlock_shared(%s, 0)", [_DIRECTORY])


def keep_openings(cursor: Any) -> None:
    """Until this transaction ends, no authority opens or closes: what is written follows what was read."""
    cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_OPENINGS])


def change_openings(cursor: Any) -> None:
    """Until this transaction ends, nothing is published; waits for what is being published now."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_OPENINGS])


def _take_whole() -> bool:
    """Queues for a moment, so that a stream of messages, each short, lets the next one through."""
    if connections[USING].in_atomic_block:  # whoever began the transaction has waited already
        got = bool(_ask("pg_try_advisory_lock(%s, 0)", [_DIRECTORY]))
        time.sleep(0 if got else WAIT)
        return got
    try:
        with transaction.atomic(using=USING), connections[USING].cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {int(WAIT * 1000)}")
            cursor.execute("SELECT pg_advisory_lock(%s, 0)", [_DIRECTORY])
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            return False
        raise
    return True


def _ask(what: str, given: list[Any]) -> Any:
    with connections[USING].cursor() as cursor:
        cursor.execute(f"SELECT {what}", given)
        return cursor.fetchone()[0]


def _let_go(what: str, given: list[Any]) -> None:
    """Where the connection is gone, so is the lock."""
    if not connections[USING].in_atomic_block:
        with suppress(Error):
            _ask(what, given)


@contextmanager
def holding(family: int, name: str) -> Iterator[bool]:
    """Whether the lock was free; held until the block ends."""
    got = bool(_ask("pg_try_advisory_lock(%s, hashtext(%s))", [family, name]))
    try:
        yield got
    finally:
        if got:
            _let_go("pg_advisory_unlock(%s, hashtext(%s))", [family, name])

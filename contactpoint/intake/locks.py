"""Who may load what at the same time, held by the database for as long as the connection lives (SUP-9).

One load a supplier; one load at a time matches and publishes, so that a child who stands in two files
that arrive together makes one record. A killed load lets go of both by itself.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error, connections

from contactpoint.errors import Conflict
from contactpoint.intake.known import USING
from contactpoint.progress import Progress

_SUPPLIER, _DIRECTORY = 0x6C6F6164, 0x6D617463  # any fixed numbers: two families of advisory locks
WAIT = 0.2  # seconds between two looks


class LoadUnderWay(Conflict):
    """Another load of the same supplier is under way; nothing was changed."""


@contextmanager
def one_load_of(*, supplier: str) -> Iterator[None]:
    """Raises LoadUnderWay at once where another holds it."""
    with _held(_SUPPLIER, supplier) as got:
        if not got:
            raise LoadUnderWay(
                "Another load of this supplier is under way. Nothing was changed; wait until it has ended, "
                "then run the same command again."
            )
        yield


@contextmanager
def directory_to_ourselves(*, progress: Progress) -> Iterator[None]:
    """Waits for its turn, telling so."""
    waited = 0
    while True:
        with _held(_DIRECTORY, "") as got:
            if got:
                yield
                return
        progress("Waiting for another load to end", waited, None)
        waited += 1
        time.sleep(WAIT)


@contextmanager
def _held(family: int, name: str) -> Iterator[bool]:
    connection = connections[USING]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [family, name])
        (got,) = cursor.fetchone()
    try:
        yield got
    finally:
        if got and not connection.in_atomic_block:
            with suppress(Error), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [family, name])

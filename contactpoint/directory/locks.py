"""Who changes many records at a time, held by the database for as long as the connection lives (SUP-9).

One of loading, joining, sealing and the nightly clock at once: none decides on what another is taking away.
A killed process lets go by itself.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error, connections

from contactpoint.progress import Progress

USING = "match"
_DIRECTORY = 0x6D617463  # any fixed number
WAIT = 0.2  # seconds between two looks
STAGE = "Waiting for another load to end"


@contextmanager
def directory_to_ourselves(*, progress: Progress) -> Iterator[None]:
    """Waits for its turn, telling so."""
    waited = 0
    while True:
        with holding(_DIRECTORY, "") as got:
            if got:
                yield
                return
        progress(STAGE, waited, None)
        waited += 1
        time.sleep(WAIT)


@contextmanager
def holding(family: int, name: str) -> Iterator[bool]:
    """Whether the lock was free; held until the block ends."""
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

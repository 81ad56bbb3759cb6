"""Chunks of a long file published two at a time: one waits for the database, the other is thought about.

Each has a connection and a transaction of its own; children are in one chunk only, and what two chunks share
is locked in one order everywhere.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import polars as pl
from django.db import connections

from contactpoint.intake.known import USING

AT_ONCE = 2
Result = TypeVar("Result")


def work_side_by_side(
    chunks: Iterable[pl.DataFrame],
    work: Callable[[pl.DataFrame], Result],
    *,
    alone: Callable[[pl.DataFrame], bool],
) -> Generator[Result]:
    """Results in the chunks' order. One for which `alone` holds waits until all before it are done.

    When one fails no other begins; those under way end, each as a whole.
    Close it where its results may not all be taken.
    """
    pending: deque[Future[Result]] = deque()
    with _two_connections() as pool:
        try:
            for chunk in chunks:
                while pending and (len(pending) == AT_ONCE or alone(chunk)):
                    yield pending.popleft().result()
                pending.append(pool(work, chunk))
            while pending:
                yield pending.popleft().result()
        finally:
            for each in pending:
                each.cancel()


@contextmanager
def _two_connections() -> Iterator[Callable[..., Future[Any]]]:
    """Work handed to threads; their connections are closed when all of it has ended."""
    opened: dict[int, Any] = {}

    def within(work: Callable[[pl.DataFrame], Any], chunk: pl.DataFrame) -> Any:
        connection = connections[USING]
        if id(connection) not in opened:
            connection.inc_thread_sharing()  # closed by the thread that waits for this one
            opened[id(connection)] = connection
        return work(chunk)

    try:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="publishing") as pool:
            yield lambda work, chunk: pool.submit(within, work, chunk)
    finally:
        for connection in opened.values():
            connection.close()

"""Several processes that publish chunks at once.

Imports nothing of the service before each process has set it up.
"""

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from polars import DataFrame

MOST = 4


def publish_all(chunks: Sequence["DataFrame"]) -> Iterator[int]:
    """The rows of each chunk as it is done. Who stops this keeps every whole chunk."""
    processes = min(os.cpu_count() or 1, MOST)
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin)
    try:
        running: set[Future[int]] = set()
        for chunk in chunks:
            running.add(pool.submit(_publish, chunk))
            if len(running) > processes:  # one more than work at a time, so that nobody waits for the next
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
        yield from (one.result() for one in running)
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever began the filling ends it
    django.setup()


def _publish(chunk: "DataFrame") -> int:
    from contactpoint.jobs.bench.filling import publish_chunk

    return publish_chunk(chunk)

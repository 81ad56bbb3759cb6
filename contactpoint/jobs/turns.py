"""One after the other: work that two processes of one data folder must not do at the same time."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def our_turn(path: Path, *, say: Callable[[str], None], waiting: str) -> Iterator[None]:
    """Wait until nobody else holds the lock file, saying so once. A process lets go of it however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(waiting)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield

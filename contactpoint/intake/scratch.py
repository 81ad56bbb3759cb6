"""A private folder for children's values on their way in, wiped whatever happens (SHI-9).

Ctrl-C and errors wipe it at once; what a killed run left is wiped by the next one,
which sees from the lock that nobody works there any more.
"""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings

from contactpoint.errors import Conflict

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
LEAST_FREE = 20 << 20  # bytes: the database takes space for its log 16 MB at a time
SPACE_FACTOR = 6  # scratch and directory together need about so many times the file's size


class DiskFull(Conflict):
    """There is no room to work in; nothing was changed."""


@contextmanager
def private_folder() -> Iterator[Path]:
    """A new folder of mode 0700 in the data folder, gone when the block ends."""
    parent = Path(settings.DATA_DIR) / "scratch"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder, lock = _make_folder(parent)
    with lock:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _make_folder(parent: Path) -> tuple[Path, IO[str]]:
    """A new folder with its lock held; nobody wipes between the two, for that waits for the parent's lock."""
    one_at_a_time = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        _wipe_abandoned(parent)
        folder = Path(tempfile.mkdtemp(prefix="load-", dir=parent))
        lock = (folder / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    finally:
        os.close(one_at_a_time)
    return folder, lock


def insist_room(*, path: Path, folder: Path) -> None:
    """Raise DiskFull where the file plainly does not fit."""
    needed = path.stat().st_size * SPACE_FACTOR
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFull(
            f"About {needed // 2**20:,} MB are needed on the data folder's disk and {free // 2**20:,} MB are "
            "free. Nothing was loaded; make room, then run the same command again."
        )


def has_no_room() -> bool:
    """Whether hardly anything is free on the data folder's disk."""
    return shutil.disk_usage(settings.DATA_DIR).free < LEAST_FREE


def is_disk_full(error: Exception) -> bool:
    """Whether that is what it means; engines that write scratch files tell it in the kernel's words alone."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    is_engine = type(error).__module__.split(".")[0] in {"polars", "duckdb", "_duckdb"}
    return is_engine and any(os.strerror(number).lower() in str(error).lower() for number in _FULL)


def _wipe_abandoned(parent: Path) -> None:
    for folder in parent.glob("load-*"):
        try:
            with (folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue

"""A private folder for children's values on their way in, wiped whatever happens (SHI-9).

Ctrl-C and errors wipe it at once; what a killed run left is wiped by the next one,
which sees from the lock that nobody works there any more.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from contactpoint.errors import Conflict

SPACE_FACTOR = 6  # scratch and directory together need about so many times the file's size


class DiskFull(Conflict):
    """There is no room to work in; nothing was changed."""


@contextmanager
def private_folder() -> Iterator[Path]:
    """A new folder of mode 0700 in the data folder, gone when the block ends."""
    parent = Path(settings.DATA_DIR) / "scratch"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _wipe_abandoned(parent)
    folder = Path(tempfile.mkdtemp(prefix="load-", dir=parent))
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def insist_room(*, path: Path, folder: Path) -> None:
    """Raise DiskFull where the file plainly does not fit."""
    needed = path.stat().st_size * SPACE_FACTOR
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFull(
            f"About {needed // 2**20:,} MB are needed on the data folder's disk and {free // 2**20:,} MB are "
            "free. Nothing was loaded; make room, then run the same command again."
        )


def _wipe_abandoned(parent: Path) -> None:
    for folder in parent.glob("load-*"):
        try:
            with (folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue

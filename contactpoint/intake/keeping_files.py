"""Files that wait: uploaded, picked up from an inbox, or held at the gate.

In the data folder, readable by the service's own account alone, named by the load; gone when it has ended.
"""

import os
import shutil
from pathlib import Path

from django.conf import settings

from contactpoint.errors import NotFound


class NoFile(NotFound):
    """The file of this load is not kept."""


def kept_path(load_id: int) -> Path:
    return Path(settings.DATA_DIR) / "feeds" / str(load_id)


def rehearsed_path(rehearsal_id: int) -> Path:
    return Path(settings.DATA_DIR) / "feeds" / f"rehearsal-{rehearsal_id}"


def keep_file(*, path: Path, load_id: int) -> None:
    """Keep a copy; a half-written one never stands in its place."""
    copy_privately(path=path, kept=kept_path(load_id))


def copy_privately(*, path: Path, kept: Path) -> None:
    """Copy a file for the service's own account alone, once."""
    if kept.exists():
        return
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    with path.open("rb") as source, os.fdopen(_open_private(part), "wb") as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
        copy.flush()
        os.fsync(copy.fileno())
    part.replace(kept)


def drop_file(*, load_id: int) -> None:
    kept_path(load_id).unlink(missing_ok=True)


def get_kept(*, load_id: int) -> Path:
    """Raises NoFile."""
    kept = kept_path(load_id)
    if not kept.exists():
        raise NoFile("The file of this load is not kept any more. Ask the sender for it again.")
    return kept


def _open_private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)

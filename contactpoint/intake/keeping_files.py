"""Files that wait: uploaded, picked up from an inbox, or held at the gate.

In the data folder, readable by the service's own account alone, named by the load; gone when it has ended.
Sealed, because such a file still has what no profile maps, which may not be stored (REC-3):
it is opened in the private folder of the load that drops it.
"""

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet
from django.conf import settings

from contactpoint.audit.keys import open_key
from contactpoint.errors import NotFound
from contactpoint.intake.scratch import private_folder

BLOCK = 1 << 20
_LENGTH = struct.Struct(">I")


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
    key = _key()
    with path.open("rb") as source, os.fdopen(_open_private(part), "wb") as copy:
        while block := source.read(BLOCK):
            sealed = key.encrypt(block)
            copy.write(_LENGTH.pack(len(sealed)) + sealed)
        copy.flush()
        os.fsync(copy.fileno())
    part.replace(kept)


@contextmanager
def opened_file(kept: Path) -> Iterator[Path]:
    """The file as it was sent, in a private folder that goes with the block. Raises FileNotFoundError."""
    key = _key()
    with private_folder() as folder, kept.open("rb") as sealed:
        path = folder / "sent"
        with path.open("wb") as plain:
            while length := sealed.read(_LENGTH.size):
                plain.write(key.decrypt(sealed.read(_LENGTH.unpack(length)[0])))
        yield path


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


def _key() -> Fernet:
    return open_key(path=Path(settings.KEYS_DIR) / "feeds.key")

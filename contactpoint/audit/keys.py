"""Keys of the log's months: what users typed is sealed under them (AUD-8).

They lie in a folder outside what a database backup holds (RET-4).
Destroying a month's key makes what was typed in it unreadable for ever, backups included.
"""

import os
import threading
from contextlib import suppress
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from contactpoint.errors import NotFound

_making = threading.Lock()


class KeyDestroyed(NotFound):
    """The key of that month is gone, and with it what was typed."""


def seal(*, text: str, at: datetime) -> bytes:
    """Authenticated encryption under the key of the month of `at`; makes that key where it is the first."""
    return _fernet(_key_path(at)).encrypt_at_time(text.encode(), int(at.timestamp()))


def unseal(*, sealed: bytes, at: datetime) -> str:
    """The text again. Raises KeyDestroyed."""
    path = _key_path(at)
    if not path.exists():
        raise KeyDestroyed(f"What was typed in {at:%B %Y} can no longer be read: its key was destroyed.")
    try:
        return _fernet(path).decrypt(sealed).decode()
    except InvalidToken as error:
        raise KeyDestroyed(f"What was typed in {at:%B %Y} was sealed under another key.") from error


def destroy_key(*, month: date) -> None:
    """What was typed in that month can never be read again, by anybody, in any backup."""
    path = Path(settings.KEYS_DIR) / "log" / f"{month:%Y-%m}.key"
    _fernet.cache_clear()
    with suppress(FileNotFoundError), path.open("r+b") as file:  # another clock may destroy it at this moment
        file.write(os.urandom(os.fstat(file.fileno()).st_size))  # overwritten before its name goes
        file.flush()
        os.fsync(file.fileno())
        path.unlink(missing_ok=True)
        _sync_folder(path.parent)


def open_key(*, path: Path) -> Fernet:
    """The key in that file, made durably by whoever asks first."""
    return _fernet(path)


def _key_path(at: datetime) -> Path:
    return Path(settings.KEYS_DIR) / "log" / f"{at:%Y-%m}.key"


@lru_cache(maxsize=128)
def _fernet(path: Path) -> Fernet:
    with _making:
        if not path.exists():
            _make_key(path)
    return Fernet(path.read_bytes())


def _make_key(path: Path) -> None:
    """Durable before it is used: a key that a crash loses would take the log with it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(Fernet.generate_key())
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):  # two processes at once: the first wins, both use it
        os.link(part, path)
    part.unlink()
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)

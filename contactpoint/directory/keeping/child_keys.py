"""A key for each archived child: destroying it destroys the record in every backup too (RET-4).

The keys lie in one small SQLite file beside the other keys, each wrapped by the master key.
The master key comes from the environment (several with commas between: the first wraps, all unwrap),
else from a file that is made with the store.
Without the master key nothing is read and nothing new is made: a clear stop.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from contactpoint.audit.keys import open_key
from contactpoint.errors import Conflict, NotFound

_PROOF = b"contactpoint"
_NOT_WRITTEN = (
    "The store of keys of records could not be read or written. Nothing was changed. "
    "Make room where it lies, or mend its folder, and try again."
)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS child_key (child INTEGER PRIMARY KEY, wrapped BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, wrapped BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS proof (one INTEGER PRIMARY KEY CHECK (one = 1), sealed BLOB NOT NULL);
"""


class MasterKeyLost(Conflict):
    """The master key is missing, or is not the one that wrapped the keys."""


class KeysNotWritten(Conflict):
    """The disk did not take a key, or the store of keys cannot be read: nothing is sealed without one."""


class KeyDestroyed(NotFound):
    """There is no key of this child any more: what it sealed is gone."""


def ensure_keys(*, children: Iterable[int]) -> dict[int, Fernet]:
    """The key of each child, made durably where it is the first. Raises MasterKeyLost."""
    with _store() as (store, master):
        wanted = sorted(set(children))
        store.executemany(
            "INSERT OR IGNORE INTO child_key VALUES (?, ?)",
            ((child, master.encrypt(Fernet.generate_key())) for child in wanted),
        )
        return {child: _unwrap(store, master, child) for child in wanted}


def get_child_key(*, child: int) -> Fernet:
    """Raises KeyDestroyed, MasterKeyLost."""
    with _store() as (store, master):
        return _unwrap(store, master, child)


def destroy_keys(*, children: Iterable[int]) -> int:
    """Gives how many there were. What SQLite frees it overwrites."""
    with _store() as (store, _):
        gone = store.executemany("DELETE FROM child_key WHERE child = ?", ((each,) for each in children))
        return gone.rowcount


def ensure_secret(*, name: str) -> bytes:
    """A secret of the service that no database holds, made durably by whoever asks first.

    A Fernet key in its text form. Raises MasterKeyLost.
    """
    with _store() as (store, master):
        store.execute(
            "INSERT OR IGNORE INTO secret VALUES (?, ?)", (name, master.encrypt(Fernet.generate_key()))
        )
        (wrapped,) = store.execute("SELECT wrapped FROM secret WHERE name = ?", (name,)).fetchone()
        return master.decrypt(wrapped)


def get_secret(*, name: str) -> bytes:
    """Raises KeyDestroyed, MasterKeyLost."""
    with _store() as (store, master):
        found = store.execute("SELECT wrapped FROM secret WHERE name = ?", (name,)).fetchone()
        if found is None:
            raise KeyDestroyed("This key was destroyed, and with it what it sealed.")
        return master.decrypt(found[0])


def destroy_secrets(*, names: Iterable[str]) -> None:
    """What they sealed cannot be read again, in any backup either."""
    with _store() as (store, _):
        store.executemany("DELETE FROM secret WHERE name = ?", ((each,) for each in names))


def rewrap_keys() -> int:
    """Wrap every key anew under the first master key; gives how many. Afterwards the older ones may go."""
    with _store() as (store, master):
        held = store.execute("SELECT child, wrapped FROM child_key").fetchall()
        store.executemany(
            "UPDATE child_key SET wrapped = ? WHERE child = ?",
            ((master.rotate(wrapped), child) for child, wrapped in held),
        )
        secrets = store.execute("SELECT name, wrapped FROM secret").fetchall()
        store.executemany(
            "UPDATE secret SET wrapped = ? WHERE name = ?",
            ((master.rotate(wrapped), name) for name, wrapped in secrets),
        )
        store.execute("UPDATE proof SET sealed = ?", (master.encrypt(_PROOF),))
        return len(held)


def check_master_key() -> None:
    """Raises MasterKeyLost where there is a store that the master key does not open."""
    if _path().exists():
        with _store():
            pass


def _path() -> Path:
    return Path(settings.KEYS_DIR) / "children.sqlite"


@contextmanager
def _store() -> Iterator[tuple[sqlite3.Connection, MultiFernet]]:
    """One durable transaction on the store, with the master key that opens it."""
    path = _path()
    try:
        master = _master(is_new=not path.exists())
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        store = sqlite3.connect(path, timeout=60, isolation_level=None)
    except OSError as error:
        raise KeysNotWritten(_NOT_WRITTEN) from error
    try:
        store.execute("PRAGMA synchronous = FULL")
        store.execute("PRAGMA secure_delete = ON")
        store.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA.split(";"):
            store.execute(statement)
        _prove(store, master)
        yield store, master
        store.execute("COMMIT")
    except sqlite3.Error as error:
        raise KeysNotWritten(_NOT_WRITTEN) from error
    finally:
        store.close()


def _prove(store: sqlite3.Connection, master: MultiFernet) -> None:
    found = store.execute("SELECT sealed FROM proof").fetchone()
    if found is None:
        store.execute("INSERT INTO proof VALUES (1, ?)", (master.encrypt(_PROOF),))
        return
    try:
        master.decrypt(found[0])
    except InvalidToken as error:
        raise MasterKeyLost(
            "The master key is not the one that wrapped the keys of archived records. Nothing was changed. "
            "Set CONTACTPOINT_MASTER_KEY to the right one; without it these records cannot be read again."
        ) from error


def _master(*, is_new: bool) -> MultiFernet:
    try:
        if settings.MASTER_KEY:
            return MultiFernet([Fernet(key.strip()) for key in settings.MASTER_KEY.split(",")])
        return _read_master(is_new)
    except ValueError as error:
        raise MasterKeyLost(
            "What is set as the master key is no key at all. Nothing was changed. "
            "Set CONTACTPOINT_MASTER_KEY, or the file master.key, to the right one."
        ) from error


def _read_master(is_new: bool) -> MultiFernet:
    path = Path(settings.KEYS_DIR) / "master.key"
    if not is_new and not path.exists():
        raise MasterKeyLost(
            f"The master key {path.name} is missing from the folder of keys, and archived records need it. "
            "Nothing was changed. Put the file back, or set CONTACTPOINT_MASTER_KEY."
        )
    return MultiFernet([open_key(path=path)])


def _unwrap(store: sqlite3.Connection, master: MultiFernet, child: int) -> Fernet:
    found = store.execute("SELECT wrapped FROM child_key WHERE child = ?", (child,)).fetchone()
    if found is None:
        raise KeyDestroyed("The key of this record was destroyed, and with it what the record held.")
    return Fernet(master.decrypt(found[0]))

"""The ledger of shields, withdrawals and destructions: outside the database, and replayed over it (RET-4).

One line of JSON an entry, chained by digests, appended and synced before the change it announces commits.
The change itself notes the entry's number in the database: what the ledger has and the database has not
is what a restored database must still do before it serves anybody.
An entry whose change never committed is carried out by the next replay: each errs on the side of protection.
The lifting of a shield is therefore noted only after it has committed.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from contactpoint.errors import Conflict

_LOCK = 0x6C656467  # announced changes hold this shared until they commit; a replay holds it alone
_TAIL = 1 << 16


class Deed(StrEnum):
    """What can be in the ledger. Values are stored: add, never rename."""

    SHIELDED = "shielded"
    LIFTED = "lifted"
    WITHDRAWN = "withdrawn"
    DESTROYED = "destroyed"
    LOAD_WITHDRAWN = "load-withdrawn"  # facts: the load, its supplier, the digest of its file (SUP-5)
    SEALED = "sealed"  # a former identity (SHI-7); what its facts say is sealed, or a keyed digest


class LedgerNotWritten(Conflict):
    """The disk did not take the entry: what it announces is not done."""


class LedgerDamaged(Conflict):
    """A line is not what was written, or lines are missing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed: `children` by number as integers; `facts` are ids, dates and codes, never values."""

    number: int
    at: datetime
    deed: Deed
    children: tuple[int, ...]
    facts: Mapping[str, str | int | bool | None]


def announce(
    cursor: Any,
    *,
    deed: Deed,
    children: Sequence[int] = (),
    facts: Mapping[str, str | int | bool | None] | None = None,
    at: datetime,
) -> int:
    """Write the deed durably, and its number into the transaction of `cursor`, which does the deed."""
    cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])
    number = append(deed=deed, children=children, facts=facts or {}, at=at)
    note(cursor, numbers=[number])
    return number


def note_done(
    *,
    deed: Deed,
    children: Sequence[int],
    facts: Mapping[str, str | int | bool | None],
    at: datetime,
    using: str,
) -> None:
    """Write down what has been done and committed already: for what takes protection away."""
    with transaction.atomic(durable=True, using=using), connections[using].cursor() as cursor:
        announce(cursor, deed=deed, children=children, facts=facts, at=at)


def append(
    *, deed: Deed, children: Sequence[int], facts: Mapping[str, str | int | bool | None], at: datetime
) -> int:
    """Append one entry and sync it to the disk; gives its number. Raises LedgerNotWritten."""
    try:
        return _append(deed, children, facts, at)
    except OSError as error:
        raise LedgerNotWritten(
            "The ledger of shields, withdrawals and destructions could not be written "
            f"({error.strerror}). Nothing was changed. Make room where it lies, or mend its folder, "
            "and try again."
        ) from error


def _append(
    deed: Deed, children: Sequence[int], facts: Mapping[str, str | int | bool | None], at: datetime
) -> int:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        last, end = _last_line(file)
        number = 1 + (json.loads(last)["n"] if last else 0)
        said = {
            "n": number,
            "at": at.astimezone(UTC).isoformat(),
            "deed": deed.value,
            "children": list(children),
            "facts": dict(facts),
            "before": hashlib.sha256(last).hexdigest(),
        }
        file.seek(end)
        file.truncate()
        file.write(json.dumps(said, sort_keys=True).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return number


def note(cursor: Any, *, numbers: Sequence[int]) -> None:
    """These deeds are done in this database, once the transaction commits."""
    cursor.execute(
        "SELECT directory_note_deeds(%s::bigint[])",
        [list(numbers)],
    )


def hold_alone(cursor: Any) -> None:
    """Wait for every announced change to commit or fail, and let none begin until the transaction ends."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def find_undone(*, using: str = "match") -> list[Entry]:
    """Entries that this database has not done, in order. Raises LedgerDamaged."""
    entries = list(read_ledger())
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT number FROM hidden.ledger_note")
        done = {number for (number,) in cursor.fetchall()}
    if done and (not entries or max(done) > entries[-1].number):
        raise LedgerDamaged(
            "The database has done what the ledger does not hold: the ledger is older than the database, or "
            "was lost. Nothing was changed. Put the newest ledger back into its folder."
        )
    return [entry for entry in entries if entry.number not in done]


def is_behind(cursor: Any) -> bool:
    """Whether the ledger holds what this database has not done. Cheap: asked of every new connection."""
    path = _path()
    if not path.exists():
        return False
    with path.open("rb") as file:
        last, _ = _last_line(file)
    number = json.loads(last)["n"] if last else 0
    cursor.execute("SELECT directory_is_behind(%s)", [number])
    return bool(cursor.fetchone()[0])


def read_ledger() -> Iterator[Entry]:
    """Every entry in order, each proved to follow the one before. Raises LedgerDamaged."""
    path = _path()
    before = b""
    for number, whole in enumerate(path.open("rb") if path.exists() else (), start=1):
        if not whole.endswith(b"\n"):
            return  # a crash in the middle of writing: its change never began
        line = whole.rstrip(b"\n")
        try:
            said = json.loads(line)
            fits = said["n"] == number and said["before"] == hashlib.sha256(before).hexdigest()
        except (ValueError, KeyError):
            fits = False
        if not fits:
            raise LedgerDamaged(
                f"Line {number} of the ledger is not what was written. Restore it from its copy."
            )
        yield Entry(
            number=number,
            at=datetime.fromisoformat(said["at"]),
            deed=Deed(said["deed"]),
            children=tuple(said["children"]),
            facts=said["facts"],
        )
        before = line


def _path() -> Path:
    return Path(settings.LEDGER_DIR) / "ledger.jsonl"


def _last_line(file: Any) -> tuple[bytes, int]:
    """The last whole line without its end, and where it ends: what a crash left after it is written over."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - _TAIL)
    while True:
        file.seek(start)
        tail = file.read(size - start)
        end = tail.rfind(b"\n")
        begin = tail.rfind(b"\n", 0, max(end, 0))
        if end < 0 and start == 0:
            return b"", 0
        if begin >= 0 or start == 0:
            return tail[begin + 1 : end], start + end + 1
        start = max(0, start - 16 * _TAIL)

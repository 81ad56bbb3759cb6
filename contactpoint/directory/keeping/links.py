"""The one place that knows which fresh record a sealed identity became (SHI-7).

A link is found by a keyed digest of either number, and sealed under a key of its own outside the database.
Nothing else, neither table nor log, holds both numbers.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet

from contactpoint.directory.keeping.child_keys import destroy_secrets, ensure_secret, get_secret
from contactpoint.directory.keeping.marking import read_marker


@dataclass(frozen=True, slots=True)
class Link:
    """Both numbers as integers."""

    sealed: int
    fresh: int


def keep_link(cursor: Any, *, sealed: int, fresh: int) -> None:
    """Keep it, in place of an earlier one of the same sealed identity."""
    by_sealed, by_fresh = mark_child(sealed), mark_child(fresh)
    key = Fernet(ensure_secret(name=_name(by_sealed)))
    text = json.dumps({"sealed": sealed, "fresh": fresh}).encode()
    cursor.execute(
        "INSERT INTO hidden.identity_link (by_sealed, by_fresh, sealed) VALUES (%s, %s, %s)"
        " ON CONFLICT (by_sealed) DO UPDATE SET by_fresh = excluded.by_fresh, sealed = excluded.sealed",
        [by_sealed, by_fresh, key.encrypt(text)],
    )


def open_link(*, by_sealed: bytes, sealed: bytes) -> Link:
    """Raises KeyDestroyed, MasterKeyLost."""
    said = json.loads(Fernet(get_secret(name=_name(by_sealed))).decrypt(sealed))
    return Link(said["sealed"], said["fresh"])


def forget_links(cursor: Any, *, children: Sequence[int]) -> None:
    """Destroy the links of sealed identities that are destroyed, keys first."""
    cursor.execute("SELECT EXISTS (SELECT 1 FROM hidden.identity_link)")
    if not cursor.fetchone()[0]:
        return
    marks = [mark_child(child) for child in children]
    destroy_secrets(names=map(_name, marks))
    cursor.execute("DELETE FROM hidden.identity_link WHERE by_sealed = ANY(%s)", [marks])


def mark_child(child: int) -> bytes:
    """By which a link is found."""
    return read_marker().mark_number(kind="child", value=str(child))


def _name(by_sealed: bytes) -> str:
    return f"link-{by_sealed.hex()}"

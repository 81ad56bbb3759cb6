"""Which shielded children a row may be near, without reading them all (SHI-5).

Owns `hidden.near_key`: the wider keys of every shielded child, brought up to date before each look.
Triggers note in `hidden.near_stale`, in the transaction of the change, whose keys are to be made anew.
Runs as `match`; nothing from here leaves the matcher (SHI-9).
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections, transaction

from contactpoint.directory.copying import copy_lines
from contactpoint.directory.match_rows import match_row
from contactpoint.directory.search.keys import hash_key
from contactpoint.matching.candidates import wider_keys
from contactpoint.matching.rows import MatchRow

USING = "match"
BATCH = 5_000
_REFRESHING = 0x6E656172  # any fixed number: one at a time makes keys anew
_ROWS = """
SELECT held.child_id, held.content::text FROM (
    SELECT child_id, content FROM hidden.supplied_row
    UNION ALL SELECT child_id, content FROM directory_suppliedrow
) held JOIN hidden.shield s USING (child_id) WHERE held.child_id = ANY(%s)
"""


def find_near_shields(*, rows: Iterable[MatchRow]) -> list[int]:
    """The shielded children that share a wider key with one of these rows."""
    refresh_near_keys()
    keys = sorted({hash_key(key) for row in rows for key in wider_keys(row)})
    with connections[USING].cursor() as cursor:
        cursor.execute("SELECT DISTINCT child_id FROM hidden.near_key WHERE key = ANY(%s)", [keys])
        return [child for (child,) in cursor.fetchall()]


def refresh_near_keys() -> int:
    """Make anew what has changed; gives of how many children. Nearly always none."""
    done = 0
    with connections[USING].cursor() as cursor:
        while True:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM hidden.near_stale)")
            if not cursor.fetchone()[0]:
                return done
            with transaction.atomic(using=USING):
                done += _refresh_some(cursor)


def _refresh_some(cursor: Any) -> int:
    """What is noted goes first: a row that is changed after that is noted again by whoever changed it."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REFRESHING])
    cursor.execute(
        "DELETE FROM hidden.near_stale WHERE id IN (SELECT id FROM hidden.near_stale ORDER BY id LIMIT %s)"
        " RETURNING child_id",
        [BATCH],
    )
    children = sorted({child for (child,) in cursor.fetchall()})
    cursor.execute("DELETE FROM hidden.near_key WHERE child_id = ANY(%s)", [children])
    cursor.execute(_ROWS, [children])
    copy_lines(cursor, "hidden.near_key", "key, child_id", _lines(cursor.fetchall()))
    return len(children)


def _lines(rows: Sequence[tuple[int, str]]) -> Iterable[str]:
    found = {
        (hash_key(key), child)
        for child, content in rows
        for key in wider_keys(match_row(key="", content=json.loads(content)))
    }
    return (f"{key}\t{child}" for key, child in sorted(found))

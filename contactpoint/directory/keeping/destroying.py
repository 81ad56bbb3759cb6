"""Destruction, six years after archiving: tables, keys and, with the keys, backups (RET-2, RET-4).

The ledger says it first, then the keys go, then the rows; whatever stops in between is finished by the
next run or, in a restored database, by the replay.
The receipt is an event in the log with the children's numbers and a digest of what was destroyed.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connections, transaction

from contactpoint.access.policies import ENGLAND
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.keeping import ledger
from contactpoint.directory.keeping.archive import USING
from contactpoint.directory.keeping.child_keys import check_master_key, destroy_keys
from contactpoint.directory.keeping.links import forget_links
from contactpoint.directory.keeping.tables import ARCHIVE, read_child_tables
from contactpoint.directory.search.filing import lock_vocabulary, unfile_children
from contactpoint.progress import Progress, no_progress

CHUNK = 500


def destroy_due(*, by: Actor, at: datetime, progress: Progress = no_progress) -> int:
    """Destroy every archived record whose day has come; gives how many. Raises MasterKeyLost first of all."""
    check_master_key()
    on = at.astimezone(ENGLAND).date()
    with connections[USING].cursor() as cursor:
        cursor.execute(
            "SELECT child_id FROM hidden.archived_record WHERE destroy_on <= %(on)s UNION"
            " SELECT child_id FROM hidden.sealed_identity WHERE destroy_on <= %(on)s ORDER BY child_id",
            {"on": on},
        )
        due = [child for (child,) in cursor.fetchall()]
    for start in range(0, len(due), CHUNK):
        _destroy_chunk(due[start : start + CHUNK], by, at)
        progress("Records destroyed", min(start + CHUNK, len(due)), len(due))
    return len(due)


def destroy_children(cursor: Any, *, children: Sequence[int], by: Actor, at: datetime) -> None:
    """Take away all that the database holds of these children, wherever it stands; for the replay too.

    Keys first: should this transaction fail, what is left cannot be read.
    """
    wanted = list(children)
    destroy_keys(children=wanted)
    forget_links(cursor, children=wanted)
    cursor.execute("SELECT id FROM directory_child WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [wanted])
    held = [child for (child,) in cursor.fetchall()]
    cursor.execute(
        "SELECT child_id, sealed FROM hidden.archived_record WHERE child_id = ANY(%(held)s) UNION ALL"
        " SELECT child_id, sealed FROM hidden.sealed_identity"
        " WHERE child_id = ANY(%(held)s) AND sealed IS NOT NULL ORDER BY child_id",
        {"held": held},
    )
    digest = hashlib.sha256(b"".join(bytes(sealed) for _, sealed in cursor.fetchall())).hexdigest()
    tables = read_child_tables(cursor)
    lock_vocabulary(cursor, alone=True)
    unfile_children(cursor, held)
    for table in (*tables.derived, *reversed(tables.kept), *ARCHIVE):
        cursor.execute(f"DELETE FROM {table} WHERE child_id = ANY(%s)", [held])
    cursor.execute("DELETE FROM directory_child WHERE id = ANY(%s)", [held])
    if held:
        record_event(
            kind=EventKind.RECORDS_DESTROYED,
            actor=by,
            at=at,
            children=held,
            facts={"digest": digest},
            using=USING,
        )


def _destroy_chunk(children: list[int], by: Actor, at: datetime) -> None:
    with transaction.atomic(durable=True, using=USING), connections[USING].cursor() as cursor:
        ledger.announce(cursor, deed=ledger.Deed.DESTROYED, children=children, at=at)
        destroy_children(cursor, children=children, by=by, at=at)

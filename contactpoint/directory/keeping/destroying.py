"""Destruction, six years after archiving: tables, keys and, with the keys, backups (RET-2, RET-4).

The ledger says it first, then the keys go, then the rows; whatever stops in between is finished by the
next run or, in a restored database, by the replay.
The receipt is an event in the log with the children's numbers and a digest of what was destroyed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import connections, transaction

from contactpoint.access.policies import ENGLAND
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.codes.partial_date import PartialDate, eighteenth_birthday
from contactpoint.directory.keeping import ledger
from contactpoint.directory.keeping.archive import USING, unseal
from contactpoint.directory.keeping.child_keys import (
    KeyDestroyed,
    check_master_key,
    destroy_keys,
    get_child_key,
)
from contactpoint.directory.keeping.links import forget_links
from contactpoint.directory.keeping.marking import read_marker
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
        marks = _find_returning(cursor, children, at)
        facts = {"rows": marks} if marks else {}
        ledger.announce(cursor, deed=ledger.Deed.DESTROYED, children=children, facts=facts, at=at)
        refuse_rows(cursor, marks=marks)
        destroy_children(cursor, children=children, by=by, at=at)


def refuse_rows(cursor: Any, *, marks: str) -> None:
    """These very versions of rows are received and go no further, whatever file brings them again (RET-4).

    A new version may come: a child who had left England and is back (REC-9).
    """
    cursor.execute(
        "INSERT INTO hidden.destroyed_row (mark) SELECT decode(m, 'hex')"
        " FROM unnest(string_to_array(NULLIF(%s, ''), ',')) AS m ON CONFLICT DO NOTHING",
        [marks],
    )


def _find_returning(cursor: Any, children: list[int], at: datetime) -> str:
    """Marks of the rows that an old file would bring back: those of somebody who is under 18 still.

    All others are refused for their age (REC-10).
    """
    cursor.execute(
        "SELECT child_id, sealed FROM hidden.archived_record WHERE child_id = ANY(%s)"
        " AND leaving IN ('death', 'left-england', 'nothing-left')",
        [children],
    )
    on = at.astimezone(ENGLAND).date()
    marks: set[str] = set()
    for child, sealed in cursor.fetchall():
        with suppress(KeyDestroyed):  # a run that was stopped in between
            said = unseal(key=get_child_key(child=child), sealed=bytes(sealed))
            born = PartialDate.parse(said["child"]["birth_date"])
            if born is None or eighteenth_birthday(born) > on:
                marks |= mark_versions(said["tables"])
    return ",".join(sorted(marks))


def mark_versions(tables: Mapping[str, list[Mapping[str, Any]]]) -> set[str]:
    """Every version of every row that an archived record holds, as text."""
    marker = read_marker()
    rows = [
        (row["supplier_id"], row["reference"], row["digest"])
        for name in ("directory_suppliedrow", "hidden.supplied_row")
        for row in tables.get(name, ())
    ]
    rows += [
        (said["supplier"], said["reference"], said["digest"])
        for row in tables.get("hidden.row_effect", ())
        if (said := row.get("previous")) and "digest" in said and "supplier" in said
    ]
    return {
        marker.mark_row(
            supplier=supplier, reference=reference, digest=bytes.fromhex(digest.removeprefix("\\x"))
        ).hex()
        for supplier, reference, digest in rows
    }

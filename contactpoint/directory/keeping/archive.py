"""Moving records into the archive, and back where the reason was wrong (RET-1, RET-3, RET-5, REC-9).

An archived record is one text, sealed under a key of the child's own.
Of the child's open row its number stays, with nothing in it, so that the number is never given again (REC-4).
"""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from cryptography.fernet import Fernet
from django.db import connections, transaction

from contactpoint.access.policies import ENGLAND
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.copying import cell, copy_lines
from contactpoint.directory.keeping.child_keys import ensure_keys, get_child_key
from contactpoint.directory.keeping.marking import Marker, read_marker
from contactpoint.directory.keeping.policies import Held, Leaving, find_leaving, get_destruction
from contactpoint.directory.keeping.tables import ChildTables, read_child_tables
from contactpoint.directory.match_rows import blocking_hashes, match_row
from contactpoint.directory.publish.state import load_states, read_suppliers
from contactpoint.directory.search.filing import file_children, lock_vocabulary, unfile_children
from contactpoint.errors import NotFound
from contactpoint.progress import Progress, no_progress

USING = "match"
CHUNK = 200
WHOLE = len("2026-01-31")  # a partial date finds too many
REDIRECT = "directory_redirect"
_CHILD = (
    "given_names, family_name, birth_date, born, gender, town, outward, postcodes,"
    " searchable_from, live_until"
)
_DUE = """
SELECT c.id FROM directory_child c
WHERE c.live_until <= %s AND c.birth_date <> '' AND NOT EXISTS
    (SELECT 1 FROM hidden.archived_record a WHERE a.child_id = c.id) AND NOT EXISTS
    (SELECT 1 FROM hidden.sealed_identity i WHERE i.child_id = c.id)
"""
_EMPTY = """
UPDATE directory_child SET given_names = '', family_name = '', birth_date = '', born = date '0001-01-01',
    gender = 'U', town = '', outward = '', postcodes = '', searchable_from = NULL, shielded = false,
    authority = ''
WHERE id = ANY(%s)
"""
_RESTORE = f"""
UPDATE directory_child c SET ({_CHILD}, shielded, authority)
    = (SELECT {_CHILD}, shielded, authority FROM jsonb_populate_record(NULL::directory_child, %s))
WHERE c.id = %s
"""


class NotArchived(NotFound):
    """There is no such record in the archive."""


def archive_due(*, by: Actor, at: datetime, progress: Progress = no_progress) -> int:
    """Archive every record that is no longer live, some hundred at a time; gives how many.

    Safe to stop and to repeat.
    """
    on = at.astimezone(ENGLAND).date()
    with connections[USING].cursor() as cursor:
        cursor.execute(_DUE + "ORDER BY c.id", [on])
        due = [child for (child,) in cursor.fetchall()]
    for start in range(0, len(due), CHUNK):
        archive_children(children=due[start : start + CHUNK], by=by, at=at)
        progress("Records archived", min(start + CHUNK, len(due)), len(due))
    return len(due)


def archive_children(*, children: Sequence[int], by: Actor, at: datetime) -> None:
    """Archive these records in one transaction with its event; those that are live by now stay."""
    on = at.astimezone(ENGLAND).date()
    keys = ensure_keys(children=children)
    with transaction.atomic(durable=True, using=USING), connections[USING].cursor() as cursor:
        cursor.execute(_DUE + "AND c.id = ANY(%s) ORDER BY c.id FOR UPDATE", [on, list(children)])
        due = [child for (child,) in cursor.fetchall()]
        if not due:
            return
        lock_vocabulary(cursor, alone=True)
        tables = read_child_tables(cursor)
        held = read_records(cursor, tables, due)
        _write_archive(cursor, held, keys, on)
        take_away(cursor, tables, due)
        record_event(kind=EventKind.RECORDS_ARCHIVED, actor=by, at=at, children=due, using=USING)


def return_to_live(*, child: int, by: Actor, at: datetime) -> None:
    """Bring a record back whose reason for leaving was wrong, with all that it held, shield included.

    What shows, and until when, is computed anew from its rows.
    Raises NotArchived, KeyDestroyed, MasterKeyLost.
    """
    key = get_child_key(child=child)
    with transaction.atomic(durable=True, using=USING), connections[USING].cursor() as cursor:
        cursor.execute("DELETE FROM hidden.archived_record WHERE child_id = %s RETURNING sealed", [child])
        found = cursor.fetchone()
        if found is None:
            raise NotArchived("This record is not in the archive. Nothing was changed.")
        said = unseal(key=key, sealed=bytes(found[0]))
        for table in ("hidden.archived_reference", "hidden.archived_mark"):
            cursor.execute(f"DELETE FROM {table} WHERE child_id = %s", [child])
        lock_vocabulary(cursor, alone=True)
        cursor.execute(_RESTORE, [json.dumps(said["child"]), child])
        for table, rows in said["tables"].items():
            cursor.execute(
                f"INSERT INTO {table} OVERRIDING SYSTEM VALUE"
                f" SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s)",
                [json.dumps(rows)],
            )
        _file(cursor, child, at)
        record_event(kind=EventKind.RECORD_RETURNED, actor=by, at=at, children=[child], using=USING)


def unseal(*, key: Fernet, sealed: bytes) -> dict[str, Any]:
    """`{"child": {...}, "tables": {table: [row, ...]}}` as it was when it was archived."""
    return dict(json.loads(zlib.decompress(key.decrypt(sealed))))


def mark(*, supplier: str, reference: str) -> bytes:
    """By which a supplier's row about an archived child is known again, without keeping what it said."""
    return hashlib.sha256(f"{supplier}\x1f{reference}".encode()).digest()


def read_records(cursor: Any, tables: ChildTables, children: list[int]) -> dict[int, dict[str, Any]]:
    """All that is held of these children, as it is sealed; `authority` is whose they are."""
    cursor.execute(
        "SELECT c.id, to_jsonb(c)::text, coalesce(s.authority, c.authority) FROM directory_child c"
        " LEFT JOIN hidden.shield s ON s.child_id = c.id WHERE c.id = ANY(%s)",
        [children],
    )
    held: dict[int, dict[str, Any]] = {
        child: {"child": json.loads(text), "authority": authority, "tables": {}}
        for child, text, authority in cursor.fetchall()
    }
    for table in tables.kept:
        cursor.execute(
            f"SELECT t.child_id, to_jsonb(t)::text FROM {table} t WHERE t.child_id = ANY(%s)", [children]
        )
        for child, text in cursor.fetchall():
            held[child]["tables"].setdefault(table, []).append(json.loads(text))
    return held


def _write_archive(cursor: Any, held: dict[int, dict[str, Any]], keys: dict[int, Fernet], on: date) -> None:
    marker = read_marker()
    for child, said in held.items():
        rows = [
            row
            for table in ("directory_suppliedrow", "hidden.supplied_row")
            for row in said["tables"].get(table, ())
        ]
        leaving: Leaving = find_leaving(Held([row["content"] for row in rows], said["child"]["birth_date"]))
        text = json.dumps({"child": said["child"], "tables": said["tables"]}).encode()
        cursor.execute(
            "INSERT INTO hidden.archived_record"
            " (child_id, authority, leaving, archived_on, destroy_on, sealed, shielded)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [
                child,
                said["authority"],
                leaving.value,
                on,
                get_destruction(archived_on=on),
                keys[child].encrypt(zlib.compress(text)),
                said["child"]["shielded"],
            ],
        )
        copy_lines(
            cursor,
            "hidden.archived_reference",
            "mark, child_id",
            (
                f"{cell(mark(supplier=row['supplier_id'], reference=row['reference']))}\t{child}"
                for row in rows
            ),
        )
        copy_lines(
            cursor,
            "hidden.archived_mark",
            "mark, child_id",
            (f"{cell(each)}\t{child}" for each in _find_marks(marker, said, rows)),
        )


def _find_marks(marker: Marker, held: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> set[bytes]:
    """By which the record is found again: every name with its birth date, every number."""
    contents = [row["content"] for row in rows]
    numbers = [held["child"]["id"], *(row["number_id"] for row in held["tables"].get(REDIRECT, ()))]
    marks = {marker.mark_number(kind="child", value=str(number)) for number in numbers}
    for content in (held["child"], *contents):
        said = match_row(key="", content=content)
        for family in {said.family, said.former_family} - {""}:
            if said.given and len(said.birth_date) == WHOLE:
                marks.add(marker.mark_person(given=said.given, family=family, birth_date=said.birth_date))
    return marks | {
        marker.mark_number(kind=kind, value=content[kind])
        for content in contents
        for kind in ("nhs", "upn")
        if content.get(kind)
    }


def take_away(cursor: Any, tables: ChildTables, children: list[int]) -> None:
    """From every table but the archive's; of the open row its number stays (REC-4)."""
    unfile_children(cursor, children)
    cursor.execute(_EMPTY, [children])
    for table in (*tables.derived, *reversed(tables.kept)):
        cursor.execute(f"DELETE FROM {table} WHERE child_id = ANY(%s)", [children])


def _file(cursor: Any, child: int, at: datetime) -> None:
    """Search, numbers and blocking keys, from the rows that are back."""
    on = at.astimezone(ENGLAND).date()
    (state,) = load_states(cursor, children={child}, suppliers=read_suppliers(cursor), on=on).values()
    keys = {
        key
        for row in state.rows.values()
        for key in blocking_hashes(match_row(key="", content=row.held.content))
    }
    copy_lines(cursor, "hidden.blocking_key", "key, child_id", (f"{key}\t{child}" for key in sorted(keys)))
    after = state.before
    if after is None:
        return
    cursor.execute("UPDATE directory_child SET live_until = %s WHERE id = %s", [after.live_until, child])
    pairs = after.visible_pairs if state.shielded else after.pairs
    file_children(cursor, {child: pairs}, {child: after.born})
    if not state.shielded:
        lines = (f"{kind}\t{cell(value)}\t{child}" for kind, value in after.numbers)
        copy_lines(cursor, "directory_searchnumber", "kind, value, child_id", lines)

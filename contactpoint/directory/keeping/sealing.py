"""Sealing a former identity: the record leaves every table, for a text sealed under the child's key (SHI-7).

What knows it again are keyed digests and a sealed likeness, which `intake.sealed` alone compares with.
The fresh record and the link between the two are not made here (`casework.identity`).
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from cryptography.fernet import Fernet

from contactpoint.access.policies import ENGLAND
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.keeping import ledger
from contactpoint.directory.keeping.archive import USING, read_records, take_away
from contactpoint.directory.keeping.child_keys import ensure_keys, ensure_secret
from contactpoint.directory.keeping.marking import Marker, read_marker
from contactpoint.directory.keeping.policies import get_destruction
from contactpoint.directory.keeping.tables import read_child_tables
from contactpoint.directory.match_rows import match_row
from contactpoint.directory.search.filing import lock_vocabulary

LIKENESS = "likeness"  # the name of its key in the store of keys
_ROWS = ("directory_suppliedrow", "hidden.supplied_row")
_KEPT = ("nhs", "upn")
_WAITING = """
DELETE FROM hidden.waiting_row w
WHERE (w.candidates -> 'children') @> jsonb_build_array(jsonb_build_object('child', %s::bigint))
RETURNING w.supplier_id, w.reference, w.content::text, w.sensitive::text, encode(w.digest, 'hex'), w.load_id,
    w.supplied_at, w.candidates ->> 'marker', w.candidates ->> 'authority'
"""
_QUESTION = """
INSERT INTO hidden.sealed_question (child_id, mark, load_id, supplied_at, sealed) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (mark) DO UPDATE SET load_id = excluded.load_id, supplied_at = excluded.supplied_at,
    sealed = excluded.sealed
"""


def seal_record(cursor: Any, *, child: int, by: Actor, at: datetime) -> None:
    """Seal the record of a child to whom a new identity was given, in the caller's transaction."""
    cursor.execute("SELECT fresh FROM hidden.sealed_identity WHERE child_id = %s AND sealed IS NULL", [child])
    found = cursor.fetchone()
    cursor.execute("SELECT live_until FROM directory_child WHERE id = %s FOR UPDATE", [child])
    if found is None or cursor.fetchone() is None:
        return
    lock_vocabulary(cursor, alone=True)
    tables = read_child_tables(cursor)
    said = read_records(cursor, tables, [child])[child]
    key = ensure_keys(children=[child])[child]
    fresh = json.loads(key.decrypt(bytes(found[0])))
    contents, references = _gather(said["tables"])
    marker = read_marker()
    marks = [marker.mark_reference(supplier=supplier, reference=ref) for supplier, ref in references]
    marks += _mark_numbers(marker, contents, fresh)
    likeness = seal_likeness(contents)
    text = json.dumps({"child": said["child"], "tables": said["tables"]}).encode()
    facts: dict[str, str | int | bool | None] = {
        "fresh": bytes(found[0]).decode(),
        "likeness": likeness.decode(),
        "marks": ",".join(sorted({mark.hex() for mark in marks})),
    }
    cursor.execute("SELECT destroy_on, due_at FROM hidden.sealed_identity WHERE child_id = %s", [child])
    destroy_on, due_at = cursor.fetchone()
    facts |= {"destroy_on": destroy_on.isoformat(), "due_at": due_at.isoformat()}
    ledger.announce(cursor, deed=ledger.Deed.SEALED, children=[child], facts=facts, at=at)
    _write(cursor, child, key.encrypt(zlib.compress(text)), likeness, marks)
    _seal_questions(cursor, child, marker)
    take_away(cursor, tables, [child])
    record_event(kind=EventKind.RECORD_SEALED, actor=by, at=at, children=[child], using=USING)


def seal_again(cursor: Any, *, entry: ledger.Entry, by: Actor, at: datetime) -> None:
    """The same over a restored database, where the child may be open, or not be there at all (RET-4)."""
    (child,) = entry.children
    facts = entry.facts
    cursor.execute(
        "INSERT INTO directory_child (id, shielded, authority, given_names, family_name, birth_date, born,"
        " gender, town, outward, postcodes, live_until)"
        " VALUES (%s, false, '', '', '', '', date '0001-01-01', 'U', '', '', '', %s)"
        " ON CONFLICT (id) DO NOTHING",
        [child, at.astimezone(ENGLAND).date()],
    )
    cursor.execute(
        "INSERT INTO hidden.sealed_identity (child_id, given_at, destroy_on, due_at, fresh)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (child_id) DO NOTHING",
        [child, entry.at, facts["destroy_on"], facts["due_at"], str(facts["fresh"]).encode()],
    )
    tables = read_child_tables(cursor)
    lock_vocabulary(cursor, alone=True)
    said = read_records(cursor, tables, [child])[child]
    text = json.dumps({"child": said["child"], "tables": said["tables"]}).encode()
    sealed = ensure_keys(children=[child])[child].encrypt(zlib.compress(text))
    marks = [bytes.fromhex(each) for each in str(facts["marks"]).split(",") if each]
    _write(cursor, child, sealed, str(facts["likeness"]).encode(), marks)
    _seal_questions(cursor, child, read_marker())
    take_away(cursor, tables, [child])
    record_event(kind=EventKind.RECORD_SEALED, actor=by, at=at, children=[child], using=USING)


def find_destruction(*, live_until: date, on: date) -> date:
    """A sealed record is destroyed when it would have been, had it gone to the archive (RET-2)."""
    return get_destruction(archived_on=max(live_until, on))


def seal_likeness(contents: Iterable[Mapping[str, Any]]) -> bytes:
    """What matching compares of every way in which the child was written, sealed."""
    rows = {tuple(asdict(match_row(key="", content=content)).values()) for content in contents}
    text = json.dumps(sorted(rows)).encode()
    return Fernet(ensure_secret(name=LIKENESS)).encrypt(zlib.compress(text))


def unseal_likeness(*, sealed: bytes, key: Fernet) -> list[tuple[str, ...]]:
    """Values in the order of `matching.rows.FIELDS`."""
    return [tuple(row) for row in json.loads(zlib.decompress(key.decrypt(sealed)))]


def likeness_key() -> Fernet:
    """Raises MasterKeyLost."""
    return Fernet(ensure_secret(name=LIKENESS))


def keep_question(
    cursor: Any, *, child: int, marker: Marker, row: Mapping[str, Any], supplied_at: datetime
) -> None:
    """A row that only the custodian may decide on, sealed (SHI-7)."""
    mark = marker.mark_reference(supplier=row["supplier"], reference=row["reference"])
    sealed = likeness_key().encrypt(json.dumps(row).encode())
    cursor.execute(_QUESTION, [child, mark, row["load"], supplied_at, sealed])


def keep_arrival(cursor: Any, *, child: int, marker: Marker, row: Mapping[str, Any]) -> None:
    """A later row of the former identity joins the sealed side: under the child's key, and never shown."""
    key = ensure_keys(children=[child])[child]
    digest = bytes.fromhex(row["digest"])
    mark = marker.mark_row(supplier=row["supplier"], reference=row["reference"], digest=digest)
    cursor.execute(
        "INSERT INTO hidden.sealed_arrival (child_id, mark, load_id, sealed) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (mark) DO NOTHING",
        [child, mark, row["load"], key.encrypt(zlib.compress(json.dumps(row).encode()))],
    )
    reference = marker.mark_reference(supplier=row["supplier"], reference=row["reference"])
    cursor.execute(
        "INSERT INTO hidden.sealed_mark (mark, child_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        [reference, child],
    )


def _gather(
    tables: Mapping[str, list[Mapping[str, Any]]],
) -> tuple[list[Mapping[str, Any]], set[tuple[str, str]]]:
    """What rows say and said of the child, and by which references."""
    rows = [row for name in _ROWS for row in tables.get(name, ())]
    earlier = [row["previous"] for row in tables.get("hidden.row_effect", ()) if row.get("previous")]
    earlier = [row for row in earlier if "content" in row and "reference" in row]
    contents = [row["content"] for row in (*rows, *earlier)]
    references = {(row["supplier_id"], row["reference"]) for row in rows}
    references |= {(row["supplier"], row["reference"]) for row in earlier if "supplier" in row}
    return contents, references


def _mark_numbers(
    marker: Marker, contents: Iterable[Mapping[str, Any]], fresh: Mapping[str, Any]
) -> list[bytes]:
    """Numbers that lead to the sealed record and to nobody else; one that the child keeps is left out."""
    return [
        marker.mark_number(kind=kind, value=content[kind])
        for content in contents
        for kind in _KEPT
        if content.get(kind) and content[kind] != fresh["values"].get(kind)
    ]


def _write(cursor: Any, child: int, sealed: bytes, likeness: bytes, marks: Iterable[bytes]) -> None:
    cursor.execute(
        "UPDATE hidden.sealed_identity SET sealed = %s, likeness = %s WHERE child_id = %s",
        [sealed, likeness, child],
    )
    cursor.execute(
        "INSERT INTO hidden.sealed_mark (mark, child_id) SELECT unnest(%s::bytea[]), %s"
        " ON CONFLICT DO NOTHING",
        [list(marks), child],
    )


def _seal_questions(cursor: Any, child: int, marker: Marker) -> None:
    """Rows that wait near the former identity are nobody's question but the custodian's."""
    cursor.execute(_WAITING, [child])
    for (
        supplier,
        reference,
        content,
        sensitive,
        digest,
        load,
        supplied_at,
        restricted,
        authority,
    ) in cursor.fetchall():
        row = {
            "supplier": supplier, "reference": reference, "content": content, "sensitive": sensitive or "",
            "digest": digest, "load": load, "marker": restricted or "", "authority": authority or "",
        }  # fmt: skip
        keep_question(cursor, child=child, marker=marker, row=row, supplied_at=supplied_at)

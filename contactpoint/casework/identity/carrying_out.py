"""The worker's part in new identities: seals, starts fresh records, carries out what was decided (SHI-7).

Each step is one transaction; stopped anywhere, the next run goes on. Nothing here logs both records.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connections, transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.casework.identity.records import RowVerdict
from contactpoint.directory.keeping.child_keys import get_child_key
from contactpoint.directory.keeping.links import keep_link
from contactpoint.directory.keeping.marking import Marker, read_marker
from contactpoint.directory.keeping.sealing import (
    keep_arrival,
    likeness_key,
    seal_record,
    unseal_likeness,
)
from contactpoint.intake.deciding_again import match_again
from contactpoint.intake.entries import PRACTITIONERS, make_row, take_row
from contactpoint.intake.locks import directory_to_ourselves
from contactpoint.intake.scratch import private_folder
from contactpoint.matching.rows import FIELDS
from contactpoint.matching.standardise import standardise
from contactpoint.progress import no_progress

USING = "match"
_UNSEALED = "SELECT child_id FROM hidden.sealed_identity WHERE sealed IS NULL ORDER BY given_at"
_DUE = """
SELECT child_id, fresh FROM hidden.sealed_identity
WHERE sealed IS NOT NULL AND due_at <= %s ORDER BY due_at
"""
_STARTED = """
SELECT child_id FROM directory_suppliedrow WHERE supplier_id = %(supplier)s AND reference = %(reference)s
UNION ALL SELECT child_id FROM hidden.supplied_row
WHERE supplier_id = %(supplier)s AND reference = %(reference)s
"""
_DECIDED = """
SELECT q.id, q.child_id, q.sealed, q.decision, q.decided_by, q.supplied_at, i.likeness
FROM hidden.sealed_question q JOIN hidden.sealed_identity i ON i.child_id = q.child_id
WHERE q.decision IS NOT NULL ORDER BY q.id
"""
_WAIT = """
INSERT INTO hidden.waiting_row
    (supplier_id, reference, content, sensitive, digest, load_id, supplied_at, why, candidates)
VALUES (%s, %s, %s, %s, %s, %s, %s, 'doubtful', %s)
ON CONFLICT (supplier_id, reference) DO UPDATE SET content = excluded.content, digest = excluded.digest
RETURNING id
"""


def tend(*, by: Actor, at: datetime) -> None:
    """Do all that is due."""
    with directory_to_ourselves(progress=no_progress):
        for (child,) in _ask(_UNSEALED):
            with transaction.atomic(durable=True, using=USING), connections[USING].cursor() as cursor:
                seal_record(cursor, child=child, by=by, at=at)
    for child, fresh in _ask(_DUE, at):
        _start(child, json.loads(get_child_key(child=child).decrypt(bytes(fresh))), by, at)
    for question in _ask(_DECIDED):
        _carry_out(question, by, at)


def _start(child: int, fresh: Mapping[str, Any], by: Actor, at: datetime) -> None:
    """As a row that a person entered: nothing about the fresh record tells that it is one."""
    number = fresh["number"]
    row = make_row(
        number=number,
        content=fresh["values"],
        authority=fresh["authority"],
        marker="R" if fresh["shield"] else "",
    )
    take_row(number=number, row=row, by=by, at=at, apart_from=child)
    with transaction.atomic(durable=True, using=USING), connections[USING].cursor() as cursor:
        cursor.execute(_STARTED, {"supplier": PRACTITIONERS.supplier, "reference": f"entry-{number}"})
        found = cursor.fetchone()
        if found is None:
            return  # it waits for a person, like any row; the link is kept when it has a record
        keep_link(cursor, sealed=child, fresh=found[0])
        cursor.execute(
            "UPDATE hidden.sealed_identity SET fresh = NULL, due_at = NULL WHERE child_id = %s", [child]
        )


def _carry_out(question: tuple[Any, ...], by: Actor, at: datetime) -> None:
    number, child, sealed, decision, decided_by, supplied_at, likeness = question
    key = likeness_key()
    row = json.loads(key.decrypt(bytes(sealed)))
    marker = read_marker()
    with (
        private_folder() as folder,
        directory_to_ourselves(progress=no_progress),
        transaction.atomic(durable=True, using=USING),
        connections[USING].cursor() as cursor,
    ):
        cursor.execute("DELETE FROM hidden.sealed_question WHERE id = %s", [number])
        if cursor.rowcount and decision == RowVerdict.FORMER:
            keep_arrival(cursor, child=child, marker=marker, row=row)
        elif cursor.rowcount:
            if decision == RowVerdict.CLEANED:
                known = unseal_likeness(sealed=bytes(likeness), key=key)
                row["content"] = clean_content(row["content"], known, marker, _marks(cursor, child))
            _publish(cursor, row, decided_by, supplied_at, folder, at)
        record_event(
            kind=EventKind.HELD_ROW_CLEARED,
            actor=by,
            at=at,
            facts={"sealed_row": number},
            using=USING,
        )


def clean_content(text: str, likeness: list[tuple[str, ...]], marker: Marker, marks: set[bytes]) -> str:
    """The row's content without numbers and former names that lead to the former identity."""
    content = json.loads(text)
    families = {dict(zip(FIELDS, row, strict=True))["family"] for row in likeness}
    for kind in ("nhs", "upn"):
        if content.get(kind) and marker.mark_number(kind=kind, value=content[kind]) in marks:
            del content[kind]
    kept = [each for each in content.get("former_names", ()) if _fold(each) not in families]
    content.pop("former_names", None)
    if kept:
        content["former_names"] = kept
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _fold(name: Mapping[str, str]) -> str:
    return standardise(key="", given_names="", family_name=name.get("family_name", "")).family


def _publish(
    cursor: Any, row: Mapping[str, Any], decided_by: int, supplied_at: datetime, folder: Path, at: datetime
) -> None:
    """By the way of every row that waits: it joins its record, makes one, or goes on waiting."""
    said = {"children": [], "marker": row["marker"], "authority": row["authority"]}
    cursor.execute(
        _WAIT,
        [
            row["supplier"], row["reference"], row["content"], row["sensitive"] or None,
            bytes.fromhex(row["digest"]), row["load"], supplied_at, json.dumps(said),
        ],
    )  # fmt: skip
    (waiting,) = cursor.fetchone()
    match_again(cursor=cursor, row=waiting, decided_by=decided_by, folder=folder, at=at)


def _marks(cursor: Any, child: int) -> set[bytes]:
    cursor.execute("SELECT mark FROM hidden.sealed_mark WHERE child_id = %s", [child])
    return {bytes(mark) for (mark,) in cursor.fetchall()}


def _ask(query: str, *given: Any) -> list[tuple[Any, ...]]:
    with connections[USING].cursor() as cursor:
        cursor.execute(query, list(given))
        return list(cursor.fetchall())

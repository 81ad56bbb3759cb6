"""Carries out joinings and partings, as the role `match`, which sees both sides (REC-4, SHI-5, SUP-8).

Each is one transaction with its event. Doing it again changes nothing.
What can no longer be done, because the records have changed since, is declined, and nothing is changed.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import connections, transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.match_rows import match_row
from contactpoint.directory.publish import new_child_ids
from contactpoint.directory.publish.entries import Entries
from contactpoint.directory.publish.moving import CannotMove, join_children, part_children
from contactpoint.directory.publish.state import NoSuchChild, RowKey
from contactpoint.intake.locks import directory_to_ourselves
from contactpoint.matching.model import Model
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.score import score_one
from contactpoint.progress import no_progress

USING = "match"
_CHANGE = """
SELECT kind, child_id, other, authority, moved::text, stayed::text, entries::text, undoes, proposed_by
FROM hidden.record_change WHERE id = %s AND done_at IS NULL AND declined_at IS NULL AND given @> needs
FOR UPDATE
"""
_ROWS = """
SELECT supplier_id, reference, content::text FROM directory_suppliedrow WHERE child_id = %s
UNION ALL SELECT supplier_id, reference, content::text FROM hidden.supplied_row WHERE child_id = %s
"""
# Where an open row goes may not depend on what a sensitive service says (SEN-3).
_SENSITIVE = """
SELECT r.supplier_id, r.reference
FROM hidden.supplied_row r JOIN directory_supplier p ON p.code = r.supplier_id
WHERE r.child_id = %s
  AND (p.sensitive OR EXISTS (SELECT 1 FROM hidden.sensitive_involvement s WHERE s.row_id = r.id))
"""
# A joining is the later word: what kept these rows from this child before holds no longer.
_OVERRULE = """
UPDATE hidden.match_decision d SET undone_by = %(by)s, undone_at = %(at)s
WHERE d.verdict = 'different' AND d.undone_at IS NULL AND directory_survivor(d.child_id) = %(child)s
  AND EXISTS (SELECT 1 FROM jsonb_array_elements(%(keys)s::jsonb) k
      WHERE k ->> 0 = d.supplier_id AND k ->> 1 = d.reference)
"""
# Hidden rows are kept apart too: the visible counter of decisions must not tell how many there are (SEN-3).
_KEEP_APART = """
INSERT INTO hidden.match_decision
    (id, row_id, supplier_id, reference, child_id, verdict, candidates, authority, decided_by, decided_at,
     done_at)
OVERRIDING SYSTEM VALUE
SELECT -nextval('directory_supplied_row_id'), 0, k ->> 0, k ->> 1, %(child)s, 'different',
    '{"children": []}', '', %(by)s, %(at)s, %(at)s
FROM jsonb_array_elements(%(keys)s::jsonb) k
ON CONFLICT (supplier_id, reference, child_id) WHERE undone_at IS NULL
    DO UPDATE SET verdict = 'different', decided_by = excluded.decided_by, decided_at = excluded.decided_at
"""


def carry_out_change(*, change: int, by: Actor, at: datetime) -> None:
    """Join or part the records that this change is about."""
    with (
        directory_to_ourselves(progress=no_progress),
        transaction.atomic(durable=True, using=USING),
        connections[USING].cursor() as cursor,
    ):
        cursor.execute(_CHANGE, [change])
        found = cursor.fetchone()
        if found is None:
            return
        try:
            with transaction.atomic(using=USING):
                children = _do(cursor, change, found, at)
        except (CannotMove, NoSuchChild):
            cursor.execute(
                "UPDATE hidden.record_change SET declined_by = proposed_by, declined_at = %s WHERE id = %s",
                [at, change],
            )
            children = []
        kind = EventKind.RECORDS_JOINED if found[0] == "join" else EventKind.RECORD_PARTED
        facts: dict[str, str | int] = {"change": change}
        record_event(
            kind=kind, actor=by, at=at, children=children, facts=facts, refused=not children, using=USING
        )


def _do(cursor: Any, change: int, found: tuple[Any, ...], at: datetime) -> list[int]:
    kind, survivor, other, authority, moved, stayed, entries, undoes, decided_by = found
    if kind == "join":
        other = _join(cursor, change, survivor, other, decided_by, at)
    else:
        keys = [(supplier, reference) for supplier, reference in json.loads(moved)]
        if undoes is not None:
            keys += _share_out(cursor, survivor, keys, [tuple(key) for key in json.loads(stayed)])
        other = _part(cursor, change, (survivor, other, authority), keys, _entries(entries), decided_by, at)
    if undoes is not None:
        cursor.execute("UPDATE hidden.record_change SET undone_at = %s WHERE id = %s", [at, undoes])
    return [survivor, other]


def _join(cursor: Any, change: int, survivor: int, other: int, decided_by: int, at: datetime) -> int:
    cursor.execute(_ROWS, [survivor, survivor])
    stayed = [(supplier, reference) for supplier, reference, _ in cursor.fetchall()]
    keys, entries = join_children(cursor=cursor, survivor=survivor, other=other, decided_by=decided_by, at=at)
    for some in (keys, stayed):
        cursor.execute(_OVERRULE, {"by": decided_by, "at": at, "child": survivor, "keys": json.dumps(some)})
    cursor.execute(
        "UPDATE hidden.record_change SET done_at = %s, moved = %s, stayed = %s, entries = %s WHERE id = %s",
        [at, json.dumps(keys), json.dumps(stayed), json.dumps(asdict(entries)), change],
    )
    return other


def _part(
    cursor: Any,
    change: int,
    whom: tuple[int, int | None, str],
    keys: list[RowKey],
    entries: Entries,
    decided_by: int,
    at: datetime,
) -> int:
    survivor, known, authority = whom
    other = known if known is not None else new_child_ids(cursor=cursor, count=1)[0]
    part_children(
        cursor=cursor,
        survivor=survivor,
        other=other,
        is_new=known is None,
        authority=authority,
        keys=keys,
        entries=entries,
        decided_by=decided_by,
        at=at,
    )
    for side, child in ((survivor, other), (other, survivor)):
        cursor.execute(_ROWS, [side, side])
        own = [(supplier, reference) for supplier, reference, _ in cursor.fetchall()]
        cursor.execute(_KEEP_APART, {"child": child, "by": decided_by, "at": at, "keys": json.dumps(own)})
    cursor.execute(
        "UPDATE hidden.record_change SET done_at = %s, other = %s WHERE id = %s", [at, other, change]
    )
    return other


def _share_out(cursor: Any, survivor: int, moved: list[RowKey], stayed: list[Any]) -> list[RowKey]:
    """Rows that came since the joining and fit what is parted better than what stays."""
    cursor.execute(_ROWS, [survivor, survivor])
    rows = {
        (supplier, reference): match_row(key="", content=json.loads(content))
        for supplier, reference, content in cursor.fetchall()
    }
    cursor.execute(_SENSITIVE, [survivor])
    known = rows.keys() - {(supplier, reference) for supplier, reference in cursor.fetchall()}
    there = [rows[key] for key in moved if key in known]
    here = [rows[key] for key in stayed if key in known]
    since = rows.keys() - set(moved) - set(stayed)
    return [key for key in sorted(since) if _fit(rows[key], there) > _fit(rows[key], here)]


def _fit(row: MatchRow, others: list[MatchRow]) -> float:
    return max((score.weight for score in score_one(Model.load(), row, others)), default=float("-inf"))


def _entries(text: str) -> Entries:
    said = json.loads(text)
    return Entries(
        involvements=tuple(said.get("involvements", ())),
        assessments=tuple(said.get("assessments", ())),
        sensitive=tuple(said.get("sensitive", ())),
        aside=said.get("aside", {}),
    )

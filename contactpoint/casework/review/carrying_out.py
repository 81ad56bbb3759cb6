"""Carries data managers' decisions out, as the role `match`, which sees both sides (SUP-8, SHI-5).

Each is one transaction with its event. Doing it again changes nothing.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connections, transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.intake.deciding_again import ask_again, match_again, publish_same
from contactpoint.intake.locks import directory_to_ourselves
from contactpoint.intake.scratch import private_folder
from contactpoint.progress import no_progress

USING = "match"
_DECISION = """
SELECT row_id, supplier_id, reference, child_id, verdict, candidates::text, decided_by,
       done_at IS NOT NULL, undone_at IS NOT NULL
FROM hidden.match_decision WHERE id = %s FOR UPDATE
"""
# The question without the children that other decisions still exclude.
_STILL_ASKED = """
SELECT jsonb_set(m.candidates, '{children}', coalesce((
    SELECT jsonb_agg(c) FROM jsonb_array_elements(m.candidates -> 'children') c
    WHERE NOT EXISTS (SELECT 1 FROM hidden.match_decision d
        WHERE (d.supplier_id, d.reference) = (m.supplier_id, m.reference) AND d.undone_at IS NULL
          AND d.verdict = 'different' AND d.child_id = (c ->> 'child')::bigint)), '[]'))::text
FROM hidden.match_decision m WHERE m.id = %s
"""
# What could not be done is not remembered: the row was held near a shield meanwhile (SHI-5).
_VOID = """
UPDATE hidden.match_decision SET undone_by = decided_by, undone_at = %s
WHERE id = %s AND verdict = 'same' AND EXISTS (SELECT 1 FROM hidden.waiting_row w WHERE w.id = row_id)
"""


def carry_out_match(*, decision: int, by: Actor, at: datetime) -> None:
    """Publish the row that this decision is about, or take back what it brought about."""
    with (
        directory_to_ourselves(progress=no_progress),
        private_folder() as folder,
        transaction.atomic(durable=True, using=USING),
        connections[USING].cursor() as cursor,
    ):
        cursor.execute(_DECISION, [decision])
        found = cursor.fetchone()
        if found is None:
            return
        is_done, is_undone = found[-2:]
        if is_done:
            return
        if is_undone:
            _take_back(cursor, decision, found, by, at)
        else:
            _carry_out(cursor, decision, found, folder, by, at)
        cursor.execute("UPDATE hidden.match_decision SET done_at = %s WHERE id = %s", [at, decision])


def _carry_out(
    cursor: Any, decision: int, found: tuple[Any, ...], folder: Path, by: Actor, at: datetime
) -> None:
    row, _, _, child, verdict, _, officer, _, _ = found
    if verdict == "same":
        published = publish_same(cursor=cursor, row=row, child=child, decided_by=officer, at=at)
        if published is None:
            cursor.execute(_VOID, [at, decision])
    else:
        published = match_again(cursor=cursor, row=row, decided_by=officer, folder=folder, at=at)
    _log(EventKind.MATCH_CARRIED_OUT, [published] if published else [], decision, by, at)


def _take_back(cursor: Any, decision: int, found: tuple[Any, ...], by: Actor, at: datetime) -> None:
    _, supplier, reference, _, _, _, _, _, _ = found
    cursor.execute(_STILL_ASKED, [decision])
    candidates = json.loads(cursor.fetchone()[0])
    candidates["children"].sort(key=lambda each: -each.get("weight", 0.0))
    lost = ask_again(cursor=cursor, supplier=supplier, reference=reference, candidates=candidates, at=at)
    _log(EventKind.MATCH_TAKEN_BACK, [lost] if lost else [], decision, by, at)


def _log(kind: EventKind, children: list[int], decision: int, by: Actor, at: datetime) -> None:
    facts: dict[str, str | int] = {"decision": decision}
    record_event(kind=kind, actor=by, at=at, children=children, facts=facts, using=USING)

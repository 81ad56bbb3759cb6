"""Carries officers' decisions out, as the role `match`, which sees both sides (SHI-5, SHI-9).

Each is one transaction with its event. Doing it again changes nothing.
A lifting that an urgent request stopped in the meantime is void and does nothing.
"""

from datetime import datetime
from typing import Any

from django.db import connections, transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.keeping import ledger
from contactpoint.directory.publish.lifting import unshield_child
from contactpoint.intake.clearing import clear_row
from contactpoint.intake.locks import directory_to_ourselves
from contactpoint.progress import no_progress

USING = "match"
_CHILD = """
SELECT 1 FROM directory_child
WHERE id = (SELECT child_id FROM hidden.shield_decision WHERE id = %s) FOR UPDATE
"""
_DECISION = """
SELECT kind, child_id, row_id, decided_by FROM hidden.shield_decision
WHERE id = %s AND done_at IS NULL AND NOT void FOR UPDATE
"""
# Rows that nobody near is shielded for any more are ordinary questions again.
_RELEASE = """
UPDATE hidden.waiting_row w SET why = 'doubtful'
WHERE w.why = 'near-shield'
  AND (w.candidates -> 'children') @> jsonb_build_array(jsonb_build_object('child', %s::bigint))
  AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(w.candidates -> 'children') c
      JOIN hidden.shield s ON s.child_id = (c ->> 'child')::bigint)
"""


def carry_out(*, decision: int, by: Actor, at: datetime) -> None:
    """Lift the shield, or publish the row, that this decision is about."""
    with (
        directory_to_ourselves(progress=no_progress),
        transaction.atomic(durable=True, using=USING),
        connections[USING].cursor() as cursor,
    ):
        # The child's row first, as everybody locks it before anything of its case.
        cursor.execute(_CHILD, [decision])
        cursor.execute(_DECISION, [decision])
        found = cursor.fetchone()
        if found is None:
            return
        is_lifted = _do(cursor, decision, found, by, at)
        cursor.execute("UPDATE hidden.shield_decision SET done_at = %s WHERE id = %s", [at, decision])
    if is_lifted:
        _, child, _, officer = found
        facts = {"decided_by": officer}
        ledger.note_done(deed=ledger.Deed.LIFTED, children=[child], facts=facts, at=at, using=USING)


def _do(cursor: Any, decision: int, found: tuple[Any, ...], by: Actor, at: datetime) -> bool:
    """Whether a shield was lifted."""
    kind, child, row, officer = found
    if kind == "lift":
        is_lifted = unshield_child(cursor=cursor, child=child, decided_by=officer, at=at)
        if is_lifted:
            cursor.execute(_RELEASE, [child])
            _log(EventKind.SHIELD_LIFTED, [child], decision, by, at)
        return is_lifted
    belongs_to = child if kind == "belongs" else None
    published = clear_row(cursor=cursor, row=row, child=belongs_to, decided_by=officer, at=at)
    _log(EventKind.HELD_ROW_CLEARED, [published] if published else [], decision, by, at)
    return False


def _log(kind: EventKind, children: list[int], decision: int, by: Actor, at: datetime) -> None:
    facts: dict[str, str | int] = {"decision": decision}
    record_event(kind=kind, actor=by, at=at, children=children, facts=facts, using=USING)

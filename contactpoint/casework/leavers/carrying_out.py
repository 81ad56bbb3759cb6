"""The worker's part: what is in force becomes a row of the authority's own; taken back, the row goes (REC-5).

Each is one transaction with its event. Doing it again changes nothing.
"""

import hashlib
import json
from datetime import date, datetime
from typing import Any

from django.db import connections, transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.casework.leavers.records import Kind
from contactpoint.directory.models import Supplier
from contactpoint.directory.publish import PublishedRow, publish_rows, remove_rows
from contactpoint.directory.values import SuppliedValues, to_json
from contactpoint.intake.locks import directory_to_ourselves
from contactpoint.progress import no_progress

USING = "match"
SUPPLIER = "authority_team"
_UNDONE = """
SELECT id FROM hidden.ending WHERE published <> (in_force_at IS NOT NULL AND ended_at IS NULL) ORDER BY id
"""
_ONE = """
SELECT e.child_id, e.kind, e.happened_on, e.intent, e.ended_at IS NULL, e.confirmed_by,
       coalesce(s.authority, c.authority)
FROM hidden.ending e JOIN directory_child c ON c.id = e.child_id
    LEFT JOIN hidden.shield s ON s.child_id = c.id
WHERE e.id = %s AND e.published <> (e.in_force_at IS NOT NULL AND e.ended_at IS NULL) FOR UPDATE OF c, e
"""


def publish_endings(*, by: Actor, at: datetime) -> int:
    """Bring every record up to what was stated of it; gives how many changed."""
    with connections[USING].cursor() as cursor:
        cursor.execute(_UNDONE)
        undone = [number for (number,) in cursor.fetchall()]
    for number in undone:
        with (
            directory_to_ourselves(progress=no_progress),
            transaction.atomic(durable=True, using=USING),
            connections[USING].cursor() as cursor,
        ):
            _publish(cursor, number, by, at)
    return len(undone)


def _publish(cursor: Any, number: int, by: Actor, at: datetime) -> None:
    cursor.execute(_ONE, [number])
    found = cursor.fetchone()
    if found is None:
        return
    child, kind, on, intent, is_in_force, decided_by, authority = found
    if is_in_force:
        _enter_supplier()
        row = _row(number, child, _content(Kind(kind), on, intent), authority, decided_by, at)
        publish_rows(cursor=cursor, rows=[row], at=at)
    else:
        remove_rows(cursor=cursor, keys=[(SUPPLIER, f"ending-{number}")], load_id=0, at=at)
    cursor.execute("UPDATE hidden.ending SET published = %s WHERE id = %s", [is_in_force, number])
    record_event(
        kind=EventKind.ENDING_CARRIED_OUT,
        actor=by,
        at=at,
        children=[child],
        facts={"ending": number},
        using=USING,
    )


def _row(
    number: int, child: int, content: str, authority: str, decided_by: int, at: datetime
) -> PublishedRow:
    return PublishedRow(
        supplier=SUPPLIER,
        reference=f"ending-{number}",
        content=content,
        digest=hashlib.blake2b(content.encode(), digest_size=16).digest(),
        load_id=0,
        supplied_at=at,
        child_id=child,
        is_new=False,
        authority=authority,
        decided_by=decided_by,
    )


def _content(kind: Kind, on: date, intent: str) -> str:
    day = on.isoformat()
    values = {
        Kind.DIED: SuppliedValues(died_on=day),
        Kind.LEFT: SuppliedValues(left_on=day, left_intent=intent),
        Kind.STAYS: SuppliedValues(stays_until=day),
    }[kind]
    return json.dumps(to_json(values), ensure_ascii=False, separators=(",", ":"))


def _enter_supplier() -> None:
    Supplier.objects.using(USING).get_or_create(
        code=SUPPLIER,
        defaults={
            "name": "The authority’s own team",
            "sector": "authority",
            "must": False,
            "sensitive": False,
            "legal_basis": "Children Act 2004, section 12",
            "precedence": 99,
        },
    )

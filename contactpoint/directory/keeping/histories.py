"""The end of history: a practitioner's own entry leaves a live record a year after it ended (INV-4)."""

from datetime import date, datetime

from django.db import connections, transaction

from contactpoint.access.policies import ENGLAND
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.keeping.archive import USING
from contactpoint.directory.keeping.policies import HISTORY_YEARS, years_after

CHUNK = 5000
ENDED = (
    ("directory_involvement", "ended_on"),
    ("hidden.involvement", "ended_on"),
    ("directory_assessment", "closed_on"),
    ("hidden.assessment", "closed_on"),
)


def end_histories(*, by: Actor, at: datetime) -> int:
    """Take away entries that ended longer ago than history lasts; gives how many. No page shows them now."""
    before = last_day_of_history(on=at.astimezone(ENGLAND).date())
    gone = 0
    for table, column in ENDED:
        while taken := _take(table, column, before, by, at):
            gone += taken
    return gone


def last_day_of_history(*, on: date) -> date:
    """What ended before this day is no longer shown on `on`."""
    return years_after(on, -HISTORY_YEARS)


def _take(table: str, column: str, before: date, by: Actor, at: datetime) -> int:
    with transaction.atomic(durable=True, using=USING), connections[USING].cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE id IN"
            f" (SELECT id FROM {table} WHERE {column} < %s ORDER BY id LIMIT %s) RETURNING child_id",
            [before, CHUNK],
        )
        children = [child for (child,) in cursor.fetchall()]
        if children:
            facts: dict[str, str | int] = {"entries": len(children)}
            record_event(
                kind=EventKind.HISTORY_ENDED,
                actor=by,
                at=at,
                children=sorted(set(children)),
                facts=facts,
                using=USING,
            )
    return len(children)

"""The end of the log's months: key destroyed, events dropped, digests left, a receipt written (AUD-8).

The key goes first: should the rest fail, what was typed is unreadable, in every backup too, and the next
night drops the events.
"""

from collections.abc import Mapping
from datetime import date, datetime

from django.conf import settings
from django.db import connections, transaction

from contactpoint.audit.actions import forget_ready_month, record_event
from contactpoint.audit.keys import destroy_key
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor

_FORGETTING = 0x666F7267  # any fixed number: one clock forgets at a time


def find_due(*, on: date, using: str) -> list[date]:
    """The first days of months whose events are older than the log keeps them, oldest first."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT * FROM audit_months_before(%s, %s)", [on, settings.LOG_YEARS])
        return [first for (first,) in cursor.fetchall()]


def forecast_months(*, on: date, until: date, using: str) -> Mapping[date, int]:
    """Day by day until then: how many months' events will be dropped. Those that are due count for `on`."""
    counts: dict[date, int] = {}
    for first in find_due(on=until, using=using):
        end = date(first.year + (first.month == 12), first.month % 12 + 1, 1)
        day = max(on, end.replace(year=end.year + settings.LOG_YEARS))
        counts[day] = counts.get(day, 0) + 1
    return counts


def forget_months(*, by: Actor, at: datetime, on: date, using: str) -> int:
    """Forget every month that is due, each in one transaction with its receipt; gives how many.

    The receipt's facts: the month, how many events, and one digest over their digests in order.
    """
    forgotten = 0
    for first in find_due(on=on, using=using):
        destroy_key(month=first)
        with transaction.atomic(durable=True, using=using), connections[using].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_FORGETTING])
            if first not in find_due(on=on, using=using):
                continue  # another clock has just forgotten it
            receipt = record_event(
                kind=EventKind.LOG_MONTH_ENDING,
                actor=by,
                at=at,
                facts={"month": f"{first:%Y-%m}"},
                using=using,
            )
            cursor.execute(
                "SELECT events, digest FROM audit_forget_month(%s, %s)", [first, settings.LOG_YEARS]
            )
            events, digest = cursor.fetchone()
            facts: dict[str, str | int] = {
                "month": f"{first:%Y-%m}",
                "events": events,
                "digest": digest,
                "begun": receipt,
            }
            record_event(kind=EventKind.LOG_MONTH_FORGOTTEN, actor=by, at=at, facts=facts, using=using)
        forget_ready_month(month=first, using=using)
        forgotten += 1
    return forgotten

"""The end of a mediated visit: by its button, its time, its session, or an account that may not act (ACC-6).

Each end is logged once and told to whom the visit served, in a letter that says nothing of any child.
"""

from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q

from contactpoint.access.models import MediatedVisit
from contactpoint.access.notices import tell_served
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor


class VisitEnd(StrEnum):
    """Why a visit, or the wait for its code, is over. Values are stored: add, never rename."""

    BUTTON = "button"
    TIME = "time"
    SESSION = "session"
    NOT_CLEARED = "not-cleared"
    EXPIRED = "expired"  # the code
    TRIES = "tries"  # too many wrong codes
    REPLACED = "replaced"  # by a new code


def end_open_visit(*, mediator_id: int, why: VisitEnd, actor: Actor, at: datetime) -> None:
    """End the mediator's visit, or the wait for a code, if there is one."""
    with transaction.atomic():
        row = MediatedVisit.objects.select_for_update().filter(mediator_id=mediator_id, ended_at=None).first()
        if row is not None:
            close_visit(row=row, why=why, actor=actor, at=at)


def close_visit(*, row: MediatedVisit, why: VisitEnd, actor: Actor, at: datetime) -> None:
    """Of a row that the caller of this function has locked, inside its transaction.

    A visit that nobody ended in time ended when its time was over, whoever notices later.
    """
    over_at = min(at, row.ends_at) if row.ends_at else at
    row.ended_at = max(over_at, row.began_at or row.asked_at)  # a clock put back ends nothing before it began
    row.ended_why = why.value
    row.code_digest = ""
    row.save(update_fields=["ended_at", "ended_why", "code_digest"])
    record_event(
        kind=EventKind.MEDIATED_VISIT_ENDED,
        actor=actor_of_visit(row=row, noticed_by=actor),
        at=at,
        facts={"visit": row.pk, "why": why.value, "began": int(row.began_at is not None)},
    )
    if row.began_at is not None:
        tell_served(email=row.caller.email, began_at=row.began_at, ended_at=row.ended_at)


def actor_of_visit(*, row: MediatedVisit, noticed_by: Actor) -> Actor:
    """Both people, whoever notices; the organisation is that of whom the visit serves."""
    return Actor(
        account_id=row.mediator_id,
        organisation_id=row.caller.organisation_id,
        door=noticed_by.door,
        address=noticed_by.address,
        on_behalf_of=row.caller_id,
    )


def end_overdue_visits(*, by: Actor, at: datetime) -> int:
    """End what nobody came back to end: visits over their time, and codes over theirs. Gives how many."""
    overdue = Q(ends_at__lte=at) | Q(began_at=None, code_expires_at__lte=at)
    with transaction.atomic(durable=True):
        rows = list(MediatedVisit.objects.select_for_update().filter(overdue, ended_at=None).order_by("pk"))
        for row in rows:
            why = VisitEnd.TIME if row.began_at else VisitEnd.EXPIRED
            close_visit(row=row, why=why, actor=by, at=at)
    return len(rows)

"""Whether a mediated visit goes on, asked at every request of a mediator (ACC-6).

It gives the one Viewer that names two people; a visit that may not go on is ended here, logged and told.
"""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from contactpoint.access.actions.ending_visit import VisitEnd, close_visit, end_open_visit
from contactpoint.access.models import MediatedVisit, SignIn
from contactpoint.access.queries.who import NotCleared, get_viewer
from contactpoint.access.records import Mediator, Viewer
from contactpoint.access.roles import MEDIATED, Action

DOOR = "mediated"


def find_served(*, by: Viewer, at: datetime) -> Viewer | None:
    """For whom this mediator looks now, as a viewer with that person's rights; None without a visit."""
    row = MediatedVisit.objects.filter(mediator=by.account_id, ended_at=None, began_at__isnull=False).first()
    if row is None or row.began_at is None or row.ends_at is None:
        return None
    found = _judge(row, by, at)
    if isinstance(found, Viewer):
        told = Mediator(account_id=by.account_id, name=by.name, ends_at=row.ends_at)
        return replace(found, door=DOOR, address=by.address, sensitive_service="", mediator=told)
    with transaction.atomic(durable=True):
        still = MediatedVisit.objects.select_for_update().filter(pk=row.pk, ended_at=None).first()
        if still is not None:
            close_visit(row=still, why=found, actor=by.actor, at=at)
    return None


def end_visit(*, by: Viewer, at: datetime) -> None:
    """By the button: the visit, or the wait for a code."""
    with transaction.atomic(durable=True):
        end_open_visit(mediator_id=by.account_id, why=VisitEnd.BUTTON, actor=by.actor, at=at)


def _judge(row: MediatedVisit, by: Viewer, at: datetime) -> Viewer | VisitEnd:
    if not (row.began_at and row.ends_at and row.began_at <= at < row.ends_at):
        return VisitEnd.TIME
    if not by.may(Action.MEDIATE):
        return VisitEnd.NOT_CLEARED
    session = SignIn.objects.filter(account=by.account_id, ended_at=None, started_at__lte=row.began_at)
    if not session.exists():
        return VisitEnd.SESSION
    try:
        caller = get_viewer(account_id=row.caller_id, at=at)
    except NotCleared:
        return VisitEnd.NOT_CLEARED
    return caller if all(caller.may(action) for action in MEDIATED) else VisitEnd.NOT_CLEARED

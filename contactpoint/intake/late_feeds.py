"""Telling data managers that a feed is late: once for each day it was due on, and without content (SUP-2)."""

from datetime import datetime

from django.db import transaction

from contactpoint.access.notices import tell_of_late_feed
from contactpoint.access.policies import ENGLAND
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.intake.models import Timetable
from contactpoint.intake.register import list_register


def tell_of_late_feeds(*, by: Actor, at: datetime) -> list[str]:
    """The codes of the suppliers that somebody was told of."""
    told = []
    for supplier in list_register(on=at.astimezone(ENGLAND).date()):
        if not supplier.late_days:
            continue
        with transaction.atomic(durable=True):
            timetable = Timetable.objects.select_for_update().get(pk=supplier.code)
            if timetable.told_late_for == supplier.due_on:
                continue
            timetable.told_late_for = supplier.due_on
            timetable.save()
            facts: dict[str, str | int] = {"supplier": supplier.code}
            event = record_event(kind=EventKind.FEED_LATE, actor=by, at=at, facts=facts)
            tell_of_late_feed(authority=supplier.authority, event=event, at=at)
        told.append(supplier.code)
    return told

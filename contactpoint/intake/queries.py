"""Reading intake: a practitioner's own entries (SEA-7)."""

from datetime import datetime

from django.db import transaction

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.errors import NotAllowed
from contactpoint.intake.models import Entry
from contactpoint.intake.records import OwnEntry

MOST = 200


class MayNotListEntries(NotAllowed):
    """The person's roles do not include adding a child."""


def list_own_entries(*, viewer: Viewer, at: datetime) -> tuple[OwnEntry, ...]:
    """The children whom this person entered lately: the same before and after matching; logged."""
    with transaction.atomic(durable=True):
        allowed = viewer.may(Action.ADD_CHILD)
        lately = Entry.objects.filter(account_id=viewer.account_id, received_at__gt=at - Entry.SHOWN_FOR)
        entries = lately.order_by("-received_at", "-id")[:MOST]
        own = tuple(_own(entry) for entry in entries) if allowed else ()
        facts: dict[str, str | int] = {"list": "entries", "shown": len(own)} if allowed else {"rule": "ACC-8"}
        record_event(
            kind=EventKind.OWN_INVOLVEMENTS_LISTED,
            actor=viewer.actor,
            at=at,
            facts=facts,
            refused=not allowed,
        )
    if not allowed:
        raise MayNotListEntries("Your role does not let you add a child.")
    return own


def _own(entry: Entry) -> OwnEntry:
    return OwnEntry(entry.pk, entry.given_names, entry.family_name, entry.birth_date, entry.received_at)

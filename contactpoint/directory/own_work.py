"""A practitioner's own involvements, the one list that the directory gives (SEA-2, INV-3).

An entry on a child who is shielded, or no longer live, is not in the list: its child cannot be named here.
"""

from datetime import datetime, timedelta

from django.db import transaction

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.codes.child_number import encode
from contactpoint.directory.composition import HISTORY, STALE_AFTER
from contactpoint.directory.models import Involvement
from contactpoint.directory.opening import ENGLAND
from contactpoint.directory.records import OwnInvolvement
from contactpoint.errors import NotAllowed

WARN_BEFORE_STALE = timedelta(days=60)
MOST = 500  # a longer list than anybody's caseload


class MayNotList(NotAllowed):
    """The person's roles do not include work with children."""


def list_own_involvements(*, viewer: Viewer, at: datetime) -> tuple[OwnInvolvement, ...]:
    """Your entries, those going stale first, ended ones last; logged with the children they name."""
    with transaction.atomic(durable=True):
        allowed = viewer.may(Action.LIST_OWN_INVOLVEMENTS)
        entries = _find(viewer, at) if allowed else ()
        record_event(
            kind=EventKind.OWN_INVOLVEMENTS_LISTED,
            actor=viewer.actor,
            at=at,
            children=sorted({entry.child_id for entry in entries}),
            facts=None if allowed else {"rule": "ACC-8"},
            refused=not allowed,
        )
    if not allowed:
        raise MayNotList("Your role does not include involvements of your own.")
    shown = [_shown(entry, at) for entry in entries]
    return tuple(sorted(shown, key=lambda item: (item.ended_on is not None, item.confirmed_on, item.id)))


def _find(viewer: Viewer, at: datetime) -> tuple[Involvement, ...]:
    today = at.astimezone(ENGLAND).date()
    entries = Involvement.objects.filter(
        account_id=viewer.account_id,
        child__shielded=False,
        child__live_until__gt=today,
        child__searchable_from__lte=today,
    ).select_related("child")
    recent = today - HISTORY
    return tuple(entry for entry in entries[:MOST] if entry.ended_on is None or entry.ended_on >= recent)


def _shown(entry: Involvement, at: datetime) -> OwnInvolvement:
    since = at - entry.confirmed_at
    is_open = entry.ended_on is None
    return OwnInvolvement(
        id=entry.id,
        number=encode(entry.child_id),
        given_names=entry.child.given_names,
        family_name=entry.child.family_name,
        birth_date=entry.child.birth_date,
        service=entry.service,
        started_on=entry.started_on,
        ended_on=entry.ended_on,
        lead=entry.lead_from is not None,
        confirmed_on=entry.confirmed_at.date(),
        stale=is_open and since > STALE_AFTER,
        going_stale=is_open and STALE_AFTER - WARN_BEFORE_STALE < since <= STALE_AFTER,
    )

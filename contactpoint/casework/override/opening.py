"""The door of break-glass: one shielded record, for one person, for one visit (SHI-6).

Writes the investigation, the override and the events before anything is returned (AUD-2).
Shows what the open record would show; never who a sensitive service is (SEN-4).
"""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from contactpoint.access.notices import tell_investigators
from contactpoint.access.policies import ENGLAND
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.door import call_door, say_actor
from contactpoint.casework.hidden_record import compose_hidden
from contactpoint.casework.policies import check_text
from contactpoint.casework.sealing import seal_text
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.opening import NoSuchRecord, find_live_child
from contactpoint.directory.records import Purpose, Record
from contactpoint.errors import Conflict, ContactPointError, NotAllowed


class MayNotOverride(NotAllowed):
    """The person has no permission to open shielded records."""


class NotShielded(Conflict):
    """The record is not shielded (any more): it opens like any other."""


@dataclass(frozen=True, slots=True)
class Overridden:
    """The record as it would be without its shield, and the investigation that has begun."""

    record: Record
    investigation: int


def override_shield(
    *, by: Viewer, child: ChildNumber, purpose: Purpose, text: str, at: datetime
) -> Overridden:
    """Open one shielded record this once; an investigation begins with it.

    `text` says why it cannot wait; sealed. Raises MayNotOverride, NoSuchRecord, NotShielded,
    UnusableCase; each is logged.
    """
    refusal: ContactPointError | None = None
    with transaction.atomic(durable=True):
        try:
            with transaction.atomic():
                opened = _open(by, child, purpose, text, at)
        except ContactPointError as error:
            refusal = error
            why: dict[str, str | int] = {"shown": "override", "because": type(error).__name__}
            record_event(kind=EventKind.HIDDEN_OPENED, actor=by.actor, at=at, facts=why, refused=True)
    if refusal is not None:
        raise refusal
    return opened


def _open(by: Viewer, child: ChildNumber, purpose: Purpose, text: str, at: datetime) -> Overridden:
    if not by.may(Action.OVERRIDE_SHIELD):
        raise MayNotOverride("You have no permission to open shielded records. Ask us to pass a message.")
    on = at.astimezone(ENGLAND).date()
    found = find_live_child(number=decode(child), on=on)
    if found is None:
        raise NoSuchRecord("There is no record at this address.")
    if not found.shielded:
        raise NotShielded("This record is not shielded any more. Open it again: it opens like any other.")
    reason = check_text(text=text, named="why this cannot wait")
    sealed = seal_text(text=reason, at=at)
    (said,) = call_door("casework_override_shield", say_actor(by), at, found.pk, purpose.value, sealed)
    said = json.loads(said) if isinstance(said, str) else said
    record_event(
        kind=EventKind.SHIELD_OVERRIDDEN,
        actor=by.actor,
        at=at,
        purpose=purpose.value,
        children=[found.pk],
        facts={"investigation": said["investigation"]},
    )
    tell_investigators(authority=said["authority"], case=said["investigation"], at=at)
    return Overridden(compose_hidden(child=found, said=said, by=by, at=at, on=on), said["investigation"])

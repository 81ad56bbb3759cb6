"""The door of break-glass: one shielded record, for one person, for one visit (SHI-6).

Writes the investigation, the override and the events before anything is returned (AUD-2).
Shows what the open record would show; never who a sensitive service is (SEN-4).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from contactpoint.access.models import Organisation
from contactpoint.access.notices import tell_investigators
from contactpoint.access.policies import ENGLAND
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.door import call_door, say_actor
from contactpoint.casework.policies import check_text
from contactpoint.casework.sealing import seal_text
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.composition import Looking, OwnAssessment, OwnEntry, Said, compose
from contactpoint.directory.models import Child
from contactpoint.directory.opening import (
    NoSuchRecord,
    contact_of,
    find_codes,
    find_contacts,
    find_live_child,
    to_record,
)
from contactpoint.directory.records import Purpose, Record
from contactpoint.directory.values import from_json
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
    return Overridden(_record(found, said, by, at, on), said["investigation"])


def _record(child: Child, said: Mapping[str, Any], by: Viewer, at: datetime, on: date) -> Record:
    rows = [
        Said(
            values=from_json(each["content"]),
            supplier=each["supplier"],
            supplier_name=each["supplier_name"],
            precedence=each["precedence"],
            reference=each["reference"],
            supplied_at=_moment(each["supplied_at"]),
            confirmed_at=_moment(each["confirmed_at"]),
        )
        for each in said["rows"]
    ]
    ids = {each["organisation_id"] for each in (*said["entries"], *said["assessments"])}
    organisations = Organisation.objects.in_bulk(ids)
    composed = compose(
        shown_name=(child.given_names, child.family_name),
        rows=rows,
        entries=[_entry(each, organisations) for each in said["entries"]],
        assessments=[_assessment(each, organisations) for each in said["assessments"]],
        organisations=find_contacts(codes=find_codes(values=(row.values for row in rows))),
        looking=Looking(by.account_id, by.visible_numbers, by.organisation_code),
        on=on,
    )
    return to_record(child=child, composed=composed, viewer=by, at=at)


def _entry(said: Mapping[str, Any], organisations: Mapping[int, Organisation]) -> OwnEntry:
    return OwnEntry(
        id=said["id"],
        account_id=said["account_id"],
        practitioner=said["practitioner"],
        service=said["service"],
        role=said["role"],
        organisation=contact_of(organisations[said["organisation_id"]]),
        team_telephone=said["team_telephone"],
        team_email=said["team_email"],
        started_on=date.fromisoformat(said["started_on"]),
        ended_on=_day(said["ended_on"]),
        lead_from=_day(said["lead_from"]),
        recorded_at=_moment(said["recorded_at"]),
        confirmed_at=_moment(said["confirmed_at"]),
    )


def _assessment(said: Mapping[str, Any], organisations: Mapping[int, Organisation]) -> OwnAssessment:
    return OwnAssessment(
        id=said["id"],
        account_id=said["account_id"],
        kind=said["kind"],
        organisation=contact_of(organisations[said["organisation_id"]]),
        opened_on=date.fromisoformat(said["opened_on"]),
        closed_on=_day(said["closed_on"]),
        recorded_at=_moment(said["recorded_at"]),
    )


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _moment(said: str) -> datetime:
    return datetime.fromisoformat(said)

"""The second door: one record, for one viewer, for a reason (SEA-1, REC, INV, ACC-9, SHI-2).

Loads, decides, logs, and only then composes and returns.
Reads open tables alone: of a shielded child they hold nothing but what everybody may see.
The one thing from the hidden side is a yes or no, for those who may ask for brokered contact (SEN-3).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from contactpoint.access.models import Organisation
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.codes.authorities import get_authority
from contactpoint.codes.child_number import ChildNumber, decode, encode
from contactpoint.directory.composition import Composed, Looking, compose
from contactpoint.directory.limits import LimitReached, Look, get_standing, report_limit, words_for
from contactpoint.directory.models import Child
from contactpoint.directory.reaching import lay_over
from contactpoint.directory.reading_record import (
    read_assessments,
    read_contacts,
    read_entries,
    read_live,
    read_said,
)
from contactpoint.directory.records import Contact, Purpose, Record
from contactpoint.directory.redirects import follow_number
from contactpoint.directory.sensitive.door import shows_sensitive
from contactpoint.directory.values import SuppliedValues
from contactpoint.errors import Invalid, NotAllowed, NotFound

ENGLAND = ZoneInfo("Europe/London")
LONGEST_REFERENCE = 60
NOTHING = Composed((), (), (), (), (), (), (), (), (), None, ())


class NoSuchRecord(NotFound):
    """No record, or none that this person may know of: the two are one (SEA-6)."""


class MayNotOpen(NotAllowed):
    """The person's roles do not allow opening records."""


class NoReason(Invalid):
    """A record opens only for a reason (SEA-1)."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    rule: str
    error: NotAllowed | NotFound


def open_record(
    *, viewer: Viewer, child: ChildNumber, purpose: Purpose, reference: str, at: datetime
) -> Record:
    """The record as this viewer may see it, once the opening is in the log.

    `reference` is the viewer's own case reference, optional, sealed in the log.
    Raises NoReason, MayNotOpen, LimitReached, NoSuchRecord; each but the first is logged.
    """
    reference = _checked_reference(reference)
    on = at.astimezone(ENGLAND).date()
    with transaction.atomic(durable=True):
        number = decode(child)
        found = find_live_child(number=number, on=on)
        refusal = _judge(viewer, found, at)
        event = record_event(
            kind=EventKind.RECORD_REFUSED if refusal else EventKind.RECORD_OPENED,
            actor=viewer.actor,
            at=at,
            purpose=purpose.value,
            children=[found.id] if found else [],
            typed={"reference": reference} if reference else None,
            facts={"rule": refusal.rule} if refusal else None,
            refused=refusal is not None,
        )
        if refusal and refusal.rule == "SEA-8":
            report_limit(viewer=viewer, look=Look.OPENING, at=at)
        record = _compose_record(found, viewer, at, event) if found and not refusal else None
    if refusal:
        raise refusal.error
    if record is None:
        raise NoSuchRecord("There is no record at this address.")
    return record


def find_live_child(*, number: int | None, on: date) -> Child | None:
    """The child's open row, if it is live and its authority has opened, by dates now (RET-5, SHI-10).

    A number that was joined to another leads there (REC-4).
    """
    if number is None:
        return None
    found = read_live(number=number, on=on)
    if found is None and (led := follow_number(number=number)) != number:
        found = read_live(number=led, on=on)
    return found


def _checked_reference(reference: str) -> str:
    reference = reference.strip()
    if len(reference) > LONGEST_REFERENCE or not reference.isprintable():
        raise NoReason(f"Your own reference must be one line of at most {LONGEST_REFERENCE} characters.")
    return reference


def _judge(viewer: Viewer, found: Child | None, at: datetime) -> _Refusal | None:
    if not viewer.may(Action.OPEN_RECORD):
        return _Refusal("ACC-8", MayNotOpen("Your role does not let you open records."))
    standing = get_standing(account_id=viewer.account_id, roles=viewer.roles, look=Look.OPENING, at=at)
    if standing.reached:
        return _Refusal("SEA-8", LimitReached(words_for(standing)))
    if found is None:
        return _Refusal("SEA-6", NoSuchRecord("There is no record at this address."))
    return None


def _compose_record(child: Child, viewer: Viewer, at: datetime, event: int) -> Record:
    """`event` is the opening in the log, for which alone the database says whether the line is shown."""
    if child.shielded:
        return to_record(child=child, composed=NOTHING, viewer=viewer, at=at)
    composed = _composed(child, viewer, at)
    is_shown = viewer.may(Action.ASK_FOR_BROKERED_CONTACT)
    involved = is_shown and shows_sensitive(event=event, child=child.pk, at=at)
    return to_record(child=child, composed=composed, viewer=viewer, at=at, sensitive_involved=involved)


def to_record(
    *, child: Child, composed: Composed, viewer: Viewer, at: datetime, sensitive_involved: bool = False
) -> Record:
    """The record's value, of parts that this viewer may see."""
    return Record(
        number=encode(child.id),
        shielded=child.shielded,
        given_names=child.given_names,
        family_name=child.family_name,
        name_sources=composed.name_sources,
        birth_date=child.birth_date,
        gender=child.gender,
        other_names=composed.other_names,
        numbers=composed.numbers,
        addresses=composed.addresses,
        carers=composed.carers,
        schools=composed.schools,
        practices=composed.practices,
        involvements=composed.involvements,
        past_involvements=composed.past_involvements,
        lead=composed.lead,
        assessments=composed.assessments,
        authority=get_authority(child.authority).name if child.authority else "",
        opened_at=at,
        ending=composed.ending,
        sensitive_involved=sensitive_involved,
        may_record_involvement=(
            viewer.may(Action.RECORD_OWN_INVOLVEMENT) and not child.shielded and not viewer.sensitive_service
        ),
    )


def _composed(child: Child, viewer: Viewer, at: datetime) -> Composed:
    on = at.astimezone(ENGLAND).date()
    rows = read_said(child=child.id)
    return compose(
        shown_name=(child.given_names, child.family_name),
        rows=rows,
        entries=lay_over(entries=read_entries(child=child.id), on=on, at=at),
        assessments=read_assessments(child=child.id),
        organisations=read_contacts(codes=find_codes(values=(row.values for row in rows))),
        looking=Looking(
            None if viewer.mediator else viewer.account_id,  # a mediator changes nobody's entries
            viewer.visible_numbers,
            viewer.organisation_code,
        ),
        on=on,
    )


def find_codes(*, values: Iterable[SuppliedValues]) -> set[str]:
    """Organisation codes that the rows name."""
    found: set[str] = set()
    for said in values:
        found |= {place.code for place in (said.school, said.practice) if place is not None}
        found |= {part.organisation for part in (said.involvement, said.assessment) if part is not None}
    return found - {""}


def contact_of(organisation: Organisation) -> Contact:
    """Office telephone and secure e-mail; never personal numbers (INV-2)."""
    return Contact(
        name=organisation.name,
        kind=organisation.kind,
        telephone=organisation.telephone,
        email=organisation.secure_email,
        address=organisation.address,
    )

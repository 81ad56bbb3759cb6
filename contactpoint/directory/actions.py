"""What a practitioner may write on a record: their own involvement and assessments (INV-1, INV-2, INV-5).

One function for each thing that can happen; each opens the durable transaction, decides, changes and logs.
A refusal is logged, then raised after the transaction has closed.
Nothing here touches a shielded child: its entries belong to the hidden side.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from django.db import IntegrityError, transaction

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.codes.services import ASSESSMENT_KINDS, ROLES, SERVICES, Reach
from contactpoint.directory.models import Assessment, Child, Involvement
from contactpoint.directory.opening import ENGLAND, NoSuchRecord, find_live_child
from contactpoint.errors import Conflict, ContactPointError, Invalid, NotAllowed, NotFound

T = TypeVar("T")
LONGEST_CONTACT = 200


class MayNotRecord(NotAllowed):
    """The person's roles, or the state of the record, do not allow this entry."""


class NotYours(NotFound):
    """There is no such entry of yours; somebody else's is not told apart (SEA-6)."""


class UnusableEntry(Invalid):
    """The entry cannot be kept as it was given."""


class AlreadySo(Conflict):
    """The entry is in that state already, or somebody else was first."""


def record_involvement(
    *,
    by: Viewer,
    child: ChildNumber,
    service: str,
    role: str,
    started_on: date,
    team_telephone: str,
    team_email: str,
    at: datetime,
) -> int:
    """Say that you work with a child; gives the entry's id.

    `service` and `role` are codes of `codes.services`; a team contact is mandatory (INV-2).
    Raises MayNotRecord, NoSuchRecord, UnusableEntry, AlreadySo.
    """

    def write() -> tuple[int, list[int]]:
        found = _open_child(by, child, at)
        _check_involvement(service, role, started_on, team_telephone, team_email, at)
        entry = Involvement.objects.create(
            child=found,
            account_id=by.account_id,
            organisation_id=by.organisation_id,
            service=service,
            role=role,
            team_telephone=team_telephone.strip(),
            team_email=team_email.strip(),
            started_on=started_on,
            confirmed_at=at,
            recorded_at=at,
        )
        return entry.id, [found.id]

    return _do(by, Action.RECORD_OWN_INVOLVEMENT, EventKind.INVOLVEMENT_RECORDED, at, write)


def end_involvement(*, by: Viewer, involvement: int, ended_on: date, at: datetime) -> None:
    """Say that you no longer work with the child; it stays as history (INV-4). Ends being lead too."""

    def write() -> tuple[None, list[int]]:
        entry = _own_involvement(by, involvement)
        if entry.ended_on is not None:
            raise AlreadySo("This involvement has ended already; nothing was changed.")
        if ended_on < entry.started_on:
            raise UnusableEntry(
                "The end must not be before the start. The entry is as it was.", about="ended_on"
            )
        _insist_not_future(ended_on, at, about="ended_on")
        entry.ended_on = ended_on
        entry.lead_from = None
        entry.save(update_fields=["ended_on", "lead_from"])
        return None, [entry.child_id]

    _do(by, Action.RECORD_OWN_INVOLVEMENT, EventKind.INVOLVEMENT_ENDED, at, write)


def confirm_involvement(*, by: Viewer, involvement: int, at: datetime) -> None:
    """Say that your entry still holds, so that it does not go stale (INV-3)."""

    def write() -> tuple[None, list[int]]:
        entry = _own_involvement(by, involvement)
        if entry.ended_on is not None:
            raise AlreadySo("This involvement has ended; what has ended cannot be confirmed.")
        entry.confirmed_at = at
        entry.save(update_fields=["confirmed_at"])
        return None, [entry.child_id]

    _do(by, Action.RECORD_OWN_INVOLVEMENT, EventKind.INVOLVEMENT_CONFIRMED, at, write)


def take_back_involvement(*, by: Viewer, involvement: int, at: datetime) -> None:
    """Remove an entry that should never have been made; the log keeps that it was."""

    def write() -> tuple[None, list[int]]:
        entry = _own_involvement(by, involvement)
        child_id = entry.child_id
        entry.delete()
        return None, [child_id]

    _do(by, Action.RECORD_OWN_INVOLVEMENT, EventKind.INVOLVEMENT_TAKEN_BACK, at, write)


def become_lead(*, by: Viewer, involvement: int, at: datetime) -> None:
    """Record that you are the lead practitioner. One at a time: the present one must stop first."""

    def write() -> tuple[None, list[int]]:
        entry = _own_involvement(by, involvement)
        if entry.ended_on is not None or entry.lead_from is not None:
            raise AlreadySo("You are the lead already, or this involvement has ended; nothing was changed.")
        if Involvement.objects.filter(child_id=entry.child_id, lead_from__isnull=False).exists():
            raise AlreadySo(
                "Somebody else is recorded as lead practitioner. Ask them to stop being lead first; "
                "their contact details are on the record."
            )
        entry.lead_from = at.astimezone(ENGLAND).date()
        entry.save(update_fields=["lead_from"])
        return None, [entry.child_id]

    _do(by, Action.RECORD_LEAD, EventKind.LEAD_RECORDED, at, write)


def stop_being_lead(*, by: Viewer, involvement: int, at: datetime) -> None:
    """Take back being the lead practitioner."""

    def write() -> tuple[None, list[int]]:
        entry = _own_involvement(by, involvement)
        if entry.lead_from is None:
            raise AlreadySo("You are not the lead; nothing was changed.")
        entry.lead_from = None
        entry.save(update_fields=["lead_from"])
        return None, [entry.child_id]

    _do(by, Action.RECORD_LEAD, EventKind.LEAD_TAKEN_BACK, at, write)


def record_assessment(*, by: Viewer, child: ChildNumber, kind: str, opened_on: date, at: datetime) -> int:
    """Record that a common assessment exists and that your organisation holds it; gives the entry's id."""

    def write() -> tuple[int, list[int]]:
        found = _open_child(by, child, at)
        known = ASSESSMENT_KINDS.get(kind)
        if known is None or not known.is_current(opened_on):
            raise UnusableEntry("Choose a kind of assessment that was in use on that date.", about="kind")
        _insist_not_future(opened_on, at, about="opened_on")
        entry = Assessment.objects.create(
            child=found,
            account_id=by.account_id,
            organisation_id=by.organisation_id,
            kind=kind,
            opened_on=opened_on,
            recorded_at=at,
        )
        return entry.id, [found.id]

    return _do(by, Action.RECORD_ASSESSMENT, EventKind.ASSESSMENT_RECORDED, at, write)


def close_assessment(*, by: Viewer, assessment: int, closed_on: date, at: datetime) -> None:
    """Record that the assessment was closed."""

    def write() -> tuple[None, list[int]]:
        entry = _own_assessment(by, assessment)
        if entry.closed_on is not None:
            raise AlreadySo("This assessment is closed already; nothing was changed.")
        if closed_on < entry.opened_on:
            raise UnusableEntry(
                "The closing must not be before the opening. The entry is as it was.", about="closed_on"
            )
        _insist_not_future(closed_on, at, about="closed_on")
        entry.closed_on = closed_on
        entry.save(update_fields=["closed_on"])
        return None, [entry.child_id]

    _do(by, Action.RECORD_ASSESSMENT, EventKind.ASSESSMENT_CLOSED, at, write)


def take_back_assessment(*, by: Viewer, assessment: int, at: datetime) -> None:
    """Remove an assessment that should never have been recorded; the log keeps that it was."""

    def write() -> tuple[None, list[int]]:
        entry = _own_assessment(by, assessment)
        child_id = entry.child_id
        entry.delete()
        return None, [child_id]

    _do(by, Action.RECORD_ASSESSMENT, EventKind.ASSESSMENT_TAKEN_BACK, at, write)


def _do(
    by: Viewer, action: Action, kind: EventKind, at: datetime, write: Callable[[], tuple[T, list[int]]]
) -> T:
    """Decide, write and log in one durable transaction; a refusal undoes the write and keeps its event."""
    with transaction.atomic(durable=True):
        refusal: ContactPointError | None = None
        try:
            with transaction.atomic():
                if not by.may(action):
                    raise MayNotRecord("Your role does not let you record this.")
                result, children = write()
                record_event(kind=kind, actor=by.actor, at=at, children=children)
        except IntegrityError:
            refusal = AlreadySo(
                "There is such an entry already, or somebody else was first. Nothing was changed."
            )
        except ContactPointError as error:
            refusal = error
        if refusal is not None:
            facts = {"tried": kind.value, "because": type(refusal).__name__}
            record_event(kind=EventKind.CHANGE_REFUSED, actor=by.actor, at=at, facts=facts, refused=True)
    if refusal is not None:
        raise refusal
    return result


def _open_child(by: Viewer, child: ChildNumber, at: datetime) -> Child:
    if by.sensitive_service:  # SEN-3: an open entry would name the organisation
        raise MayNotRecord(
            "Your organisation provides a sensitive service: record your involvement with its consent "
            "instead. Nothing was recorded."
        )
    found = find_live_child(number=decode(child), on=at.astimezone(ENGLAND).date())
    if found is None:
        raise NoSuchRecord("There is no record with this number.")
    if found.shielded:
        raise MayNotRecord("This record is shielded: ask us to pass a message instead. Nothing was recorded.")
    return found


def _own_involvement(by: Viewer, involvement: int) -> Involvement:
    found = Involvement.objects.select_for_update().filter(id=involvement, account_id=by.account_id).first()
    if found is None:
        raise NotYours("There is no such entry of yours. It may have been taken back already.")
    return found


def _own_assessment(by: Viewer, assessment: int) -> Assessment:
    found = Assessment.objects.select_for_update().filter(id=assessment, account_id=by.account_id).first()
    if found is None:
        raise NotYours("There is no such entry of yours. It may have been taken back already.")
    return found


def _check_involvement(
    service: str, role: str, started_on: date, team_telephone: str, team_email: str, at: datetime
) -> None:
    known = SERVICES.get(service)
    if known is None or known.reach is Reach.SENSITIVE:
        raise UnusableEntry(
            "Choose a service from the list. "
            "A sensitive service is recorded by its own people, with consent.",
            about="service",
        )
    if role not in ROLES:
        raise UnusableEntry("Choose a role from the list.", about="role")
    contacts = (team_telephone.strip(), team_email.strip())
    if not any(contacts):
        raise UnusableEntry(
            "Give a telephone number or secure e-mail address of your team, not your own.",
            about="team_telephone",
        )
    if any(len(contact) > LONGEST_CONTACT or not contact.isprintable() for contact in contacts):
        raise UnusableEntry(
            f"A team contact is one line of at most {LONGEST_CONTACT} characters.", about="team_telephone"
        )
    _insist_not_future(started_on, at, about="started_on")


def _insist_not_future(day: date, at: datetime, *, about: str) -> None:
    if day > at.astimezone(ENGLAND).date():
        raise UnusableEntry("The date must not be in the future.", about=about)

"""What a provider of a sensitive service may do with its own entries (SEN-2, SEN-4, SEN-6, SEN-7).

One function for each thing that can happen; each decides, logs, and goes through the hidden door, in one
durable transaction. The event comes first: the door opens for nothing else.
Works the same on a shielded child, of whom nothing is read here.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from django.db import IntegrityError, transaction

from contactpoint.access.records import Viewer
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.actions import AlreadySo, NotYours, UnusableEntry
from contactpoint.directory.opening import ENGLAND, NoSuchRecord, find_live_child
from contactpoint.directory.sensitive import door
from contactpoint.directory.sensitive.policies import (
    insist_on_basis,
    insist_on_consent,
    insist_on_part,
    insist_on_provider,
)
from contactpoint.directory.sensitive.records import Consent
from contactpoint.errors import ContactPointError

T = TypeVar("T")
_GONE = "There is no such entry of your organisation. It may have been withdrawn."
_TROUBLE: dict[str, Callable[[], ContactPointError]] = {
    "none": lambda: NotYours(_GONE),
    "withdrawn": lambda: AlreadySo(
        "This was withdrawn already, and the entry is deleted. Nothing was changed."
    ),
    "ended": lambda: AlreadySo("This involvement has ended already; nothing was changed."),
    "before-start": lambda: UnusableEntry("The end must not be before the start. The entry is as it was."),
}


def insist_provider(*, by: Viewer, at: datetime) -> None:
    """For the pages before anything is recorded; a refusal is logged. Raises MayNotRecord."""
    if refusal := _try(lambda: insist_on_provider(by)):
        with transaction.atomic(durable=True):
            _log_refusal(by, EventKind.SENSITIVE_RECORDED, refusal, at)
        raise refusal


def check_consent(*, consent: Consent, at: datetime) -> None:
    """Whether this receipt could be kept, before the next question is asked. Raises UnusableEntry."""
    insist_on_consent(consent, at.astimezone(ENGLAND).date())


def check_work(*, role: str, started_on: date, at: datetime) -> None:
    """Whether this could be kept, before all is recorded. Raises UnusableEntry."""
    insist_on_part(role, started_on, at.astimezone(ENGLAND).date())


def record_sensitive_involvement(
    *,
    by: Viewer,
    child: ChildNumber,
    role: str,
    started_on: date,
    basis: str,
    consent: Consent | None,
    at: datetime,
) -> int:
    """Say that your sensitive service works with a child, and on what basis; gives the entry's id.

    `basis` is a value of `records.Basis`; `consent` belongs to consent, and to nothing else.
    Raises MayNotRecord, NoSuchRecord, UnusableEntry, AlreadySo.
    """
    on = at.astimezone(ENGLAND).date()

    def check() -> int:
        insist_on_basis(basis, consent, on)
        insist_on_part(role, started_on, on)
        found = find_live_child(number=decode(child), on=on)
        if found is None:
            raise NoSuchRecord("There is no record with this number.")
        return found.id

    def write(event: int, entry: int, child_id: int) -> str:
        door.insert_entry(
            event=event,
            entry=entry,
            child=child_id,
            role=role,
            started_on=started_on,
            basis=basis,
            consent=consent,
        )
        return "done"

    return _do(by, EventKind.SENSITIVE_RECORDED, at, None, check, write)


def renew_consent(*, by: Viewer, entry: int, consent: Consent, at: datetime) -> None:
    """Consent was given again, or now where harm was the basis before; replaces the receipt (SEN-6)."""
    on = at.astimezone(ENGLAND).date()

    def write(event: int, own: int, _: None) -> str:
        return door.renew_entry(event=event, entry=own, consent=consent)

    _do(by, EventKind.SENSITIVE_RENEWED, at, entry, lambda: insist_on_consent(consent, on), write)


def end_sensitive_involvement(*, by: Viewer, entry: int, ended_on: date, at: datetime) -> None:
    """Your service no longer works with the child; your organisation sees it for another year (INV-4)."""

    def check() -> None:
        if ended_on > at.astimezone(ENGLAND).date():
            raise UnusableEntry("The date must not be in the future.")

    def write(event: int, own: int, _: None) -> str:
        return door.end_entry(event=event, entry=own, ended_on=ended_on)

    _do(by, EventKind.SENSITIVE_ENDED, at, entry, check, write)


def withdraw_consent(*, by: Viewer, entry: int, at: datetime) -> None:
    """Deletes the entry at once, and with it every entry of your organisation on the same consent (SEN-7).

    An entry held because of significant harm goes alone.
    The log keeps only that a removal happened.
    """

    def write(event: int, own: int, _: None) -> str:
        state = door.withdraw_entry(event=event, entry=own)
        if state == "done":
            door.tell_ledger(event=event, entry=own, organisation=by.organisation_code, at=at)
        return state

    _do(by, EventKind.SENSITIVE_WITHDRAWN, at, entry, lambda: None, write)


def _do(
    by: Viewer,
    kind: EventKind,
    at: datetime,
    entry: int | None,
    check: Callable[[], T],
    write: Callable[[int, int, T], str],
) -> int:
    """Decide, log and write in one durable transaction; gives the entry. A refusal is logged alone."""
    with transaction.atomic(durable=True):
        refusal: ContactPointError | None = None
        try:
            with transaction.atomic():
                insist_on_provider(by)
                checked = check()
                own = door.new_entry_id() if entry is None else entry
                event = record_event(kind=kind, actor=by.actor, at=at, facts={"entry": own})
                state = write(event, own, checked)
                if state != "done":
                    raise _TROUBLE[state]()
        except IntegrityError:
            refusal = AlreadySo("You have recorded this involvement already. Nothing was changed.")
        except ContactPointError as error:
            refusal = error
        if refusal is not None:
            _log_refusal(by, kind, refusal, at)
    if refusal is not None:
        raise refusal
    return own


def _log_refusal(by: Viewer, kind: EventKind, refusal: ContactPointError, at: datetime) -> None:
    facts = {"tried": kind.value, "because": type(refusal).__name__}
    record_event(kind=EventKind.CHANGE_REFUSED, actor=by.actor, at=at, facts=facts, refused=True)


def _try(check: Callable[[], None]) -> ContactPointError | None:
    try:
        check()
    except ContactPointError as error:
        return error
    return None

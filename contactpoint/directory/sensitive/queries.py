"""Reading a sensitive service's entries, for the organisation that provides it alone (SEN-4)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from contactpoint.access.records import Viewer
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.codes.child_number import encode
from contactpoint.directory.actions import MayNotRecord, NotYours
from contactpoint.directory.composition import HISTORY
from contactpoint.directory.models import Child
from contactpoint.directory.opening import ENGLAND
from contactpoint.directory.sensitive import door
from contactpoint.directory.sensitive.policies import insist_on_provider
from contactpoint.directory.sensitive.records import Basis, SensitiveEntry

DUE_BEFORE = timedelta(days=30)
MOST = 1000


def list_own_sensitive(*, viewer: Viewer, at: datetime) -> tuple[SensitiveEntry, ...]:
    """The organisation's entries, soonest review first, ended ones last, at most `MOST`.

    Raises MayNotRecord.
    """
    return _read(viewer, None, at)


def get_own_sensitive(*, viewer: Viewer, entry: int, at: datetime) -> SensitiveEntry:
    """One of the organisation's. Raises MayNotRecord; NotYours, whether it is another's or nobody's."""
    found = _read(viewer, entry, at)
    if not found:
        raise NotYours("There is no such entry of your organisation. It may have been withdrawn.")
    return found[0]


def _read(viewer: Viewer, entry: int | None, at: datetime) -> tuple[SensitiveEntry, ...]:
    """Logged twice: that the door was opened, without which it stays shut, and which entries came back."""
    refusal: MayNotRecord | None = None
    shown: tuple[SensitiveEntry, ...] = ()
    with transaction.atomic(durable=True):
        try:
            insist_on_provider(viewer)
        except MayNotRecord as error:
            refusal = error
        else:
            event = record_event(
                kind=EventKind.HIDDEN_OPENED, actor=viewer.actor, at=at, facts={"door": "own"}
            )
            shown = _shown(
                door.find_entries(event=event, entry=entry, most=MOST), at.astimezone(ENGLAND).date()
            )
        record_event(
            kind=EventKind.SENSITIVE_LISTED,
            actor=viewer.actor,
            at=at,
            facts={"rule": "SEN-4"} if refusal else {"entries": " ".join(str(each.id) for each in shown)},
            refused=refusal is not None,
        )
    if refusal is not None:
        raise refusal
    return shown


def _shown(rows: Iterable[door.Stored], on: date) -> tuple[SensitiveEntry, ...]:
    """With what everybody may see of each child; of one no longer live or not yet open, nothing (RET-5)."""
    recent = [row for row in rows if row[6] is None or row[6] >= on - HISTORY]
    live = Child.objects.filter(live_until__gt=on, searchable_from__lte=on)
    children = live.in_bulk([row[1] for row in recent])
    return tuple(_entry(row, children[row[1]], on) for row in recent if row[1] in children)


def _entry(row: door.Stored, child: Child, on: date) -> SensitiveEntry:
    number, _, service, practitioner, role, started_on, ended_on, basis, *receipt, supplied = row
    consent = door.to_consent(basis, *receipt)
    review = consent.review_on if consent and ended_on is None else None
    return SensitiveEntry(
        id=number,
        number=encode(child.id),
        given_names=child.given_names,
        family_name=child.family_name,
        birth_date=child.birth_date,
        shielded=child.shielded,
        service=service,
        practitioner=practitioner,
        role=role,
        started_on=started_on,
        ended_on=ended_on,
        basis=Basis(basis),
        consent=consent,
        supplied=supplied,
        due=review is not None and on <= review <= on + DUE_BEFORE,
        overdue=review is not None and review < on,
    )

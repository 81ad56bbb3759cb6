"""Stating that a child left England or died, or stays on after 18; confirming, denying, taking back.

A death of which no registration was seen waits for a person before anything changes (REC-9).
What is in force is a row of the authority's own, published by the worker: taken back, nothing of it is left.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import transaction
from procrastinate.contrib.django import app

from contactpoint.access.policies import ENGLAND
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.door import DecidedAlready, NotOfYours, call_door, say_actor
from contactpoint.casework.leavers.records import (
    CONSENT_ROLES,
    DEATH_SOURCES,
    INTENTS,
    REGISTRATION,
    Ending,
    Kind,
    Statement,
    Verdict,
)
from contactpoint.casework.policies import UnusableCase, check_ground
from contactpoint.casework.records import ShownChild
from contactpoint.codes.child_number import ChildNumber, decode, encode
from contactpoint.codes.partial_date import PartialDate, eighteenth_birthday
from contactpoint.directory.keeping.policies import years_after
from contactpoint.directory.models import Child
from contactpoint.errors import Conflict, ContactPointError, NotAllowed

TASK = "contactpoint.casework.tasks.publish_endings"
MOST = 200
OLDEST = 25
T = TypeVar("T")
Noted = tuple[list[int], dict[str, str | int]]


class MayNotState(NotAllowed):
    """The person is neither data manager nor shielding officer."""


class StatedAlready(Conflict):
    """The same was stated of this child before."""


def state_ending(*, by: Viewer, child: ChildNumber, said: Statement, at: datetime) -> int:
    """Keep a statement; gives its number. Raises MayNotState, NotOfYours, StatedAlready, UnusableCase."""

    def write() -> tuple[int, Noted]:
        number = decode(child) or 0
        _check(said, number, at.astimezone(ENGLAND).date())
        is_confirmed = said.kind is not Kind.DIED or said.source == REGISTRATION
        try:
            (made,) = call_door(
                "casework_report_ending", say_actor(by), at, number, said.kind.value, said.on, said.intent,
                said.source, said.obtained_by_role, said.obtained_on, is_confirmed,
            )  # fmt: skip
        except DecidedAlready:
            raise StatedAlready("This was stated before. Take that back first if it is wrong.") from None
        app.configure_task(TASK).defer()
        return made, ([number], {"ending": made, "kind": said.kind.value, "confirmed": int(is_confirmed)})

    return _do(by, EventKind.ENDING_STATED, at, write)


def read_endings(*, by: Viewer, at: datetime) -> tuple[Ending, ...]:
    """Deaths that wait, the longest first, then what is in force. Raises MayNotState."""

    def read() -> tuple[tuple[Ending, ...], Noted]:
        (said,) = call_door("casework_read_endings", say_actor(by), at, MOST)
        found = tuple(_ending(each) for each in (json.loads(said) if isinstance(said, str) else said))
        return found, ([], {"endings": len(found)})

    return _do(by, EventKind.ENDINGS_LISTED, at, read)


def settle_ending(*, by: Viewer, ending: int, verdict: Verdict, at: datetime) -> None:
    """Confirm or deny a death that waits, or take back what is in force.

    Raises MayNotState, NotOfYours, DecidedAlready.
    """

    def write() -> tuple[None, Noted]:
        (child,) = call_door("casework_settle_ending", by.account_id, at, ending, verdict.value)
        app.configure_task(TASK).defer()
        return None, ([child], {"ending": ending, "verdict": verdict.value})

    _do(by, EventKind.ENDING_SETTLED, at, write)


def _check(said: Statement, number: int, on: date) -> None:
    """Raises UnusableCase."""
    if said.kind is Kind.STAYS:
        check_ground(ground=said.obtained_by_role, known=CONSENT_ROLES)
        if said.obtained_on is None or said.obtained_on > on:
            raise UnusableCase("Enter when the young person consented; it must not lie in the future.")
        _check_age(said.on, number)
        return
    if said.kind is Kind.LEFT:
        check_ground(ground=said.intent, known=INTENTS)
    else:
        check_ground(ground=said.source, known=DEATH_SOURCES)
    if said.on > on:
        raise UnusableCase("The day must not lie in the future.")


def _check_age(until: date, number: int) -> None:
    """REC-1: after the 18th birthday, and to at most the 25th."""
    text = Child.objects.filter(pk=number).values_list("birth_date", flat=True).first()
    born = PartialDate.parse(text) if text else None
    if born is None:
        raise NotOfYours("There is no such record in your authority.")
    if not eighteenth_birthday(born) < until <= years_after(born.latest, OLDEST):
        raise UnusableCase("The day must lie after the 18th birthday and not after the 25th.")


def _do(by: Viewer, kind: EventKind, at: datetime, work: Callable[[], tuple[T, Noted]]) -> T:
    """One durable transaction; a refusal is logged in it and raised after it has closed."""
    refusal: ContactPointError | None = None
    with transaction.atomic(durable=True):
        try:
            with transaction.atomic():
                if not (by.may(Action.STATE_ENDING) or by.may(Action.SHIELD)):
                    raise MayNotState("Only a data manager or a shielding officer may do this.")
                done, (children, facts) = work()
                record_event(kind=kind, actor=by.actor, at=at, children=children, facts=facts)
        except ContactPointError as error:
            refusal = error
            why: dict[str, str | int] = {"because": type(error).__name__}
            record_event(kind=kind, actor=by.actor, at=at, facts=why, refused=True)
    if refusal is not None:
        raise refusal
    return done


def _ending(said: Mapping[str, Any]) -> Ending:
    child = said["child"]
    return Ending(
        id=said["id"],
        child=ShownChild(
            number=encode(child["id"]),
            given_names=child["given_names"],
            family_name=child["family_name"],
            birth_date=child["birth_date"],
            gender=child["gender"],
            shielded=child["shielded"],
        ),
        kind=Kind(said["kind"]),
        on=date.fromisoformat(said["happened_on"]),
        intent=said["intent"],
        source=said["source"],
        reported_at=datetime.fromisoformat(said["reported_at"]),
        reported_by=said["reported_by"],
        is_in_force=said["is_in_force"],
    )

"""What a shielding officer decides (SHI-1, SHI-4, SHI-5): one function for each thing that can happen.

Each is one durable transaction with its event; whether the officer may is asked again by the hidden door.
No other path removes a shield: lifting is decided here and carried out by the worker (`carrying_out`).
"""

from collections.abc import Callable
from datetime import date, datetime

from django.db import IntegrityError, transaction
from procrastinate.contrib.django import app

from contactpoint.access.policies import ENGLAND
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.asking import put_under_shield
from contactpoint.casework.door import DecidedAlready, call_door
from contactpoint.casework.grounds import GROUNDS, LIFTINGS, REFUSALS
from contactpoint.casework.policies import check_ground, check_review
from contactpoint.casework.records import HeldVerdict, Verdict
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.errors import ContactPointError, NotAllowed

TASK = "contactpoint.casework.tasks.carry_out_decision"


class MayNotDecide(NotAllowed):
    """The person's roles do not include shields, or they asked for this one themselves."""


Facts = dict[str, str | int]


def decide_request(
    *, by: Viewer, request: int, verdict: Verdict, ground: str, review_on: date | None, at: datetime
) -> None:
    """Confirm or refuse a request; a refusal lifts the provisional shield that the request brought.

    Raises MayNotDecide (also for the one who asked), NotOfYours, DecidedAlready, UnusableCase.
    """

    def write() -> tuple[list[int], Facts]:
        confirmed = verdict is Verdict.CONFIRM
        check_ground(ground=ground, known=GROUNDS if confirmed else REFUSALS)
        day = _review(review_on, at) if confirmed else None
        child, decision, lift, was_shielded = call_door(
            "casework_decide_request", by.account_id, at, request, verdict.value, ground, day
        )
        if day is not None and not was_shielded:
            put_under_shield(
                child=child,
                ground=ground,
                requested_by=f"request {request}",
                provisional=False,
                applied_by=by.account_id,
                at=at,
                review_on=day,
                by=by,
            )
        if lift is not None:
            _tell_worker(lift)
        return [child], {"decision": decision, "verdict": verdict.value, "lifts": int(lift is not None)}

    _decide(by, Action.SHIELD, EventKind.SHIELD_REQUEST_DECIDED, at, write)


def apply_shield(*, by: Viewer, child: ChildNumber, ground: str, review_on: date, at: datetime) -> None:
    """Shield a child of one's own authority without a request, open or not yet searchable (SHI-10)."""

    def write() -> tuple[list[int], Facts]:
        check_ground(ground=ground, known=GROUNDS)
        day = _review(review_on, at)
        (decision,) = call_door("casework_decide_to_shield", by.account_id, at, decode(child), ground, day)
        number = decode(child) or 0
        put_under_shield(
            child=number,
            ground=ground,
            requested_by="a shielding officer",
            provisional=False,
            applied_by=by.account_id,
            at=at,
            review_on=day,
            by=by,
        )
        return [number], {"decision": decision, "verdict": "apply"}

    _decide(by, Action.SHIELD, EventKind.SHIELD_DECIDED, at, write)


def renew_shield(*, by: Viewer, shield: int, seen: int, ground: str, review_on: date, at: datetime) -> None:
    """Keep a shield until its next review; a provisional one is thereby confirmed."""

    def write() -> tuple[list[int], Facts]:
        check_ground(ground=ground, known=GROUNDS)
        day = _review(review_on, at)
        child, decision = call_door(
            "casework_decide_shield", by.account_id, at, shield, seen, "renew", ground, day
        )
        return [child], {"decision": decision, "verdict": "renew"}

    _decide(by, Action.SHIELD, EventKind.SHIELD_DECIDED, at, write)


def lift_shield(*, by: Viewer, shield: int, seen: int, ground: str, at: datetime) -> None:
    """Decide that the child needs no shield any more; the worker then moves everything back."""

    def write() -> tuple[list[int], Facts]:
        check_ground(ground=ground, known=LIFTINGS)
        child, decision = call_door(
            "casework_decide_shield", by.account_id, at, shield, seen, "lift", ground, None
        )
        _tell_worker(decision)
        return [child], {"decision": decision, "verdict": "lift"}

    _decide(by, Action.SHIELD, EventKind.SHIELD_DECIDED, at, write)


def decide_held_row(
    *, by: Viewer, row: int, verdict: HeldVerdict, child: ChildNumber | None, at: datetime
) -> None:
    """Say that a held row belongs to a shielded child, which is then named, or to another child (SHI-5)."""

    def write() -> tuple[list[int], Facts]:
        chosen = decode(child) if child and verdict is HeldVerdict.BELONGS else None
        (decision,) = call_door("casework_decide_held", by.account_id, at, row, verdict.value, chosen)
        _tell_worker(decision)
        return [chosen] if chosen else [], {"decision": decision, "verdict": verdict.value}

    _decide(by, Action.CLEAR_HELD_ROWS, EventKind.HELD_ROW_DECIDED, at, write)


def answer_message(*, by: Viewer, message: int, at: datetime) -> None:
    """Say that a message was answered or passed on; it leaves the queue."""

    def write() -> tuple[list[int], Facts]:
        (child,) = call_door("casework_answer_message", by.account_id, at, message)
        return [child], {"message": message}

    _decide(by, Action.SHIELD, EventKind.MESSAGE_ANSWERED, at, write)


def _review(review_on: date | None, at: datetime) -> date:
    on = at.astimezone(ENGLAND).date()
    return check_review(review_on=review_on or on, on=on)


def _tell_worker(decision: int) -> None:
    app.configure_task(TASK).defer(decision=decision)


def _decide(
    by: Viewer,
    action: Action,
    kind: EventKind,
    at: datetime,
    write: Callable[[], tuple[list[int], Facts]],
) -> None:
    """Decide, write and log in one durable transaction; a refusal undoes the write and keeps its event."""
    refusal: ContactPointError | None = None
    with transaction.atomic(durable=True):
        try:
            with transaction.atomic():
                if not by.may(action):
                    raise MayNotDecide("Your role does not decide about shields. Nothing was changed.")
                children, facts = write()
                record_event(kind=kind, actor=by.actor, at=at, children=children, facts=facts)
        except IntegrityError as error:
            refusal = _refusal_of(error)
        except ContactPointError as error:
            refusal = error
        if refusal is not None:
            why: Facts = {"tried": kind.value, "because": type(refusal).__name__}
            record_event(kind=EventKind.CHANGE_REFUSED, actor=by.actor, at=at, facts=why, refused=True)
    if refusal is not None:
        raise refusal


def _refusal_of(error: IntegrityError) -> ContactPointError:
    """A constraint of the database refused: the one who asked cannot decide, and nothing is decided twice."""
    if "request_decided_by_another" in str(error):
        return MayNotDecide(
            "You asked for this shield yourself: a colleague must decide. Nothing was changed."
        )
    return DecidedAlready("A colleague has decided on this in the meantime. Nothing was changed.")

"""What a data manager decides about doubtful matches (SUP-8): one function for each thing that can happen.

Each is one durable transaction with its event; the worker then publishes (`carrying_out`).
"""

from collections.abc import Callable
from datetime import datetime

from procrastinate.contrib.django import app

from contactpoint.access.records import Viewer
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.review.door import Facts, call, through_the_door
from contactpoint.casework.review.records import Answer
from contactpoint.codes.child_number import ChildNumber, decode

TASK = "contactpoint.casework.tasks.carry_out_match"


def decide_match(*, by: Viewer, review: int, child: ChildNumber, answer: Answer, at: datetime) -> int:
    """Say that the row and the child are one, or are not, for ever. Gives the decision.

    Raises NotADataManager, NotAsked, DecidedMeanwhile (somebody was first: they are told).
    """

    def write() -> tuple[int, list[int], Facts]:
        number = decode(child) or 0
        decision, ready = call("casework_decide_match", by.account_id, at, review, number, answer.value)
        if ready:
            _tell_worker(decision)
        return decision, [number], {"decision": decision, "row": review, "verdict": answer.value}

    return _decide(by, EventKind.MATCH_DECIDED, at, write)


def pass_review(*, by: Viewer, review: int, at: datetime) -> None:
    """Leave the question to the other authority; where there is none, NotAsked."""

    def write() -> tuple[int, list[int], Facts]:
        call("casework_pass_review", by.account_id, at, review)
        return review, [], {"row": review}

    _decide(by, EventKind.MATCH_PASSED, at, write)


def leave_review(*, by: Viewer, review: int, at: datetime) -> None:
    """Decide nothing: the question goes to the end of the queue."""

    def write() -> tuple[int, list[int], Facts]:
        call("casework_leave_review", by.account_id, at, review)
        return review, [], {"row": review}

    _decide(by, EventKind.MATCH_LEFT, at, write)


def undo_match(*, by: Viewer, decision: int, at: datetime) -> None:
    """Take a decision back: the question is asked again. Raises NotAsked, DecidedMeanwhile."""

    def write() -> tuple[int, list[int], Facts]:
        (child,) = call("casework_undo_match", by.account_id, at, decision)
        _tell_worker(decision)
        return decision, [child], {"decision": decision}

    _decide(by, EventKind.MATCH_UNDONE, at, write)


def _tell_worker(decision: int) -> None:
    app.configure_task(TASK).defer(decision=decision)


def _decide(
    by: Viewer, kind: EventKind, at: datetime, write: Callable[[], tuple[int, list[int], Facts]]
) -> int:
    def do() -> int:
        done, children, facts = write()
        record_event(kind=kind, actor=by.actor, at=at, children=children, facts=facts)
        return done

    tried: Facts = {"tried": kind.value}
    return through_the_door(by=by, at=at, refused=EventKind.CHANGE_REFUSED, facts=tried, do=do)

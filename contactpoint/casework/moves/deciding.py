"""Proposing, accepting, rejecting and withdrawing a move (REC-6).

Exactly one authority is responsible at any time: it changes with the acceptance, in one transaction.
Data managers move open records; a shielded one is moved by shielding officers, and the shield stays (SHI-5).
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.door import DecidedAlready, NotOfYours, call_door, say_actor
from contactpoint.casework.moves.records import REJECTIONS, Move, MoveOutcome, Moves
from contactpoint.casework.policies import check_ground
from contactpoint.casework.records import ShownChild
from contactpoint.codes.authorities import get_authority
from contactpoint.codes.child_number import ChildNumber, decode, encode
from contactpoint.directory.locks import keep_openings
from contactpoint.errors import Conflict, ContactPointError, NotAllowed

MOST = 200
LOOKING_BACK = timedelta(days=92)
T = TypeVar("T")
Noted = tuple[list[int], dict[str, str | int]]


class MayNotMove(NotAllowed):
    """The person is neither data manager nor shielding officer."""


class ProposedAlready(Conflict):
    """A move of this child waits for its decision."""


def propose_move(*, by: Viewer, child: ChildNumber, to: str, at: datetime) -> int:
    """Propose that the authority with that DfE code becomes responsible; gives the proposal's number.

    One's own authority gives the child away or takes it over.
    Raises MayNotMove, NotOfYours (no such child, neither side is one's own, or that authority is not open),
    ProposedAlready; each is logged.
    """

    def write() -> tuple[int, Noted]:
        number = decode(child) or 0
        try:
            (made,) = call_door("casework_propose_move", say_actor(by), at, number, get_authority(to).code)
        except DecidedAlready:
            raise ProposedAlready(
                "A move of this child is proposed already. Nothing was changed: see the moves."
            ) from None
        return made, ([number], {"move": made})

    return _do(by, EventKind.MOVE_PROPOSED, at, write)


def read_moves(*, by: Viewer, at: datetime) -> Moves:
    """What waits, the longest first, and what was decided within three months. Raises MayNotMove."""

    def read() -> tuple[Moves, Noted]:
        (said,) = call_door("casework_read_moves", say_actor(by), at, at - LOOKING_BACK, MOST)
        said = json.loads(said) if isinstance(said, str) else said
        moves = tuple(_move(each) for each in said["moves"])
        return Moves(get_authority(said["authority"]).name, moves), ([], {"moves": len(moves)})

    return _do(by, EventKind.MOVES_LISTED, at, read)


def accept_move(*, by: Viewer, move: int, at: datetime) -> None:
    """The other side's yes: responsibility changes. Raises MayNotMove, NotOfYours, DecidedAlready."""
    _decide(by, move, "", at)


def reject_move(*, by: Viewer, move: int, why: str, at: datetime) -> None:
    """The other side's no, for a reason. Raises MayNotMove, NotOfYours, DecidedAlready, UnusableCase."""
    check_ground(ground=why, known=REJECTIONS)
    _decide(by, move, why, at)


def withdraw_move(*, by: Viewer, move: int, at: datetime) -> None:
    """The proposing side takes it back. Raises MayNotMove, NotOfYours, DecidedAlready."""

    def write() -> tuple[None, Noted]:
        (child,) = call_door("casework_withdraw_move", by.account_id, at, move)
        return None, ([child], {"move": move})

    _do(by, EventKind.MOVE_WITHDRAWN, at, write)


def _decide(by: Viewer, move: int, why: str, at: datetime) -> None:
    def write() -> tuple[None, Noted]:
        with connection.cursor() as cursor:
            keep_openings(cursor)  # a child who arrives as its authority opens is found, or found later
        (child,) = call_door("casework_decide_move", by.account_id, at, move, why)
        return None, ([child], {"move": move, "accepted": int(not why)})

    _do(by, EventKind.MOVE_DECIDED, at, write)


def _do(by: Viewer, kind: EventKind, at: datetime, work: Callable[[], tuple[T, Noted]]) -> T:
    """One durable transaction; a refusal is logged in it and raised after it has closed."""
    refusal: ContactPointError | None = None
    with transaction.atomic(durable=True):
        try:
            with transaction.atomic():
                if not (by.may(Action.MOVE) or by.may(Action.SHIELD)):
                    raise MayNotMove("Only a data manager or a shielding officer may do this.")
                done, (children, facts) = work()
                record_event(kind=kind, actor=by.actor, at=at, children=children, facts=facts)
        except ContactPointError as error:
            refusal = error
            why: dict[str, str | int] = {"because": type(error).__name__}
            record_event(kind=kind, actor=by.actor, at=at, facts=why, refused=True)
    if refusal is not None:
        raise refusal
    return done


def _move(said: Mapping[str, Any]) -> Move:
    child = said["child"]
    return Move(
        id=said["id"],
        child=ShownChild(
            number=encode(child["id"]),
            given_names=child["given_names"],
            family_name=child["family_name"],
            birth_date=child["birth_date"],
            gender=child["gender"],
            shielded=child["shielded"],
        ),
        moves_from=get_authority(said["from"]).name,
        moves_to=get_authority(said["to"]).name,
        proposed_at=datetime.fromisoformat(said["proposed_at"]),
        proposed_by=said["proposed_by"],
        is_by_address=said["is_by_address"],
        is_ours=said["is_ours"],
        outcome=MoveOutcome(said["outcome"]) if said["outcome"] else None,
        why=said["why"],
        decided_at=datetime.fromisoformat(said["decided_at"]) if said["decided_at"] else None,
        decided_by=said["decided_by"],
    )


__all__ = ["NotOfYours", "accept_move", "propose_move", "read_moves", "reject_move", "withdraw_move"]

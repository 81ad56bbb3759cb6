"""What steps of brokered contact have in common: a durable transaction, the event first (AUD-2, AUD-8)."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from contactpoint.access.records import Viewer
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.records import ShownChild
from contactpoint.codes.child_number import encode
from contactpoint.directory.keeping.child_keys import ensure_keys
from contactpoint.errors import Conflict, ContactPointError

T = TypeVar("T")
Facts = dict[str, str | int]


class AskedAlready(Conflict):
    """The same person has asked for the same child, and the case is not closed."""


def do_step(
    *,
    by: Viewer,
    kind: EventKind,
    at: datetime,
    facts: Facts,
    insist: Callable[[], None],
    step: Callable[[int], T],
) -> T:
    """`insist` on the right, write the event, then take the step, for which the event opens the door.

    A refusal undoes the step and its event, is logged alone, and raised once the transaction has closed.
    """
    refusal: ContactPointError | None = None
    with transaction.atomic(durable=True):
        try:
            with transaction.atomic():
                insist()
                done = step(record_event(kind=kind, actor=by.actor, at=at, facts=facts))
        except IntegrityError:
            refusal = AskedAlready(
                "You have asked for this already, and the case is not closed. Nothing was sent twice."
            )
        except ContactPointError as error:
            refusal = error
        if refusal is not None:
            why: Facts = {**facts, "tried": kind.value, "because": type(refusal).__name__}
            record_event(kind=EventKind.CHANGE_REFUSED, actor=by.actor, at=at, facts=why, refused=True)
    if refusal is not None:
        raise refusal
    return done


def check_first(*, by: Viewer, kind: EventKind, at: datetime, check: Callable[[], None]) -> None:
    """Whether a page may be shown before anything is done; only a refusal is logged, and then raised."""
    try:
        check()
    except ContactPointError as error:
        with transaction.atomic(durable=True):
            why: Facts = {"tried": kind.value, "because": type(error).__name__}
            record_event(kind=EventKind.CHANGE_REFUSED, actor=by.actor, at=at, facts=why, refused=True)
        raise


def seal_provider(*, child: int, codes: list[str]) -> str:
    """Who the provider is, as the log may keep it: sealed under the child's key (AUD-8)."""
    key = ensure_keys(children=[child])[child]
    return key.encrypt(json.dumps(sorted(codes)).encode()).decode()


def load(said: Any) -> Any:
    """What a function of the door gives, whether the driver has read it already or not."""
    return json.loads(said) if isinstance(said, str) else said


def to_child(said: dict[str, Any]) -> ShownChild:
    """What everybody may see of a child."""
    return ShownChild(
        number=encode(said["id"]),
        given_names=said["given_names"],
        family_name=said["family_name"],
        birth_date=said["birth_date"],
        gender=said["gender"],
        shielded=said["shielded"],
    )


def to_moment(said: str | None) -> datetime | None:
    """Of a date and time as the database writes it."""
    return datetime.fromisoformat(said) if said else None

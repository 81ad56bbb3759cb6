"""Calling the data managers' hidden door, in the caller's transaction on the server's own connection (SHI-9).

Decides nothing: who may have what is asked by the functions themselves (migration `0003_review`).
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import DatabaseError, connection, transaction

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.errors import Conflict, ContactPointError, NotAllowed, NotFound

T = TypeVar("T")
Facts = dict[str, str | int]


class NotADataManager(NotAllowed):
    """The account is not a data manager of any authority."""


class NotAsked(NotFound):
    """There is no such question, or it is another authority's: not told apart."""


class DecidedMeanwhile(Conflict):
    """A colleague, here or at the other authority, was first."""


_REFUSALS: dict[str, ContactPointError] = {
    "CP403": NotADataManager("Only an authority’s data manager may do this. Nothing was changed."),
    "CP404": NotAsked("There is no such question in your authority’s queue."),
    "CP409": DecidedMeanwhile(
        "This was decided in the meantime, by you or a colleague. Nothing was changed: go on with the next."
    ),
}


def call(function: str, *parameters: Any) -> tuple[Any, ...]:
    """What the function gives, as one row. Raises NotADataManager, NotAsked, DecidedMeanwhile."""
    places = ", ".join(["%s"] * len(parameters))
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {function}({places})", list(parameters))
            return tuple(cursor.fetchone())
    except DatabaseError as error:
        refusal = _REFUSALS.get(getattr(error.__cause__, "sqlstate", ""))
        if refusal is None:
            raise
        raise type(refusal)(str(refusal)) from None


def loaded(said: Any) -> Any:
    """JSON of a function as values."""
    return json.loads(said) if isinstance(said, str) else said


def through_the_door(
    *,
    by: Viewer,
    at: datetime,
    refused: EventKind,
    facts: Facts,
    do: Callable[[], T],
    actions: Sequence[Action] = (Action.REVIEW_MATCHES,),
) -> T:
    """Do it in one durable transaction; a refusal undoes it, keeps its event, and is raised afterwards."""
    refusal: ContactPointError | None = None
    with transaction.atomic(durable=True):
        try:
            with transaction.atomic():
                if not any(by.may(action) for action in actions):
                    raise NotADataManager(str(_REFUSALS["CP403"]))
                done = do()
        except ContactPointError as error:
            refusal = error
            why: Facts = {**facts, "because": type(error).__name__}
            record_event(kind=refused, actor=by.actor, at=at, facts=why, refused=True)
    if refusal is not None:
        raise refusal
    return done

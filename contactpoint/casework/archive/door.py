"""What the archive's doors share: one durable transaction each, logged before anything is given (AUD-2)."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.errors import ContactPointError, NotAllowed

T = TypeVar("T")
Noted = tuple[list[int], dict[str, str | int]]  # children and facts for the log


class NotForThisRole(NotAllowed):
    """The person's role does not open the archive, or does not read the register."""


def through_door(
    *,
    by: Viewer,
    at: datetime,
    action: Action,
    kind: EventKind,
    do: Callable[[], tuple[T, Noted]],
    purpose: str = "",
    typed: dict[str, str] | None = None,
) -> T:
    """What `do` gives, once its event is written; a refusal is logged, and raised after the transaction."""
    refusal: ContactPointError | None = None
    with transaction.atomic(durable=True):
        try:
            with transaction.atomic():
                if not by.may(action):
                    raise NotForThisRole("Your role does not allow this. Nothing was shown or changed.")
                given, (children, facts) = do()
                record_event(
                    kind=kind,
                    actor=by.actor,
                    at=at,
                    purpose=purpose,
                    children=children,
                    typed=typed,
                    facts=facts,
                )
        except ContactPointError as error:
            refusal = error
            why: dict[str, str | int] = {"because": type(error).__name__}
            record_event(kind=kind, actor=by.actor, at=at, typed=typed, facts=why, refused=True)
    if refusal is not None:
        raise refusal
    return given

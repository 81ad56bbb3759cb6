"""What anybody who works with children may ask of a shielding officer (SHI-2, SHI-4).

Request and message are kept on the hidden side in the caller's transaction, with their event.
What comes back is the same whatever the hidden side holds: who is responsible is never said (SHI-3).
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from contactpoint.access.policies import ENGLAND
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.door import call_door
from contactpoint.casework.grounds import GROUNDS
from contactpoint.casework.policies import LONGEST_REPLY, check_ground, check_text
from contactpoint.casework.sealing import seal_text
from contactpoint.casework.texts import join_message
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.models import Child
from contactpoint.directory.opening import NoSuchRecord, find_live_child
from contactpoint.directory.publish.shielding import shield_child
from contactpoint.errors import Conflict, ContactPointError, NotAllowed

T = TypeVar("T")


class MayNotAsk(NotAllowed):
    """The person's roles do not include this."""


class AskedAlready(Conflict):
    """The same person has asked for the same child, and nobody has decided yet."""


class NotShielded(Conflict):
    """The record is not shielded (any more)."""


def request_shield(
    *, by: Viewer, child: ChildNumber, ground: str, text: str, urgent: bool, at: datetime
) -> None:
    """Ask the responsible authority for a shield; an urgent one applies provisionally at once (SHI-4).

    Raises MayNotAsk, NoSuchRecord, AskedAlready, UnusableCase.
    """

    def write() -> int:
        found = _find(child, at)
        check_ground(ground=ground, known=GROUNDS)
        sealed = seal_text(text=check_text(text=text, named="what somebody else must know to decide"), at=at)
        review_on = at.astimezone(ENGLAND).date() + settings.SHIELD_REVIEW_AFTER
        if urgent:  # the child's row first: everybody locks it before anything of its case
            Child.objects.select_for_update().get(pk=found.pk)
        (request,) = call_door(
            "casework_request_shield",
            found.pk, ground, urgent, sealed, by.account_id, by.organisation_id, at, review_on,
        )  # fmt: skip
        if urgent:
            put_under_shield(
                child=found.pk,
                ground=ground,
                requested_by=f"request {request}",
                provisional=True,
                applied_by=None,
                at=at,
                review_on=review_on,
                by=by,
            )
        return found.pk

    _ask(by, Action.REQUEST_SHIELD, EventKind.SHIELD_REQUESTED, at, write, {"urgent": int(urgent)})


def pass_message(*, by: Viewer, child: ChildNumber, text: str, reply_to: str, at: datetime) -> None:
    """Pass a message to whoever is responsible for a shielded child, without learning who that is (SHI-2).

    Raises MayNotAsk, NoSuchRecord, NotShielded, UnusableCase.
    """

    def write() -> int:
        found = _find(child, at)
        if not found.shielded:
            raise NotShielded("This record is not shielded any more. Open it again: it says whom to ring.")
        message = join_message(
            text=check_text(text=text, named="what to pass on"),
            reply_to=check_text(text=reply_to, named="how your office is reached", most=LONGEST_REPLY),
        )
        sealed = seal_text(text=message, at=at)
        call_door("casework_pass_message", found.pk, sealed, by.account_id, by.organisation_id, at)
        return found.pk

    _ask(by, Action.PASS_MESSAGE, EventKind.MESSAGE_PASSED, at, write, {})


def put_under_shield(
    *,
    child: int,
    ground: str,
    requested_by: str,
    provisional: bool,
    applied_by: int | None,
    at: datetime,
    review_on: date,
    by: Viewer,
) -> bool:
    """Shield the child in this transaction; rows that wait near it become the officer's (SHI-5).

    False where it was shielded already.
    """
    with connection.cursor() as cursor:
        is_new = shield_child(
            cursor,
            child=child,
            ground=ground,
            requested_by=requested_by,
            provisional=provisional,
            applied_by=applied_by,
            at=at,
            review_on=review_on,
        )
    if is_new:
        call_door("casework_hold_rows_near", child)
        facts = {"provisional": int(provisional)}
        record_event(kind=EventKind.SHIELD_APPLIED, actor=by.actor, at=at, children=[child], facts=facts)
    return is_new


def _find(child: ChildNumber, at: datetime) -> Child:
    found = find_live_child(number=decode(child), on=at.astimezone(ENGLAND).date())
    if found is None:
        raise NoSuchRecord("There is no record with this number.")
    return found


def _ask(
    by: Viewer,
    action: Action,
    kind: EventKind,
    at: datetime,
    write: Callable[[], int],
    facts: dict[str, str | int],
) -> None:
    """Decide, write and log in one durable transaction; a refusal undoes the write and keeps its event."""
    refusal: ContactPointError | None = None
    with transaction.atomic(durable=True):
        try:
            with transaction.atomic():
                if not by.may(action):
                    raise MayNotAsk("Your role does not let you do this. Nothing was sent.")
                child = write()
                record_event(kind=kind, actor=by.actor, at=at, children=[child], facts=facts)
        except IntegrityError:
            refusal = AskedAlready(
                "You have asked for this child already, and nobody has decided yet. Nothing was sent twice."
            )
        except ContactPointError as error:
            refusal = error
        if refusal is not None:
            why: dict[str, str | int] = {"tried": kind.value, "because": type(refusal).__name__}
            record_event(kind=EventKind.CHANGE_REFUSED, actor=by.actor, at=at, facts=why, refused=True)
    if refusal is not None:
        raise refusal

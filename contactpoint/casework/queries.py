"""What a shielding officer reads, through the hidden door, which logs what it hands out (SHI-9)."""

import base64
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import transaction

from contactpoint.access.policies import ENGLAND
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.actions import MayNotDecide
from contactpoint.casework.door import NotOfYours, call_door, say_actor
from contactpoint.casework.policies import is_due, is_overdue
from contactpoint.casework.records import HeldRow, Message, Queue, Sender, Shield, ShieldRequest, ShownChild
from contactpoint.casework.sealing import unseal_text
from contactpoint.casework.texts import split_message
from contactpoint.codes.authorities import get_authority
from contactpoint.codes.child_number import ChildNumber, decode, encode
from contactpoint.directory.values import from_json
from contactpoint.errors import ContactPointError

T = TypeVar("T")
MOST = 100  # of each kind on one page; the longest waiting first


def read_queue(*, by: Viewer, at: datetime) -> Queue:
    """All that waits for the officers of this authority. Raises MayNotDecide."""

    def read() -> Queue:
        (said,) = call_door("casework_read_queue", say_actor(by), at, MOST)
        said = _loaded(said)
        return Queue(
            authority=get_authority(said["authority"]).name,
            requests=tuple(_request(each) for each in said["requests"]),
            held=tuple(_held(each) for each in said["held"]),
            messages=tuple(_message(each) for each in said["messages"]),
            overdue=said["overdue"],
            shields=said["shields"],
        )

    return _look(by, at, "shielding-queue", read)


def read_shields(*, by: Viewer, at: datetime) -> tuple[Shield, ...]:
    """The authority's shields, those overdue for review first (SHI-4). Raises MayNotDecide."""

    def read() -> tuple[Shield, ...]:
        (said,) = call_door("casework_read_shields", say_actor(by), at, MOST)
        return tuple(_shield(each, at) for each in _loaded(said))

    return _look(by, at, "shields", read)


def read_request(*, by: Viewer, request: int, at: datetime) -> ShieldRequest:
    """One request with its text. Raises MayNotDecide, NotOfYours."""
    return _look(by, at, "request", lambda: _request(_one(by, at, "request", request)))


def read_shield(*, by: Viewer, shield: int, at: datetime) -> Shield:
    """One shield. Raises MayNotDecide, NotOfYours."""
    return _look(by, at, "shield", lambda: _shield(_one(by, at, "shield", shield), at))


def read_held_row(*, by: Viewer, row: int, at: datetime) -> HeldRow:
    """One held row with its values, and the open parts of the shielded children near it (SHI-5)."""
    return _look(by, at, "held", lambda: _held(_one(by, at, "held", row)))


def read_message(*, by: Viewer, message: int, at: datetime) -> Message:
    """One message with its text. Raises MayNotDecide, NotOfYours."""
    return _look(by, at, "message", lambda: _message(_one(by, at, "message", message)))


def find_own_child(*, by: Viewer, child: ChildNumber, at: datetime) -> ShownChild:
    """A child of one's own authority by number, searchable or not (SHI-10)."""
    return _look(by, at, "child", lambda: _child(_one(by, at, "child", decode(child) or -1)))


def _one(by: Viewer, at: datetime, what: str, which: int) -> dict[str, Any]:
    (said,) = call_door("casework_read_one", say_actor(by), at, what, which)
    return dict(_loaded(said))


def _loaded(said: Any) -> Any:
    return json.loads(said) if isinstance(said, str) else said


def _look(by: Viewer, at: datetime, what: str, read: Callable[[], T]) -> T:
    """The door logs what it gives; a refusal is logged here, and raised after the transaction has closed."""
    refusal: ContactPointError | None = None
    with transaction.atomic(durable=True):
        try:
            with transaction.atomic():
                if not by.may(Action.SHIELD):
                    raise MayNotDecide("Only a shielding officer sees this.")
                found = read()
        except ContactPointError as error:
            refusal = error
            why: dict[str, str | int] = {"shown": what, "because": type(error).__name__}
            record_event(kind=EventKind.HIDDEN_OPENED, actor=by.actor, at=at, facts=why, refused=True)
    if refusal is not None:
        raise refusal
    return found


def _child(said: dict[str, Any]) -> ShownChild:
    return ShownChild(
        number=encode(said["id"]),
        given_names=said["given_names"],
        family_name=said["family_name"],
        birth_date=said["birth_date"],
        gender=said["gender"],
        shielded=said["shielded"],
    )


def _request(said: dict[str, Any]) -> ShieldRequest:
    at = _moment(said["requested_at"])
    return ShieldRequest(
        id=said["id"],
        child=_child(said["child"]),
        ground=said["ground"],
        urgent=said["urgent"],
        requested_at=at,
        requester=Sender(**said["requester"]),
        requested_by=said["requested_by"],
        is_decided=bool(said["outcome"]),
        brought_shield=bool(said["ours"]),
        text=_text(said, at),
    )


def _shield(said: dict[str, Any], at: datetime) -> Shield:
    review_on, on = date.fromisoformat(said["review_on"]), at.astimezone(ENGLAND).date()
    return Shield(
        id=said["id"],
        child=_child(said["child"]),
        ground=said["ground"],
        provisional=said["provisional"],
        requested_by=said["requested_by"],
        applied_at=_moment(said["applied_at"]),
        review_on=review_on,
        is_overdue=is_overdue(review_on=review_on, on=on),
        is_due=is_due(review_on=review_on, on=on),
        lifting=said["lifting"],
        seen=said["seen"],
    )


def _held(said: dict[str, Any]) -> HeldRow:
    content = said.get("content")
    return HeldRow(
        id=said["id"],
        supplier=said["supplier"],
        supplied_at=_moment(said["supplied_at"]),
        near=tuple(_child(each) for each in said["near"]),
        values=None if content is None else from_json(content),
        is_sensitive=said.get("sensitive", False),
    )


def _message(said: dict[str, Any]) -> Message:
    at = _moment(said["sent_at"])
    joined = _text(said, at)
    text, reply_to = split_message(joined=joined) if joined else ("", "")
    return Message(
        id=said["id"],
        child=_child(said["child"]),
        sent_at=at,
        sender=Sender(**said["sender"]),
        is_answered=bool(said.get("answered_at")),
        text=text,
        reply_to=reply_to,
    )


def _text(said: dict[str, Any], at: datetime) -> str:
    return unseal_text(sealed=base64.b64decode(said["sealed"]), at=at) if "sealed" in said else ""


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


__all__ = [
    "NotOfYours",
    "find_own_child",
    "read_held_row",
    "read_message",
    "read_queue",
    "read_request",
    "read_shield",
    "read_shields",
]

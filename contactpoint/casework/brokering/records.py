"""Frozen values of brokered contact. A provider's name leaves for its broker and whom it accepted."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contactpoint.casework.records import Sender, ShownChild


class State(StrEnum):
    """How a request stands, for who asked. None says whether there is, or was, any service (SEN-3)."""

    WAITING = "waiting"
    CONTACT = "contact"  # accepted, and within its time
    OVER = "over"  # it was accepted; it can no longer be seen, for whatever reason
    NONE = "none"  # closed without a contact, for whatever reason
    SHIELDED = "shielded"  # the record is shielded now: nothing is brokered about it (SHI-2)
    RECEIVED = "received"  # of a shield that was asked for: nobody has decided
    DECIDED = "decided"  # ... somebody has: what, the record shows


class Standing(StrEnum):
    """Whether a provider can be asked here."""

    READY = "ready"
    NOT_REGISTERED = "not-registered"
    NOT_ACCREDITED = "not-accredited"
    NOBODY_THERE = "nobody-there"


class Answer(StrEnum):
    """What a provider says. Values are stored: add, never rename."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """One of the viewer's own requests, with of the child what everybody may see."""

    id: int
    child: ShownChild
    at: datetime
    state: State


@dataclass(frozen=True, slots=True)
class OwnRequests:
    """What somebody has asked for, the latest first."""

    contacts: tuple[OwnRequest, ...]
    shields: tuple[OwnRequest, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A contact as its provider gave it: of the service, never personal (INV-2)."""

    organisation: str
    ask_for: str
    telephone: str
    email: str
    until: datetime


@dataclass(frozen=True, slots=True)
class OwnContact:
    """A request with the contacts that can be seen now; mostly one, or none."""

    request: OwnRequest
    contacts: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class Provider:
    """Who it is, for the broker alone (SEN-4). `question` and `answer` are None until there is one."""

    organisation: str  # its code
    name: str
    service: str
    telephone: str
    email: str
    practitioners: tuple[str, ...]
    standing: Standing
    question: int | None
    asked_at: datetime | None
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Case:
    """A request as brokers see it. `text` and `providers` are empty in a list; `days`: how long it waits."""

    id: int
    child: ShownChild
    requested_at: datetime
    days: int
    requester: Sender
    is_own: bool
    is_mine: bool
    claimed_by: int | None
    claimed_name: str
    unanswered: int
    declined: int
    text: str = ""
    providers: tuple[Provider, ...] = ()


@dataclass(frozen=True, slots=True)
class Cases:
    """What waits for an authority's brokers, the oldest first."""

    authority: str
    waiting: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What a provider is asked. `text` is '' in a list."""

    id: int
    child: ShownChild
    asked_at: datetime
    requester: Sender
    text: str = ""

"""Frozen values that enter and leave the log."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, for whom, acting for which organisation, from where (AUD-1).

    `door` is the way in: 'web', 'command', 'worker', 'mediated'.
    `on_behalf_of` is the practitioner whom a mediator serves (ACC-6), `organisation_id` then theirs.
    An actor without an account is the service itself, or somebody not yet known.
    """

    account_id: int | None
    organisation_id: int | None
    door: str
    address: str = ""
    on_behalf_of: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One event as read back. `typed` is there only if it was asked for and its month's key still exists."""

    id: int
    at: datetime
    kind: str
    refused: bool
    actor: Actor
    purpose: str
    children: tuple[int, ...]
    facts: dict[str, str | int]
    typed: dict[str, str] | None

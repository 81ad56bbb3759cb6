"""Frozen values of overrides and their investigations."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contactpoint.casework.records import Sender, ShownChild


class Outcome(StrEnum):
    """How an investigation ended. Values are stored: add, never rename."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not-justified"
    MISUSE = "misuse"


class Step(StrEnum):
    """What an investigator did meanwhile. Values are stored."""

    MANAGER_TOLD = "manager-told"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Taken:
    """One step of an investigation."""

    step: Step
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Investigation:
    """One override with its story. `text` is empty in a list."""

    id: int
    child: ShownChild
    who: Sender
    account_id: int
    opened_at: datetime
    purpose: str
    text: str
    steps: tuple[Taken, ...]
    closed_at: datetime | None
    closed_by: str
    outcome: Outcome | None
    is_own: bool

    @property
    def is_suspended(self) -> bool:
        """Whether this investigation suspended the account."""
        return any(taken.step is Step.SUSPENDED for taken in self.steps)


@dataclass(frozen=True, slots=True)
class Prober:
    """Somebody who met more shielded children of the authority than their work explains (AUD-5)."""

    who: Sender
    account_id: int
    children: int
    overrides: int


@dataclass(frozen=True, slots=True)
class Investigations:
    """What an authority's investigators see."""

    authority: str
    waiting: tuple[Investigation, ...]
    closed: tuple[Investigation, ...]
    probers: tuple[Prober, ...]

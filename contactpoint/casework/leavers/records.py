"""Frozen values of leavers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from contactpoint.casework.records import ShownChild


class Kind(StrEnum):
    """What is stated. Values are stored: add, never rename."""

    DIED = "died"
    LEFT = "left"
    STAYS = "stays"


class Verdict(StrEnum):
    """What becomes of a statement. Values are stored in the log."""

    CONFIRM = "confirm"
    DENY = "deny"
    TAKE_BACK = "take-back"


# Where somebody leaves England to (REC-9): codes, which are stored, with words.
INTENTS: Mapping[str, str] = MappingProxyType(
    {
        "returns": "Intends to return within three years",
        "stays-away": "Does not intend to return within three years",
        "unknown": "Not known",
    }
)
REGISTRATION = "registration"
# How a death became known: the registration alone counts at once.
DEATH_SOURCES: Mapping[str, str] = MappingProxyType(
    {
        REGISTRATION: "The registration of the death, or a medical certificate, was seen",
        "service": "A school, practice or other service says so",
        "family": "The family says so",
    }
)
CONSENT_ROLES: Mapping[str, str] = MappingProxyType(
    {
        "personal-adviser": "Personal adviser",
        "social-worker": "Social worker",
        "key-worker": "Key worker",
        "other": "Another practitioner",
    }
)


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody states of a child. `on` is until when for a young person who stays."""

    kind: Kind
    on: date
    intent: str = ""
    source: str = ""
    obtained_by_role: str = ""
    obtained_on: date | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """A statement that waits (a death that nobody confirmed) or is in force."""

    id: int
    child: ShownChild
    kind: Kind
    on: date
    intent: str
    source: str
    reported_at: datetime
    reported_by: str
    is_in_force: bool

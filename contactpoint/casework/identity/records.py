"""Frozen values of new identities. What a custodian sees leaves through its own door alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from contactpoint.codes.child_number import ChildNumber
from contactpoint.directory.values import SuppliedValues

# Why the custodian may open a link: codes, which are logged, with words.
LINK_GROUNDS: Mapping[str, str] = MappingProxyType(
    {
        "court": "A court has ordered it",
        "danger": "The child is in danger, and it cannot be averted otherwise",
        "own-wish": "The young person asks for their own history, of full age or with their guardian",
        "mistake": "The identity was given to the wrong child",
    }
)


class RowVerdict(StrEnum):
    """What the custodian decides on a row that is held near a sealed identity. Values are stored."""

    FORMER = "former"
    OTHER = "other"
    CLEANED = "cleaned"


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """What the fresh record starts with; `values` has no former name."""

    values: SuppliedValues
    is_shielded: bool


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """Which number was asked about, and the other."""

    asked: ChildNumber
    other: ChildNumber
    is_asked_sealed: bool


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A row that waits for the custodian. In lists it says nothing but since when.

    `former_names` are the sealed identity's, folded as matching has them, each with a date of birth.
    """

    id: int
    supplied_at: datetime
    supplier: str = ""
    values: SuppliedValues | None = None
    former_names: tuple[tuple[str, str], ...] = ()

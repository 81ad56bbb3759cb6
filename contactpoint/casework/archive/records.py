"""Frozen values of the archive's door and of the register of disclosures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from contactpoint.casework.records import Sender
from contactpoint.codes.child_number import ChildNumber
from contactpoint.directory.keeping.policies import Leaving
from contactpoint.directory.records import Record

# Why a custodian opens the archive, with a second one's consent (RET-2). Codes are stored: add, never rename.
GROUNDS: Mapping[str, str] = MappingProxyType(
    {
        "section-47": "A section 47 enquiry",
        "practice-review": "A child safeguarding practice review",
        "death-review": "A child death review",
    }
)
# A data manager has more, within the first year: what was archived may have been so by mistake.
FIRST_YEAR_GROUNDS: Mapping[str, str] = MappingProxyType(
    {
        **GROUNDS,
        "mistake": "The record may have been archived by mistake",
        "own-data": "The young person, or a parent or carer, asks for what was held",
    }
)
# Why something was disclosed outside the service (FAM-4).
DISCLOSURE_GROUNDS: Mapping[str, str] = MappingProxyType(
    {
        "court-order": "A court ordered it",
        "crime": "To prevent or detect a serious crime",
        "section-47": "A section 47 enquiry",
        "safeguarding-review": "A safeguarding review",
    }
)
# Why a record left the live directory, after "because".
LEAVING_WORDS: Mapping[Leaving, str] = MappingProxyType(
    {
        Leaving.EIGHTEEN: "the child turned 18",
        Leaving.AGREED: "the day came that the young person had agreed to",
        Leaving.DEATH: "a year had passed since the child died",
        Leaving.LEFT_ENGLAND: "the child had left England",
        Leaving.WITHDRAWN: "no service said anything of the child any more",
    }
)


@dataclass(frozen=True, slots=True)
class Whom:
    """Which archived record is meant: one number, or a whole name with a full date of birth (ISO)."""

    number: str = ""
    given_name: str = ""
    family_name: str = ""
    birth_date: str = ""


@dataclass(frozen=True, slots=True)
class ArchivedRecord:
    """A record as it was on the day on which it was archived; no sensitive service is in it (SEN-4)."""

    record: Record
    leaving: Leaving
    archived_on: date
    destroy_on: date
    was_shielded: bool


@dataclass(frozen=True, slots=True)
class ArchiveRequest:
    """One custodian's wish to open a record, and what another said to it."""

    id: int
    child: ChildNumber
    who: Sender
    ground: str
    text: str
    requested_at: datetime
    is_own: bool
    decided_at: datetime | None
    decided_by: str
    open_until: datetime | None

    @property
    def waits(self) -> bool:
        return self.decided_at is None

    def opens(self, at: datetime) -> bool:
        """Whether whoever asked may open the record now."""
        return self.is_own and self.open_until is not None and at < self.open_until


@dataclass(frozen=True, slots=True)
class Told:
    """What was disclosed: to whom, what it was about, what was released, and who decided."""

    to: str
    scope: str
    released: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One entry of the register. `told` is None once the child's record, and its key, are destroyed."""

    id: int
    child: ChildNumber
    authority: str
    ground: str
    disclosed_on: date
    recorded_at: datetime
    who: Sender
    told: Told | None

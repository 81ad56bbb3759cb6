"""Frozen values that leave the directory: what a page or the API may show, already redacted.

Whatever a viewer may not see is not in here; nothing downstream filters.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from contactpoint.codes.child_number import ChildNumber


class Purpose(StrEnum):
    """Why somebody opens a record (SEA-1). Kept in the log only."""

    SAFEGUARDING = "safeguarding"
    ASSESSMENT = "assessment"
    NEW_REFERRAL = "new-referral"
    COORDINATING = "coordinating"
    MISSING_EDUCATION = "missing-education"
    TRANSFER = "transfer"
    DATA_QUALITY = "data-quality"
    CHILD_OR_PARENT_ASKED = "child-or-parent-asked"


PURPOSE_WORDS: dict[Purpose, str] = {
    Purpose.SAFEGUARDING: "I am worried about the child's safety or welfare",
    Purpose.ASSESSMENT: "I am making or updating an assessment",
    Purpose.NEW_REFERRAL: "A new referral or request for help has reached me",
    Purpose.COORDINATING: "I work with the child and need to reach the others who do",
    Purpose.MISSING_EDUCATION: "The child may be missing education or a health service",
    Purpose.TRANSFER: "The child is moving to or from my service",
    Purpose.DATA_QUALITY: "I am checking that the record is right",
    Purpose.CHILD_OR_PARENT_ASKED: "The child or a parent or carer asked me to",
}


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What was typed, as typed. Empty means not given.

    `birth_date` is an ISO date, or year and month, or year; `age_from` and `age_to` are whole years instead.
    `number` is one exact identifying number of the given `number_kind` ('contactpoint', 'nhs', 'upn').
    """

    given_name: str = ""
    family_name: str = ""
    birth_date: str = ""
    age_from: int | None = None
    age_to: int | None = None
    postcode: str = ""
    gender: str = ""
    number_kind: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One line of results: just enough to choose the right child (SEA-4).

    Of a shielded child `town` and `outward` are empty and `shielded` is true (SHI-2).
    `birth_date` is ISO and may be partial; `why` are the reasons in words, without values.
    """

    number: ChildNumber
    given_names: str
    family_name: str
    birth_date: str
    gender: str
    town: str
    outward: str
    shielded: bool
    why: tuple[str, ...]
    certainty: float  # probability between 0 and 1, for the order only


class SearchOutcome(StrEnum):
    FOUND = "found"
    NONE = "none"
    TOO_MANY = "too-many"  # SEA-4: no rows, "add more detail"


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`searches_left` is there only when the user is near a limit (SEA-8)."""

    outcome: SearchOutcome
    found: tuple[Found, ...]
    searches_left: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value came from, and whether it is still fresh (REC-5, INV-3)."""

    name: str
    reference: str  # the supplier's own; empty for everybody but that supplier (ACC-9)
    supplied_on: date
    confirmed_on: date
    stale: bool


@dataclass(frozen=True, slots=True)
class ShownName:
    given_names: str
    family_name: str
    use: str  # 'current', 'former', 'alias', 'birth'
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ShownAddress:
    """`standing` is 'current' or 'last-known'."""

    lines: tuple[str, ...]
    town: str
    postcode: str
    use: str
    standing: str
    valid_from: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ShownCarer:
    name: str
    relationship: str
    responsibility: bool | None
    telephone: str
    email: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """An organisation as others reach it; never personal numbers (INV-2)."""

    name: str
    kind: str
    telephone: str
    email: str
    address: str


@dataclass(frozen=True, slots=True)
class Away:
    """Until when somebody is away, and whom to ring instead; `cover` '' where nobody may be named now."""

    until: date
    cover: str = ""
    job_title: str = ""
    telephone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class ShownInvolvement:
    """Who works with the child (INV-1). `own_id` is there only on the viewer's own entry.

    `service` is today's word and `service_was` the old one where there is one (INV-6).
    """

    service: str
    service_was: str
    reach: str  # 'universal' or 'additional', never sensitive
    practitioner: str
    role: str
    contact: Contact
    started_on: str
    ended_on: str
    lead: bool
    sources: tuple[Source, ...]
    own_id: int | None = None
    away: Away | None = None


@dataclass(frozen=True, slots=True)
class ShownAssessment:
    kind: str
    holder: Contact
    opened_on: str
    closed_on: str
    sources: tuple[Source, ...]
    own_id: int | None = None


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """`kind` is 'nhs' or 'upn'; only those that the viewer's sector may see (ACC-9)."""

    kind: str
    shown: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ShownEnding:
    """That the child 'died' or 'left' England, when, and whether they return (REC-9)."""

    kind: str
    on: str
    intent: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A child's record as this viewer may see it. Of a shielded child all but identity is empty (SHI-2)."""

    number: ChildNumber
    shielded: bool
    given_names: str
    family_name: str
    name_sources: tuple[Source, ...]
    birth_date: str
    gender: str
    other_names: tuple[ShownName, ...]
    numbers: tuple[ShownNumber, ...]
    addresses: tuple[ShownAddress, ...]
    carers: tuple[ShownCarer, ...]
    schools: tuple[ShownInvolvement, ...]
    practices: tuple[ShownInvolvement, ...]
    involvements: tuple[ShownInvolvement, ...]
    past_involvements: tuple[ShownInvolvement, ...]
    lead: ShownInvolvement | None
    assessments: tuple[ShownAssessment, ...]
    authority: str  # name of the responsible one; empty when shielded
    opened_at: datetime
    sensitive_involved: bool  # that there is one, for those who may ask for brokered contact; no more (SEN-3)
    may_record_involvement: bool
    ending: ShownEnding | None = None


@dataclass(frozen=True, slots=True)
class OwnInvolvement:
    """One line of "my involvements" (SEA-2, INV-3)."""

    id: int
    number: ChildNumber
    given_names: str
    family_name: str
    birth_date: str
    service: str
    started_on: date
    ended_on: date | None
    lead: bool
    confirmed_on: date
    stale: bool
    going_stale: bool  # within 60 days of it

"""Frozen values of a sensitive service's own entries. They leave for its own people alone (SEN-4)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contactpoint.codes.child_number import ChildNumber


class Basis(StrEnum):
    """Why it may be recorded at all (SEN-2). Values are stored: add, never rename."""

    CONSENT = "consent"
    SIGNIFICANT_HARM = "significant-harm"


class Giver(StrEnum):
    """Who gave consent: the child where they understand enough, else a parent or carer (SEN-2)."""

    CHILD = "child"
    PARENT_OR_CARER = "parent-or-carer"


@dataclass(frozen=True, slots=True)
class Consent:
    """The receipt of a consent (SEN-6). `obtained_by_role` is a code of `codes.services.ROLES`."""

    given_by: str
    obtained_by_role: str
    obtained_on: date
    review_on: date | None


@dataclass(frozen=True, slots=True)
class SensitiveEntry:
    """One entry of the viewer's organisation, with of the child no more than SHI-2 shows to anybody.

    `consent` is None where the basis is significant harm.
    `supplied`: a feed of the organisation brought it. `due`: to be reviewed within a month; `overdue`: late.
    """

    id: int
    number: ChildNumber
    given_names: str
    family_name: str
    birth_date: str
    shielded: bool
    service: str
    practitioner: str
    role: str
    started_on: date | None
    ended_on: date | None
    basis: Basis
    consent: Consent | None
    supplied: bool
    due: bool
    overdue: bool

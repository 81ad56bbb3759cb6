"""Frozen values that leave the review of matches."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contactpoint.codes.child_number import ChildNumber


class Answer(StrEnum):
    """What a data manager says of a row and a child."""

    SAME = "same"
    DIFFERENT = "different"


class Likeness(StrEnum):
    """How the values of one field compare; the words stand beside them on the page."""

    SAME = "the same"
    ALIKE = "alike"
    DIFFERENT = "different"
    ONE_SIDE = "on one side only"


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits for one authority. `day`, `week` and `older` are ages; `across` have a second authority."""

    authority: str
    waiting: int
    oldest: datetime | None
    day: int
    week: int
    older: int
    several: int
    across: int
    passed: int
    decided: int


@dataclass(frozen=True, slots=True)
class Line:
    """One field on both sides, with what the model says of it ('' where it does not compare it)."""

    field: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    likeness: Likeness
    words: str = ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One field's part of the evidence, in bits: above 0 speaks for one child."""

    field: str
    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A row and a child side by side. `start` is the prior's weight; start and parts add up to `total`."""

    number: ChildNumber
    name: str
    lines: tuple[Line, ...]
    start: float
    parts: tuple[Weighed, ...]
    total: float
    probability: float


@dataclass(frozen=True, slots=True)
class Review:
    """One question. `comparison` is None where no child is left to compare with.

    `others` counts further children that the row may be; `why` are reasons why nothing was automatic.
    """

    id: int
    supplied_at: datetime
    sector: str
    why: str
    name: str
    comparison: Comparison | None
    others: int
    other_authorities: tuple[str, ...]
    is_passed: bool
    looked_by: str


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of an authority's data managers."""

    id: int
    answer: Answer
    name: str
    number: ChildNumber
    decided_by: str
    decided_at: datetime
    is_done: bool
    undone_at: datetime | None

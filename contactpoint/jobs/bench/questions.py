"""What is asked, of whom, and what the right answer is: the form that every door and peer is asked in."""

from dataclasses import dataclass
from enum import StrEnum


class Trouble(StrEnum):
    """How a question differs from the record."""

    ONE_SLIP = "one_slip"  # one slip in each name, full birth date
    COMPOUND = "compound"  # nickname or swapped names, date swapped or a day off, moved house
    NAME_YEAR = "name_year"  # names with a slip, and only the year of birth
    GIVEN_DATE_POSTCODE = "given_date_postcode"  # no family name


TROUBLE_WORDS: dict[Trouble, str] = {
    Trouble.ONE_SLIP: "one slip in each name, full birth date",
    Trouble.COMPOUND: "nickname or swapped names, date swapped or a day off, moved house",
    Trouble.NAME_YEAR: "names and year of birth",
    Trouble.GIVEN_DATE_POSTCODE: "given name, birth date, postcode",
}


FULL_DATE = (Trouble.ONE_SLIP, Trouble.COMPOUND)  # what the headline is of


@dataclass(frozen=True, slots=True)
class Question:
    """One enquiry. `wanted` are the numbers under which the right child may be found: any counts.

    `birth_date` is ISO and may be a year alone; '' means not given.
    """

    trouble: Trouble
    given_name: str
    family_name: str
    birth_date: str
    postcode: str
    wanted: frozenset[int]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, best first, and how long it took. Over the cap there are no rows (SEA-4)."""

    trouble: Trouble
    found: tuple[int, ...]
    seconds: float
    is_hit: bool
    is_too_many: bool = False

"""What was typed, read and judged: is it enough to search by? Pure (SEA-2, ACC-9).

Anything less than the smallest query is refused with what to add.
"""

from dataclasses import dataclass
from datetime import date

from contactpoint.codes.child_number import decode
from contactpoint.codes.numbers import parse_nhs_number, parse_upn
from contactpoint.codes.partial_date import PartialDate, Precision
from contactpoint.codes.postcode import parse_postcode
from contactpoint.directory.records import SearchQuery
from contactpoint.directory.search.index import MOST_LETTERS, fold_family
from contactpoint.errors import Invalid, NotAllowed
from contactpoint.matching.standardise import fold_gender, fold_postcode, split_given

MOST_YEARS = 3  # SEA-2
LONGEST_TYPED = 200
NUMBER_NAMES = {"contactpoint": "ContactPoint number", "nhs": "NHS number", "upn": "UPN"}


class TooLittle(Invalid):
    """Less was typed than a search needs; the message says what to add (SEA-2)."""


class Unreadable(Invalid):
    """Something typed is not what its field is for; the message says which field."""


class NumberNotForSector(NotAllowed):
    """People of this sector may not search by this kind of number (ACC-9)."""


@dataclass(frozen=True, slots=True)
class ReadNumber:
    """One exact number; `value` is as the directory files it, a ContactPoint number's is its integer."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """Names folded, `given` the first one and `middle` the rest. Born on `born`, or between two days.

    `born` may lack its day or month; then the two days are its first and last.
    """

    given: str
    middle: str
    family: str
    born: PartialDate | None
    born_from: date
    born_to: date
    postcode: str
    gender: str

    @property
    def is_exact_day(self) -> bool:
        return self.born is not None and self.born.precision is Precision.DAY


def read_query(*, query: SearchQuery, visible_numbers: frozenset[str], on: date) -> ReadQuery | ReadNumber:
    """What to search by. Raises TooLittle, Unreadable, NumberNotForSector."""
    if query.number.strip():
        return _read_number(query, visible_numbers)
    given, middle = split_given(query.given_name[:LONGEST_TYPED])
    family = fold_family(query.family_name[:LONGEST_TYPED])[:MOST_LETTERS]
    born = _read_birth_date(query, on)
    period = _read_period(query, born, on)
    postcode = _read_postcode(query)
    _judge(bool(given), bool(family), born, period, bool(postcode))
    first, last = period or (on, on)
    return ReadQuery(
        given=given[:MOST_LETTERS],
        middle=middle[:MOST_LETTERS],
        family=family,
        born=born,
        born_from=first,
        born_to=last,
        postcode=postcode,
        gender=fold_gender(query.gender),
    )


def _judge(
    given: bool, family: bool, born: PartialDate | None, period: tuple[date, date] | None, postcode: bool
) -> None:
    """SEA-2 as a decision table."""
    exact = born is not None and born.precision is Precision.DAY
    if not given and not family:
        raise TooLittle(
            "Add a family name, or a given name with the date of birth and the postcode.", about="family_name"
        )
    if period is None:
        raise TooLittle(
            "Add the date of birth, or the year of birth or an age together with both names.",
            about="birth_date",
        )
    if family and (exact or given):
        return
    if family:
        raise TooLittle("Add the given name, or the whole date of birth.", about="given_name")
    if not exact:
        raise TooLittle(
            "Add the family name, or the whole date of birth and the postcode.", about="family_name"
        )
    if not postcode:
        raise TooLittle("Add the family name, or the postcode.", about="family_name")


def _read_birth_date(query: SearchQuery, on: date) -> PartialDate | None:
    typed = query.birth_date.strip()
    if not typed:
        return None
    born = PartialDate.parse(typed[:LONGEST_TYPED])
    if born is None:
        raise Unreadable(
            "The date of birth is not a real date. Give day, month and year, or the year alone.",
            about="birth_date",
        )
    if born.year > on.year:  # a later day of this year may have its day and month swapped
        raise Unreadable("The date of birth is in the future.", about="birth_date")
    return born


def _read_period(query: SearchQuery, born: PartialDate | None, on: date) -> tuple[date, date] | None:
    """First and last day on which the child may have been born."""
    if born is not None:
        return born.earliest, born.latest
    youngest, oldest = query.age_from, query.age_to
    youngest = oldest if youngest is None else youngest
    oldest = youngest if oldest is None else oldest
    if youngest is None or oldest is None:
        return None
    if not 0 <= youngest <= oldest <= 25:
        raise Unreadable("Give ages from 0 to 25, the younger one first.", about="age_from")
    if oldest - youngest >= MOST_YEARS:
        raise TooLittle(f"Narrow the ages to at most {MOST_YEARS} years.", about="age_from")
    return _years_before(on, oldest + 1, days=1), _years_before(on, youngest)


def _years_before(on: date, years: int, days: int = 0) -> date:
    try:
        before = on.replace(year=on.year - years)
    except ValueError:  # 29 February
        before = on.replace(year=on.year - years, day=28)
    return date.fromordinal(before.toordinal() + days)


def _read_postcode(query: SearchQuery) -> str:
    typed = query.postcode.strip()
    if not typed:
        return ""
    postcode = parse_postcode(typed[:LONGEST_TYPED])
    if postcode is None:
        raise Unreadable(
            "The postcode is not a real one. Leave it empty if you do not know it.", about="postcode"
        )
    return fold_postcode(postcode)


def _read_number(query: SearchQuery, visible_numbers: frozenset[str]) -> ReadNumber:
    kind, typed = query.number_kind, query.number[:LONGEST_TYPED]
    if kind not in NUMBER_NAMES:
        raise Unreadable("Say which kind of number it is.", about="number_kind")
    if kind != "contactpoint" and kind not in visible_numbers:
        raise NumberNotForSector(f"People of your sector may not search by {NUMBER_NAMES[kind]}.")
    if kind == "contactpoint":
        number = decode(typed)
        value = None if number is None else str(number)
    else:
        value = parse_nhs_number(typed) if kind == "nhs" else parse_upn(typed)
    if value is None:
        raise Unreadable(
            f"The number is not a valid {NUMBER_NAMES[kind]}: look for a slip in it.", about="number"
        )
    return ReadNumber(kind, value)

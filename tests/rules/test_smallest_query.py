"""SEA-2 and ACC-9: what may be searched by, and what is refused with what to add."""

from datetime import date

import pytest

from contactpoint.directory.records import SearchQuery
from contactpoint.directory.search.reading import (
    NumberNotForSector,
    ReadNumber,
    ReadQuery,
    TooLittle,
    Unreadable,
    read_query,
)

ON = date(2026, 10, 5)
DAY, MONTH, YEAR = "2016-05-24", "2016-05", "2016"

ENOUGH = {
    "family name and birth date": SearchQuery(family_name="Khan", birth_date=DAY),
    "both names and birth date": SearchQuery(given_name="Amina", family_name="Khan", birth_date=DAY),
    "both names and year": SearchQuery(given_name="Amina", family_name="Khan", birth_date=YEAR),
    "both names and month": SearchQuery(given_name="Amina", family_name="Khan", birth_date=MONTH),
    "both names and one age": SearchQuery(given_name="Amina", family_name="Khan", age_from=10, age_to=10),
    "both names and three ages": SearchQuery(given_name="Amina", family_name="Khan", age_from=8, age_to=10),
    "given name, birth date, postcode": SearchQuery(given_name="Amina", birth_date=DAY, postcode="B1 1AA"),
}
TOO_LITTLE = {
    "nothing": SearchQuery(),
    "spaces": SearchQuery(given_name="  ", family_name=" "),
    "birth date": SearchQuery(birth_date=DAY),
    "postcode": SearchQuery(postcode="B1 1AA"),
    "birth date and postcode": SearchQuery(birth_date=DAY, postcode="B1 1AA"),
    "family name": SearchQuery(family_name="Khan"),
    "both names": SearchQuery(given_name="Amina", family_name="Khan"),
    "both names and postcode": SearchQuery(given_name="Amina", family_name="Khan", postcode="B1 1AA"),
    "family name and year": SearchQuery(family_name="Khan", birth_date=YEAR),
    "family name and month": SearchQuery(family_name="Khan", birth_date=MONTH),
    "family name and age": SearchQuery(family_name="Khan", age_from=10, age_to=10),
    "both names and four ages": SearchQuery(given_name="Amina", family_name="Khan", age_from=7, age_to=10),
    "given name and birth date": SearchQuery(given_name="Amina", birth_date=DAY),
    "given name, year, postcode": SearchQuery(given_name="Amina", birth_date=YEAR, postcode="B1 1AA"),
    "a wildcard is no name": SearchQuery(given_name="*", family_name="%", birth_date=DAY),
    "a placeholder is no name": SearchQuery(given_name="Baby", family_name="Unknown", birth_date=DAY),
    "signs are no name": SearchQuery(family_name="!?", birth_date=DAY),
}
UNREADABLE = {
    "an impossible date": SearchQuery(family_name="Khan", birth_date="2016-02-30"),
    "a date in the future": SearchQuery(family_name="Khan", birth_date="2027-01-01"),
    "words for a date": SearchQuery(family_name="Khan", birth_date="last May"),
    "ages the wrong way round": SearchQuery(given_name="A", family_name="Khan", age_from=10, age_to=8),
    "no postcode": SearchQuery(given_name="Amina", birth_date=DAY, postcode="XX"),
    "an NHS number with a slip": SearchQuery(number_kind="nhs", number="9434765918"),
    "a ContactPoint number with a slip": SearchQuery(number_kind="contactpoint", number="00000-00000"),
    "a number of no kind": SearchQuery(number="9434765919"),
    "a number of unknown kind": SearchQuery(number_kind="passport", number="123456789"),
}


@pytest.mark.parametrize("case", ENOUGH)
def test_enough(case: str) -> None:
    """SEA-2."""
    assert isinstance(read_query(query=ENOUGH[case], visible_numbers=frozenset(), on=ON), ReadQuery)


@pytest.mark.parametrize("case", TOO_LITTLE)
def test_too_little_is_refused_with_what_to_add(case: str) -> None:
    """SEA-2."""
    with pytest.raises(TooLittle, match=r"Add|Narrow"):
        read_query(query=TOO_LITTLE[case], visible_numbers=frozenset({"nhs", "upn"}), on=ON)


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_refused(case: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_query(query=UNREADABLE[case], visible_numbers=frozenset({"nhs", "upn"}), on=ON)
    assert "Khan" not in str(refused.value)


NUMBERS = [
    ("nhs", "943 476 5919", {"nhs"}, True),
    ("nhs", "943 476 5919", {"upn", "uln"}, False),
    ("upn", "H801200001001", {"upn"}, True),
    ("upn", "H801200001001", {"nhs"}, False),
    ("upn", "H801200001001", set(), False),
    ("contactpoint", "", set(), True),
]


@pytest.mark.parametrize(("kind", "number", "visible", "allowed"), NUMBERS)
def test_one_exact_number_that_the_sector_may_use(
    kind: str, number: str, visible: set[str], allowed: bool
) -> None:
    """SEA-2, ACC-9."""
    from contactpoint.codes.child_number import encode

    query = SearchQuery(number_kind=kind, number=number or encode(123_456_789))
    if allowed:
        read = read_query(query=query, visible_numbers=frozenset(visible), on=ON)
        assert isinstance(read, ReadNumber)
        assert read.kind == kind
    else:
        with pytest.raises(NumberNotForSector):
            read_query(query=query, visible_numbers=frozenset(visible), on=ON)


def test_ages_are_counted_on_the_day_of_the_search() -> None:
    query = SearchQuery(given_name="Amina", family_name="Khan", age_from=10, age_to=10)
    read = read_query(query=query, visible_numbers=frozenset(), on=ON)
    assert isinstance(read, ReadQuery)
    assert (read.born_from, read.born_to) == (date(2015, 10, 6), date(2016, 10, 5))

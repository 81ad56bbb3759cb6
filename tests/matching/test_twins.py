"""Who has a twin (SUP-7), as a truth table; one row at a time and in a frame."""

import pytest

from contactpoint.matching.rows import MatchRow
from contactpoint.matching.standardise import rows_to_frame
from contactpoint.matching.twins import are_twins, find_twins
from tests.matching.pairs import two_offices

ANNA = MatchRow("a", "ANNA", "", "NOWAK", "", "2014-05-01", "F", "M11AE", "1 HIGH STREET")

CASES = {
    "twin": (MatchRow("b", "OLGA", "", "NOWAK", "", "2014-05-01", "F", "M11AE", "1 HIGH STREET"), True),
    "twin with another family name": (
        MatchRow("b", "OLGA", "", "SMITH", "", "2014-05-01", "F", "M11AE", "1 HIGH STREET"),
        True,
    ),
    "twin, postcode missing": (
        MatchRow("b", "OLGA", "", "NOWAK", "", "2014-05-01", "", "", "1 HIGH STREET"),
        True,
    ),
    "twin, first line missing": (MatchRow("b", "OLGA", "", "NOWAK", "", "2014-05-01", "", "M11AE"), True),
    "sibling": (MatchRow("b", "OLGA", "", "NOWAK", "", "2012-05-01", "F", "M11AE", "1 HIGH STREET"), False),
    "neighbour": (MatchRow("b", "OLGA", "", "SMITH", "", "2014-05-01", "F", "M11AE", "9 HIGH STREET"), False),
    "same line, another town": (
        MatchRow("b", "OLGA", "", "NOWAK", "", "2014-05-01", "F", "B338AA", "1 HIGH STREET"),
        False,
    ),
    "herself by a nickname": (MatchRow("b", "ANNIE", "", "NOWAK", "", "2014-05-01", "F", "M11AE"), False),
    "herself, given name missing": (MatchRow("b", "", "", "NOWAK", "", "2014-05-01", "F", "M11AE"), False),
    "year of birth only": (
        MatchRow("b", "OLGA", "", "NOWAK", "", "2014", "F", "M11AE", "1 HIGH STREET"),
        False,
    ),
}


@pytest.mark.parametrize(("other", "twins"), CASES.values(), ids=CASES)
def test_twins(other: MatchRow, twins: bool) -> None:
    assert are_twins(ANNA, other) is are_twins(other, ANNA) is twins
    assert find_twins(rows_to_frame([ANNA, other])) == (frozenset({"a", "b"}) if twins else frozenset())


def test_a_frame_finds_the_twins_that_pairs_find() -> None:
    left, right = two_offices()
    rows = [*left[:300], *right[:300]]
    expected = {row.key for row in rows for other in rows if row is not other and are_twins(row, other)}
    assert find_twins(rows_to_frame(rows)) == expected
    assert expected

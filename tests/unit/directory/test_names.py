"""Under which pairs a child is filed, and by which keys a name is found again."""

import pytest

from contactpoint.directory.search.index import MOST_LETTERS, MOST_PAIRS, find_pairs
from contactpoint.directory.search.keys import name_keys

CASES = {
    "plain": (("Jo", "Smith"), {("JO", "SMITH")}),
    "accents fold": (("José", "Núñez"), {("JOSE", "NUNEZ")}),
    "middle name used as first": (("Ann Marie", "Lee"), {("ANN", "LEE"), ("MARIE", "LEE")}),
    "a middle initial is no name to look up by": (("Ann M", "Lee"), {("ANN", "LEE")}),
    "hyphened given name in one word": (
        ("Mary-Kate", "Lee"),
        {("MARY", "LEE"), ("KATE", "LEE"), ("MARYKATE", "LEE")},
    ),
    "double-barrelled": (
        ("Jo", "Smith-Jones"),
        {("JO", "SMITH JONES"), ("JO", "SMITH"), ("JO", "JONES"), ("JO", "SMITHJONES")},
    ),
    "particles are no parts": (
        ("Jo", "van der Berg"),
        {("JO", "VAN DER BERG"), ("JO", "BERG"), ("JO", "VANDERBERG")},
    ),
    "single name": (("", "Suharto"), {("", "SUHARTO")}),
    "nobody knew the given name": (("Baby", "Smith"), {("", "SMITH")}),
    "nobody knew any name": (("Baby", "Unknown"), {("", "")}),
}


@pytest.mark.parametrize("case", CASES)
def test_pairs_of_a_current_name(case: str) -> None:
    (given, family), wanted = CASES[case]
    assert find_pairs(given_names=given, family_name=family) == wanted


def test_other_names_take_what_they_lack_from_the_current_one() -> None:
    pairs = find_pairs(given_names="Amina", family_name="Khan", others=[("", "Shah"), ("Mina", "")])
    assert pairs == {("AMINA", "KHAN"), ("AMINA", "SHAH"), ("MINA", "KHAN")}


def test_a_child_of_very_many_names_is_still_filed_by_the_current_one_and_not_by_all() -> None:
    others = [("", f"Name{chr(65 + n // 26)}{chr(65 + n % 26)}") for n in range(100)]
    pairs = find_pairs(given_names="Amina", family_name="Khan", others=others)
    assert len(pairs) == MOST_PAIRS
    assert ("AMINA", "KHAN") in pairs


def test_a_name_without_end_is_filed_by_its_beginning() -> None:
    ((given, family),) = find_pairs(given_names="A" * 5000, family_name="B" * 5000)
    assert (len(given), len(family)) == (MOST_LETTERS, MOST_LETTERS)


@pytest.mark.parametrize(
    ("one", "other"),
    [("PHILIP", "FILLIP"), ("CATHERINE", "KATE"), ("MOHAMMED", "MUHAMMAD"), ("STEPHEN", "STEVEN")],
)
def test_names_that_sound_alike_or_are_forms_of_one_another_share_a_key(one: str, other: str) -> None:
    assert name_keys(one) & name_keys(other)


def test_the_missing_name_has_no_key() -> None:
    assert name_keys("") == frozenset()


def test_two_slips_are_not_explained_as_swapped_names() -> None:
    from datetime import date

    from contactpoint.codes.partial_date import PartialDate
    from contactpoint.directory.search.candidates import Candidate
    from contactpoint.directory.search.ranking import rank, words_why
    from contactpoint.directory.search.reading import ReadQuery
    from contactpoint.matching.model import Model

    model = Model.load()
    child = Candidate(1, False, "Stanley", "Hunden", "2013-04-02", "M", "Leeds", "LS1", "")
    year = PartialDate(2013), date(2013, 1, 1), date(2013, 12, 31)
    for given, family, is_swapped in [("STANLY", "HUNDON", False), ("HUNDEN", "STANLEY", True)]:
        query = ReadQuery(given, "", family, *year, "", "")
        (only,) = rank(query=query, candidates=[child], names={}, model=model)
        assert any("swapped" in words for words in words_why(only, model=model)) is is_swapped

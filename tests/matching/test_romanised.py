"""One name written twice in Latin letters is one name; two names that are merely alike are two (SUP-7)."""

import pytest

from contactpoint.matching.romanised import are_forms

SAME = [
    ("DEEPAK", "DIPAK"),
    ("KHALEED", "KHALID"),
    ("SOOM", "SUM"),
    ("SAEED", "SAID"),
    ("EESHAAN", "ISHAAN"),
    ("AMEENAH", "AMINA"),
    ("ELLEEOT", "ELLIOT"),
    ("TILLY", "TILLIE"),
    ("JOSEPH", "JOSEF"),
    ("BILL", "WILLIAM"),
]
OTHERS = [
    ("BO", "BOO"),  # too short to tell
    ("JIA", "JUN"),
    ("MOHAMMED", "MUSTAFA"),
    ("SARA", "SORA"),
    ("AMIR", "AMIRA"),
    ("ALI", "ALIA"),
    ("IDRIS", "DARIUS"),
    ("", "ANNA"),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_forms_of_one_name(a: str, b: str) -> None:
    assert are_forms(a, b)
    assert are_forms(b, a)


@pytest.mark.parametrize(("a", "b"), OTHERS)
def test_other_names(a: str, b: str) -> None:
    assert not are_forms(a, b)
    assert not are_forms(b, a)

"""The table of nicknames: facts, and its shape."""

import pytest

from contactpoint.matching.nicknames import are_nicknames, group_numbers, nickname_group
from contactpoint.matching.standardise import fold_name


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ELIZABETH", "BETH"),
        ("WILLIAM", "BILL"),
        ("MOHAMMED", "MUHAMMAD"),
        ("MOHAMED", "MUHAMMED"),
        ("ALEXANDER", "ALEX"),
        ("ALEXANDRA", "ALEX"),
        ("YUSUF", "YOUSEF"),
        ("KATARZYNA", "KASIA"),
        ("HARRIET", "HATTIE"),
    ],
)
def test_forms_of_one_name(a: str, b: str) -> None:
    assert are_nicknames(a, b)
    assert are_nicknames(b, a)
    assert b in nickname_group(a)


@pytest.mark.parametrize(
    ("a", "b"), [("ALEXANDER", "ALEXANDRA"), ("OLIVER", "WILLIAM"), ("ANNA", "ANNA"), ("", "")]
)
def test_not_forms_of_one_name(a: str, b: str) -> None:
    assert not are_nicknames(a, b)


def test_the_table_is_folded() -> None:
    for name in nickname_group("ELIZABETH") | nickname_group("MOHAMMED") | nickname_group("CATHERINE"):
        assert fold_name(name) == name
        assert group_numbers(name)


def test_an_unknown_name_has_no_group() -> None:
    assert nickname_group("QXQX") == frozenset()

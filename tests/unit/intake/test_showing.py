"""What a profile would make of a file: shapes and counts, never a child's value."""

from datetime import date
from pathlib import Path

import pytest

from contactpoint.intake.profiles import Profile, read_profile
from contactpoint.intake.profiles_showing import shape_of, show_file
from contactpoint.intake.readers.table import UnreadableFile

ON = date(2026, 10, 5)
PROFILE = """
supplier = "x"
name = "X"
sector = "education"
legal_basis = "some act"
may_supply = ["given_names", "family_name", "birth_date", "addresses"]

[file]
dates = "DD/MM/YYYY"

[fields]
reference = "Ref"
given_names = "Forename"
family_name = "Surname"
birth_date = "DOB"
addresses.0.postcode = "Postcode"
carers.0.telephone = "Phone"
"""
FILE = """Ref,Forename,Surname,DOB,Postcode,Phone,Ethnicity,Hobby
1,Amélie,Hargreaves-Jones,24/05/2016,LS1 1AA,07700 900000,CANARY,CANARY
2,Kofi,,31/02/2016,nowhere,,CANARY,
,Zoë,Secretname,2030-01-01,M1 1AE,,CANARY,CANARY
3,A,B
"""


def profile() -> Profile:
    return read_profile(content=PROFILE.encode(), source="x")


def write(folder: Path, content: str = FILE) -> Path:
    path = folder / "file.csv"
    path.write_text(content)
    return path


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("Amélie", "Aa"),
        ("O'Neill-SMITH", "A'Aa-A"),
        ("24/05/2016", "99/99/9999"),
        ("LS1 1AA", "A9 9A"),
        ("amy@example.org", "a@a.a"),
        ("東京", "a"),
        ("", ""),
        ("9" * 99, "9" * 30),
    ],
)
def test_a_shape_says_what_a_value_looks_like(value: str, shape: str) -> None:
    assert shape_of(value) == shape


def test_each_field_is_counted(tmp_path: Path) -> None:
    shown = show_file(path=write(tmp_path), profile=profile(), on=ON)
    assert (shown.rows, shown.refused) == (4, 2)
    counts = {each.path: (each.provided, each.invalid) for each in shown.fields}
    assert counts["birth_date"] == (3, 2)
    assert counts["addresses.0.postcode"] == (3, 1)
    assert counts["reference"] == (2, 0)
    assert ("Postcode: is not a postcode; it was left out", 1) in shown.problems


def test_the_first_rows_are_shown_field_by_field(tmp_path: Path) -> None:
    first, second, third = show_file(path=write(tmp_path), profile=profile(), on=ON).first
    assert set(dict(first.fields).values()) == {"valid"}
    said = dict(second.fields)
    assert (said["family_name"], said["birth_date"], said["given_names"]) == (
        "not provided",
        "invalid",
        "valid",
    )
    assert (second.is_received, third.is_received) == (True, False)


def test_what_is_dropped_is_told_by_kind_and_what_is_not_agreed_too(tmp_path: Path) -> None:
    shown = show_file(path=write(tmp_path), profile=profile(), on=ON)
    assert dict(shown.dropped) == {"Phone": 1, "Ethnicity": 3, "Hobby": 2}
    assert dict(shown.kinds) == {"ethnicity": 3, "what the profile does not map": 3}
    assert shown.not_agreed == ("carers.0.telephone",)


def test_no_value_is_shown(tmp_path: Path) -> None:
    shown = str(show_file(path=write(tmp_path), profile=profile(), on=ON))
    for value in ("Amélie", "Hargreaves", "Kofi", "2016", "LS1", "07700", "CANARY", "Secretname", "nowhere"):
        assert value not in shown


def test_a_file_without_rows_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="nothing to show"):
        show_file(path=write(tmp_path, FILE.splitlines()[0] + "\n"), profile=profile(), on=ON)

"""What a supplier may send, as tables of named cases."""

from datetime import date
from pathlib import Path

import pytest

from contactpoint.intake.profiles import UnusableProfile, read_profile
from contactpoint.intake.readers.opening import open_table

HEAD = """
supplier = "x"
name = "X"
sector = "education"
"""
BASIS = 'legal_basis = "some act"\n'
AGREED = 'may_supply = ["given_names", "carers.name"]\n'
FIELDS = '[fields]\nreference = "Ref"\ngiven_names = "Forename"\n'


@pytest.mark.parametrize(
    ("name", "line", "may_supply", "is_read"),
    [
        ("SUP-10 a field that is mapped and agreed is read", 'family_name = "Surname"', "family_name", True),
        (
            "SUP-10 a field that is mapped and not agreed is dropped unread",
            'upn = "UPN"',
            "family_name",
            False,
        ),
        ("SUP-10 an agreed part of a field is read", 'carers.0.name = "Mother"', "carers.name", True),
        ("SUP-10 another part of it is dropped unread", 'carers.0.telephone = "Phone"', "carers.name", False),
        ("SUP-10 a whole field covers its parts", 'carers.0.telephone = "Phone"', "carers", True),
        ("SUP-10 the restricted marker is always read", 'marker = "Restricted"', "family_name", True),
        ("SUP-10 the responsible authority is always read", 'authority = "LA"', "family_name", True),
    ],
)
def test_of_what_a_profile_maps_only_what_is_agreed_is_read(
    tmp_path: Path, name: str, line: str, may_supply: str, is_read: bool
) -> None:
    text = f'{HEAD}{BASIS}may_supply = ["given_names", "{may_supply}"]\n{FIELDS}{line}\n'
    profile = read_profile(content=text.encode(), source="x")
    column = line.split('"')[1]
    path = tmp_path / "file.csv"
    path.write_text(f"Ref,Forename,{column},Other\n1,A,CANARY,CANARY\n")
    reader = open_table(path=path, wanted=profile.columns, form=profile.form, on=date(2026, 10, 5))
    (chunk,) = reader.chunks(10)
    assert (column in chunk.frame.columns) is is_read, name
    assert ("CANARY" in str(chunk.frame.rows())) is is_read, name
    assert set(reader.dropped) == {"Other"} | (set() if is_read else {column}), name


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("SUP-10 no legal basis", HEAD + AGREED + FIELDS, "`legal_basis` is missing"),
        ("SUP-10 no list of agreed fields", HEAD + BASIS + FIELDS, "`may_supply` is missing"),
        ("SUP-10 an empty list", HEAD + BASIS + "may_supply = []\n" + FIELDS, "`may_supply` is missing"),
        (
            "SUP-10 an agreement about a field that does not exist",
            HEAD + BASIS + 'may_supply = ["shoe_size"]\n' + FIELDS,
            "`shoe_size` is no field that exists",
        ),
        (
            "REC-3 an agreement about what may never be held",
            HEAD + BASIS + 'may_supply = ["ethnicity"]\n' + FIELDS,
            "`ethnicity` would be ethnicity, which is never held",
        ),
        (
            "REC-3 a mapped column that holds what may never be held",
            HEAD + BASIS + AGREED + FIELDS + 'family_name = "SENprovision"\n',
            "looks like special educational needs",
        ),
        (
            "REC-3 a path in a nested format that leads to it",
            HEAD
            + BASIS
            + AGREED
            + '[file]\nformat = "json"\n'
            + FIELDS
            + 'family_name = "basic.ethnicity"\n',
            "looks like ethnicity",
        ),
    ],
)
def test_a_profile_that_does_not_say_why_or_says_too_much_is_refused(name: str, text: str, told: str) -> None:
    with pytest.raises(UnusableProfile, match=told):
        read_profile(content=text.encode(), source=name)

"""Profiles: those that come with the program are right, and what may not be held cannot be mapped (REC-3)."""

import re
from pathlib import Path

import pytest

from contactpoint.codes.services import SENSITIVE_SERVICES
from contactpoint.intake.fields import known_fields
from contactpoint.intake.profiles import (
    NoSuchProfile,
    UnusableProfile,
    find_profile_names,
    get_profile,
    read_profile,
)
from contactpoint.synthetic.files import COLUMNS, DATE_FORMS, SEPARATORS

HEAD = """
supplier = "x"
name = "X"
sector = "health"
legal_basis = "some act"
may_supply = ["given_names", "family_name", "involvement", "addresses", "birth_date"]
"""
FIELDS = """
[fields]
reference = "Ref"
"""


def read(text: str) -> None:
    read_profile(content=text.encode(), source="x.toml")


@pytest.mark.parametrize("name", find_profile_names())
def test_every_profile_that_comes_with_the_program_is_usable(name: str) -> None:
    profile = get_profile(name=name)
    assert profile.supplier == name
    assert {mapped.path for mapped in profile.mapped} <= known_fields()
    assert profile.legal_basis


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_profiles_fit_the_made_up_suppliers_files(name: str) -> None:
    profile = get_profile(name=name)
    assert set(profile.columns) <= set(COLUMNS[name])
    assert profile.delimiter == SEPARATORS.get(name, ",")
    written = profile.dates.replace("YYYY", "%Y").replace("MM", "%m").replace("DD", "%d")
    assert written == DATE_FORMS[name]
    assert profile.sensitive == (dict(profile.constants).get("involvement.service") in SENSITIVE_SERVICES)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('ethnicity = "Eth"', "ethnicity, which is never held"),
        ('sen_provision = "S"', "special educational needs"),
        ('involvement.role = "OffenceType"', "column `OffenceType` looks like offences"),
        ('family_name = "CaseNotes"', "looks like case notes"),
        ('diagnosis = "D"', "medical data"),
        ('involvement.reason = "R"', "reasons for involvement"),
        ('risk_level = "R"', "a risk level"),
        ('favourite_colour = "C"', "There is no field `favourite_colour`"),
        ('addresses.77.town = "T"', "There is no field `addresses.77.town`"),
    ],
)
def test_a_profile_that_maps_a_prohibited_field_is_refused(line: str, told: str) -> None:
    with pytest.raises(UnusableProfile, match=told):
        read(HEAD + FIELDS + line)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "`supplier` is missing"),
        (HEAD, "`fields.reference` is missing"),
        (HEAD.replace("health", "wealth") + FIELDS, "`sector` must be"),
        (HEAD.replace("some act", " ") + FIELDS, "`legal_basis` is missing"),
        (HEAD + 'colour = "red"' + FIELDS, "Not known at the top level: colour"),
        (HEAD + '[file]\nencoding = "ebcdic"' + FIELDS, "`file.encoding`"),
        (HEAD + '[file]\ndates = "YY-MM-DD"' + FIELDS, "`file.dates`"),
        (HEAD + '[file]\ndelimiter = "::"' + FIELDS, "`file.delimiter`"),
        (HEAD + '[file]\nkind = "all"' + FIELDS, "`file.kind`"),
        (HEAD + "sensitive = true" + FIELDS, "maps `basis.ground`"),
        (HEAD + FIELDS + '[constants]\ninvolvement.service = "camhs"', "needs `sensitive = true`"),
        (HEAD + FIELDS + 'gender = { day = "D", year = "Y" }', "a table of columns is for dates"),
        (HEAD + FIELDS + "gender = 3", "must name a column"),
        (HEAD + FIELDS + "[codes.gender]\nX = 'F'", "belongs to no mapped field"),
        ("supplier = ", "not readable as TOML"),
    ],
)
def test_an_unusable_profile_says_why(text: str, told: str) -> None:
    with pytest.raises(UnusableProfile, match=told):
        read(text)


def test_all_problems_of_a_profile_are_told_at_once() -> None:
    with pytest.raises(UnusableProfile) as refusal:
        read(FIELDS + 'ethnicity = "E"\nreligion = "R"')
    assert str(refusal.value).count("\n- ") == 7


@pytest.mark.parametrize("name", ["nobody", "../../etc/passwd", "", "nowhere/nothing.toml"])
def test_an_unknown_supplier_is_told_which_are_known(name: str) -> None:
    with pytest.raises(NoSuchProfile, match="school_census"):
        get_profile(name=name)


def test_the_profiles_of_the_how_to_are_usable() -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "write-a-profile.md").read_text()
    blocks = [block for block in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if "legal_basis" in block]
    assert len(blocks) == 2
    for block in blocks:
        read(block)


def test_a_profile_extends_one_of_the_program_and_may_take_lines_out() -> None:
    head = HEAD.replace(
        'may_supply = ["given_names", "family_name", "involvement", "addresses", "birth_date"]\n', ""
    )
    text = (
        head + 'extends = "common_transfer_file"\n[fields]\nreference = "UniqueLearnerNumber"\ncarers = ""\n'
    )
    profile = read_profile(content=text.encode(), source="x")
    base = get_profile(name="common_transfer_file")
    assert (profile.supplier, profile.reference_column) == ("x", "UniqueLearnerNumber")
    assert (profile.form, profile.may_supply) == (base.form, base.may_supply)
    assert not any(each.path.startswith("carers") for each in profile.mapped)
    assert profile.digest != base.digest


@pytest.mark.parametrize("base", ["no_such", "../secret", "/etc/passwd"])
def test_a_profile_extends_nothing_else(base: str) -> None:
    with pytest.raises(UnusableProfile, match="does not come with the program"):
        read(HEAD + f'extends = "{base}"' + FIELDS)

"""What is acceptable in a row: named cases, each with what its sender is told."""

from datetime import date

import pytest

from contactpoint.intake.policies import judge_row
from contactpoint.intake.profiles import Profile, get_profile

ON = date(2026, 10, 5)
ESS = {
    "ref": "A1",
    "pername1": "AMY",
    "pername2": "SCOTT",
    "sex": "F",
    "dob_day": "24",
    "dob_mon": "5",
    "dob_year": "2016",
    "enumcap": "1 HIGH STREET",
    "enumpc": "m11ae",
}
CAMHS = {
    "PatientRef": "P1",
    "NHSNumber": "9434765919",
    "Forename": "Amy",
    "Surname": "Scott",
    "BirthDate": "20160524",
    "Gender": "2",
    "AddressLine1": "1 High Street",
    "Town": "Leeds",
    "Postcode": "LS1 1AA",
    "TeamCode": "T1",
    "Clinician": "Dr Who",
    "ReferralStart": "20260101",
    "ReferralEnd": "",
    "ConsentBasis": "CONSENT",
    "ConsentGivenBy": "PARENT",
    "ConsentObtainedBy": "Clinician",
    "ConsentDate": "20260102",
    "ConsentReview": "20270102",
}


def judge(profile: str, cells: dict[str, str], on: date = ON):  # type: ignore[no-untyped-def]
    judged = judge_row(profile=get_profile(name=profile), cells=cells, on=on)
    return judged.values, [(problem.code, problem.column) for problem in judged.problems], judged.is_received


DOB = "dob_day, dob_mon, dob_year"


@pytest.mark.parametrize(
    ("change", "path", "value", "problems", "received"),
    [
        ({}, "birth_date", "2016-05-24", [], True),
        ({}, "addresses.0.postcode", "M1 1AE", [], True),
        ({"dob_day": ""}, "birth_date", "2016-05", [], True),
        ({"dob_day": "", "dob_mon": ""}, "birth_date", "2016", [], True),
        ({"dob_day": "31", "dob_mon": "2"}, "birth_date", "2016-02", [("impossible-date", DOB)], True),
        ({"dob_mon": "13"}, "birth_date", "2016", [("impossible-date", DOB)], True),
        ({"dob_mon": ""}, "birth_date", "2016", [("impossible-date", DOB)], True),
        ({"dob_year": ""}, "birth_date", "", [("impossible-date", DOB), ("no-birth-date", DOB)], True),
        ({"dob_year": "2027"}, "birth_date", "2027-05-24", [("future-birth-date", DOB)], False),
        ({"dob_year": "2008"}, "birth_date", "2008-05-24", [("already-18", DOB)], True),
        ({"sex": "Q"}, "gender", "", [("unknown-gender", "sex")], True),
        ({"sex": ""}, "gender", "", [], True),
        ({"enumpc": "NOWHERE"}, "addresses.0.postcode", "", [("wrong-postcode", "enumpc")], True),
        ({"ref": " "}, "reference", "", [("no-reference", "ref")], False),
        ({"ref": "A" * 201}, "gender", "F", [("long-reference", "ref")], False),
        ({"pername1": "", "pername2": ""}, "gender", "F", [("no-name", "pername2")], False),
        ({"pername1": "A" * 2001}, "given_names", "", [("long-value", "pername1")], False),
        (
            {"ref": "", "sex": "Q", "enumpc": "X", "dob_year": "2030"},
            "gender",
            "",
            [
                ("unknown-gender", "sex"),
                ("wrong-postcode", "enumpc"),
                ("no-reference", "ref"),
                ("future-birth-date", DOB),
            ],
            False,
        ),
    ],
)
def test_a_row_is_judged_with_all_its_problems(
    change: dict[str, str], path: str, value: str, problems: list[tuple[str, str]], received: bool
) -> None:
    values, told, is_received = judge("ess-list-a", {**ESS, **change})
    assert values[path] == value
    assert sorted(told) == sorted(problems)
    assert is_received is received


@pytest.mark.parametrize(
    ("change", "problems", "received"),
    [
        ({}, [], True),
        ({"ConsentBasis": ""}, [("no-basis", "ConsentBasis")], False),
        (
            {"ConsentBasis": "BECAUSE"},
            [("unknown-code", "ConsentBasis"), ("no-basis", "ConsentBasis")],
            False,
        ),
        ({"ConsentGivenBy": ""}, [("consent-incomplete", "ConsentBasis")], False),
        ({"ConsentDate": ""}, [("consent-incomplete", "ConsentBasis")], False),
        ({"ConsentBasis": "HARM", "ConsentGivenBy": "", "ConsentDate": ""}, [], True),
        ({"NHSNumber": "9434765918"}, [("wrong-nhs", "NHSNumber")], True),
        ({"ReferralEnd": "20251231"}, [("ends-before-start", "ReferralEnd")], True),
        ({"ReferralStart": "20260231"}, [("impossible-date", "ReferralStart")], True),
    ],
)
def test_a_sensitive_row_needs_its_basis(
    change: dict[str, str], problems: list[tuple[str, str]], received: bool
) -> None:
    _, told, is_received = judge("camhs", {**CAMHS, **change})
    assert sorted(told) == sorted(problems)
    assert is_received is received


def test_a_sensitive_service_is_refused_from_an_ordinary_supplier() -> None:
    profile = get_profile(name="local_services")
    cells = dict.fromkeys(profile.columns, "") | {
        "LocalRef": "1",
        "LastName": "Scott",
        "DateOfBirth": "2016-05-24",
        "Service": "camhs",
    }
    told = judge_row(profile=profile, cells=cells, on=ON)
    assert [problem.code for problem in told.problems] == ["sensitive-service"]
    assert not told.is_received


@pytest.mark.parametrize(
    ("on", "codes"),
    [
        (date(2034, 5, 23), []),
        (date(2034, 5, 24), ["already-18"]),
    ],
)
def test_the_eighteenth_birthday_decides(on: date, codes: list[str]) -> None:
    _, told, is_received = judge("ess-list-a", ESS, on)
    assert [code for code, _ in told] == codes
    assert is_received


def test_what_is_told_never_repeats_a_value() -> None:
    profile: Profile = get_profile(name="ess-list-a")
    cells = dict.fromkeys(profile.columns, "SECRET")
    told = judge_row(profile=profile, cells=cells, on=ON).problems
    assert told
    assert not any("SECRET" in problem.words for problem in told)

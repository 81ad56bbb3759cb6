"""Partial dates, genders, services and authorities."""

from datetime import date

import pytest

from contactpoint.codes.authorities import (
    AUTHORITIES,
    NoSuchAuthority,
    authority_for_postcode,
    current_authorities,
    districts,
    get_authority,
    town_of,
)
from contactpoint.codes.gender import Gender, parse_gender
from contactpoint.codes.partial_date import NotADate, PartialDate, Precision, eighteenth_birthday
from contactpoint.codes.postcode import parse_postcode
from contactpoint.codes.services import (
    ASSESSMENT_KINDS,
    ROLES,
    SENSITIVE_SERVICES,
    SERVICES,
    NoSuchCode,
    Reach,
    get_assessment_kind,
    get_service,
)

TODAY = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "precision", "words"),
    [
        ("2016-05-24", date(2016, 5, 24), date(2016, 5, 24), Precision.DAY, "24 May 2016"),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29), Precision.MONTH, "February 2016"),
        ("2016", date(2016, 1, 1), date(2016, 12, 31), Precision.YEAR, "2016"),
    ],
)
def test_partial_date(text: str, earliest: date, latest: date, precision: Precision, words: str) -> None:
    born = PartialDate.parse(text)
    assert born is not None
    assert (born.iso, born.earliest, born.latest, born.precision, born.words) == (
        text, earliest, latest, precision, words,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "16", "2016-13", "2015-02-29", "2016-5-4", "24/05/2016", "1899", "0000", "２016"]
)
def test_what_is_no_date(text: str) -> None:
    assert PartialDate.parse(text) is None


def test_a_day_needs_a_month() -> None:
    with pytest.raises(NotADate):
        PartialDate(2016, None, 4)


@pytest.mark.parametrize(
    ("born", "adult"),
    [
        (PartialDate(2008, 9, 1), date(2026, 9, 1)),
        (PartialDate(2008, 2, 29), date(2026, 3, 1)),
        (PartialDate(2008, 2), date(2026, 3, 1)),
        (PartialDate(2008), date(2026, 12, 31)),
    ],
)
def test_eighteenth_birthday_is_the_latest_possible(born: PartialDate, adult: date) -> None:
    assert eighteenth_birthday(born) == adult


@pytest.mark.parametrize(
    ("gender", "written"),
    [
        (Gender.MALE, ["male", "M", "1", " m "]),
        (Gender.FEMALE, ["female", "F", "2", "Girl"]),
        (Gender.OTHER, ["other", "N"]),
        (Gender.NOT_SPECIFIED, ["unknown", "U", "9", "X", "0", "", "Not specified"]),
        (None, ["3", "?", "mf"]),
    ],
)
def test_gender(gender: Gender | None, written: list[str]) -> None:
    assert [parse_gender(text) for text in written] == [gender] * len(written)


def test_sensitive_services_are_these_three() -> None:
    assert {"camhs", "sexual_health", "substance_misuse"} == SENSITIVE_SERVICES
    assert get_service("camhs").reach is Reach.SENSITIVE


def test_old_words_are_said_once_and_held_in_their_day() -> None:
    youth_justice = get_service("youth_justice")
    assert youth_justice.words == "Youth justice service (was: Youth offending team)"
    assert youth_justice.name_on(date(2010, 1, 1)) == "Youth offending team"
    assert ROLES["lead_practitioner"].old_name == "Lead professional"
    assert not ASSESSMENT_KINDS["caf"].is_current(TODAY)
    assert get_assessment_kind("family_help").is_current(TODAY)
    assert all(word.renamed_on for word in [*SERVICES.values(), *ROLES.values()] if word.old_name)


@pytest.mark.parametrize("get", [get_service, get_assessment_kind])
def test_an_unknown_code_is_not_found(get: object) -> None:
    with pytest.raises(NoSuchCode):
        get("tarot")  # type: ignore[operator]


def test_there_are_153_authorities_since_april_2023() -> None:
    now = current_authorities(TODAY)
    assert len(now) == len({each.code for each in now}) == len({each.gss_code for each in now}) == 153
    assert len(current_authorities(date(2023, 4, 1))) == 153
    assert len(current_authorities(date(2022, 4, 1))) == 152
    assert len({each.region for each in now}) == 9
    assert 11_500_000 < sum(each.children for each in now) < 12_500_000
    assert get_authority("330").gss_code == "E08000025"


def test_successors_exist_and_take_over_the_next_day() -> None:
    gone = [each for each in AUTHORITIES.values() if each.valid_to]
    assert {each.code for each in gone} >= {"909", "928", "835", "836", "837"}
    for each in gone:
        assert each.successors
        for code in each.successors:
            assert (get_authority(code).valid_from - each.valid_to).days == 1


def test_every_authority_has_districts_and_every_district_is_a_postcode() -> None:
    assert {each.authority for each in districts().values()} == {
        each.code for each in current_authorities(TODAY)
    }
    assert len(districts()) > 2000
    for code in districts():
        assert parse_postcode(f"{code} 1AA") == f"{code} 1AA"


@pytest.mark.parametrize(
    ("postcode", "on", "expected"),
    [
        ("CA28 7AA", TODAY, "942"),
        ("CA28 7AA", date(2020, 1, 1), "909"),
        ("BH23 1AA", date(2018, 1, 1), None),
        ("DE23 7GG", TODAY, "831"),
        ("ZZ99 3VZ", TODAY, None),
        ("CF10 1AA", TODAY, None),
    ],
)
def test_authority_for_postcode(postcode: str, on: date, expected: str | None) -> None:
    assert authority_for_postcode(postcode, on) == expected


def test_town_and_unknown_authority() -> None:
    assert town_of("LA12 7AA") == "Ulverston"
    assert town_of("ZZ99 3VZ") is None
    with pytest.raises(NoSuchAuthority):
        get_authority("999")

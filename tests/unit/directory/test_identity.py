"""Which of several rows is believed: stated precedence, case by case (REC-5, REC-10, REC-11)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contactpoint.directory.identity import HeldRow, Identity, NoBirthDate, choose_identity

ON = date(2026, 10, 5)
NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)


def held(precedence: int = 50, days_ago: int = 0, **content: Any) -> HeldRow:
    said = {"given_names": "Amina", "family_name": "Khan", "birth_date": "2016-05-24", **content}
    return HeldRow(precedence, NOW - timedelta(days=days_ago), said)


def chosen(*rows: HeldRow) -> Identity:
    return choose_identity(rows=list(rows), on=ON)


def home(postcode: str, **dates: str) -> dict[str, Any]:
    return {"lines": ["1 High Street"], "town": "Leeds", "postcode": postcode, "use": "home", **dates}


NAMES = {
    "the supplier believed first": ([held(10, 90, family_name="Shah"), held(50, 1)], ("Amina", "Shah")),
    "of equals, the latest": ([held(50, 90), held(50, 1, family_name="Shah")], ("Amina", "Shah")),
    "a placeholder gives way": ([held(10, given_names="Baby"), held(50)], ("Amina", "Khan")),
    "a missing family name gives way": ([held(10, family_name=""), held(50)], ("Amina", "Khan")),
    "a placeholder is better than nothing": ([held(10, given_names="Baby")], ("Baby", "Khan")),
}


@pytest.mark.parametrize("case", NAMES)
def test_names(case: str) -> None:
    rows, wanted = NAMES[case]
    for order in (rows, rows[::-1]):
        identity = chosen(*order)
        assert (identity.given_names, identity.family_name) == wanted


BIRTHS = {
    "the supplier believed first": ([held(10, birth_date="2016-05-25"), held(50)], "2016-05-25"),
    "a whole date before a partial one": ([held(10, birth_date="2016-05"), held(50)], "2016-05-24"),
    "year and month before a year": (
        [held(10, birth_date="2016"), held(50, birth_date="2016-05")],
        "2016-05",
    ),
    "none gives way": ([held(10, birth_date=""), held(50)], "2016-05-24"),
}


@pytest.mark.parametrize("case", BIRTHS)
def test_birth_dates(case: str) -> None:
    rows, wanted = BIRTHS[case]
    for order in (rows, rows[::-1]):
        assert chosen(*order).birth_date == wanted


def test_without_any_birth_date_no_record_can_be_made() -> None:
    with pytest.raises(NoBirthDate):
        chosen(held(birth_date=""))


def test_a_gender_not_specified_gives_way() -> None:
    assert chosen(held(10, gender="U"), held(50, gender="F")).gender == "F"
    assert chosen(held()).gender == "U"


ADDRESSES = {
    "the last begun": (
        [held(10, addresses=[home("LS1 1AA", valid_from="2020-01-01")]),
         held(50, addresses=[home("M1 1AE", valid_from="2024-01-01")])],
        ("M1", "M11AE LS11AA"),
    ),
    "an ended one counts as old": (
        [held(10, addresses=[home("LS1 1AA", valid_to="2026-01-01")]), held(50, addresses=[home("M1 1AE")])],
        ("M1", "M11AE -LS11AA"),
    ),
    "the last known where none is current": (
        [held(addresses=[home("LS1 1AA", valid_to="2026-01-01")])],
        ("LS1", "-LS11AA"),
    ),
    "none": ([held()], ("", "")),
}  # fmt: skip


@pytest.mark.parametrize("case", ADDRESSES)
def test_addresses(case: str) -> None:
    rows, wanted = ADDRESSES[case]
    identity = chosen(*rows)
    assert (identity.outward, identity.postcodes) == wanted


def test_all_spellings_and_numbers_are_kept_for_search_but_only_the_current_name_is_visible() -> None:
    identity = chosen(
        held(10, nhs="9434765919", former_names=[{"family_name": "Shah", "use": "birth"}]),
        held(50, given_names="Amena", upn="H801200001001"),
    )
    assert identity.pairs == {("AMINA", "KHAN"), ("AMENA", "KHAN"), ("AMINA", "SHAH")}
    assert identity.visible_pairs == {("AMINA", "KHAN")}
    assert identity.numbers == {("nhs", "9434765919"), ("upn", "H801200001001")}

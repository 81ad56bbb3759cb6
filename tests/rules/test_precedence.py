"""REC-5: which of several suppliers' values is shown, as the table of precedence states it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from contactpoint.directory.identity import HeldRow, choose_identity
from contactpoint.directory.precedence import PRECEDENCE, write_table

ON = date(2026, 10, 5)
EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
BORN = {"birth_date": "2016-05-24"}

# what, (precedence, supplied, content) rows, field of the identity, shown
CASES: list[tuple[str, list[tuple[int, datetime, dict[str, Any]]], str, str]] = [
    (
        "the believed supplier's name is shown",
        [
            (50, LATE, {**BORN, "given_names": "Amy", "family_name": "B"}),
            (10, EARLY, {**BORN, "given_names": "Amie", "family_name": "B"}),
        ],
        "given_names",
        "Amie",
    ),
    (
        "of two of equal standing the one supplied last is shown",
        [
            (50, EARLY, {**BORN, "given_names": "Amy", "family_name": "B"}),
            (50, LATE, {**BORN, "given_names": "Amie", "family_name": "B"}),
        ],
        "given_names",
        "Amie",
    ),
    (
        "a placeholder gives way to any name",
        [
            (10, LATE, {**BORN, "given_names": "Baby", "family_name": "B"}),
            (50, EARLY, {**BORN, "given_names": "Amy", "family_name": "B"}),
        ],
        "given_names",
        "Amy",
    ),
    (
        "a full name comes before a believed half",
        [
            (10, LATE, {**BORN, "family_name": "B"}),
            (50, EARLY, {**BORN, "given_names": "Amy", "family_name": "C"}),
        ],
        "family_name",
        "C",
    ),
    (
        "a birth date known to the day comes before a believed year",
        [(10, LATE, {"birth_date": "2016", "family_name": "B"}), (50, EARLY, {**BORN, "family_name": "B"})],
        "birth_date",
        "2016-05-24",
    ),
    (
        "of two whole birth dates the believed one is shown",
        [(50, LATE, {"birth_date": "2016-05-23"}), (10, EARLY, BORN)],
        "birth_date",
        "2016-05-24",
    ),
    (
        "a gender that is specified comes before a believed one that is not",
        [(10, LATE, {**BORN, "gender": "U"}), (50, EARLY, {**BORN, "gender": "F"})],
        "gender",
        "F",
    ),
    (
        "the address that began last is the best",
        [
            (
                10,
                LATE,
                {**BORN, "addresses": [{"postcode": "B1 1AA", "town": "Old", "valid_from": "2020-01-01"}]},
            ),
            (
                50,
                EARLY,
                {**BORN, "addresses": [{"postcode": "M19 2EQ", "town": "New", "valid_from": "2026-02-01"}]},
            ),
        ],
        "town",
        "New",
    ),
    (
        "an ended address gives way to a current one",
        [
            (10, LATE, {**BORN, "addresses": [{"town": "Old", "valid_to": "2026-01-01"}]}),
            (50, EARLY, {**BORN, "addresses": [{"town": "Now"}]}),
        ],
        "town",
        "Now",
    ),
    (
        "where none is current the last known stays",
        [(10, LATE, {**BORN, "addresses": [{"town": "Old", "valid_to": "2026-01-01"}]})],
        "town",
        "Old",
    ),
]


@pytest.mark.parametrize(("what", "rows", "field", "shown"), CASES, ids=[case[0] for case in CASES])
def test_what_is_shown(
    what: str, rows: list[tuple[int, datetime, dict[str, Any]]], field: str, shown: str
) -> None:
    for order in (rows, rows[::-1]):
        held = [HeldRow(precedence, at, content) for precedence, at, content in order]
        assert getattr(choose_identity(rows=held, on=ON), field) == shown


def test_every_number_is_kept_and_finds_the_child() -> None:
    rows = [
        HeldRow(10, LATE, {**BORN, "nhs": "9434765919"}),
        HeldRow(50, EARLY, {**BORN, "nhs": "9990000018"}),
    ]
    assert choose_identity(rows=rows, on=ON).numbers == {("nhs", "9434765919"), ("nhs", "9990000018")}


def test_the_page_is_made_from_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "precedence.md"
    assert page.read_text() == write_table()
    assert len(PRECEDENCE) == len({each.field for each in PRECEDENCE})

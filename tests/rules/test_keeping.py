"""When a record leaves the live directory, and why (REC-1, REC-9, RET): the pure part, case by case."""

from datetime import UTC, date, datetime

import pytest

from contactpoint.directory.identity import HeldRow, choose_identity
from contactpoint.directory.keeping.policies import Held, Leaving, find_leaving, get_destruction
from contactpoint.intake.policies import judge_age

ON = date(2026, 10, 5)
BORN = "2016-05-24"

# What the rows say beside the birth date, until when the record is live, and why it leaves then.
LIVE = [
    ("RET-1: the 18th birthday", {}, date(2034, 5, 24), Leaving.EIGHTEEN),
    ("RET-1: born on 29 February", {"birth_date": "2016-02-29"}, date(2034, 3, 1), Leaving.EIGHTEEN),
    ("REC-10: a partial date counts as its latest day", {"birth_date": "2016-05"}, date(2034, 5, 31), Leaving.EIGHTEEN),
    ("REC-1: stays by consent", {"stays_until": "2036-01-01"}, date(2036, 1, 1), Leaving.AGREED),
    ("REC-1: stays at most until 25", {"stays_until": "2060-01-01"}, date(2041, 5, 24), Leaving.AGREED),
    ("RET-3: a year after a death", {"died_on": "2026-02-01"}, date(2027, 2, 1), Leaving.DEATH),
    (
        "RET-3, REC-9: left England and returns within three years",
        {"left_on": "2026-02-01", "left_intent": "returns"}, date(2029, 2, 1), Leaving.LEFT_ENGLAND,
    ),
    (
        "RET-3, REC-9: left England and stays away",
        {"left_on": "2026-02-01", "left_intent": "stays-away"}, date(2026, 2, 1), Leaving.LEFT_ENGLAND,
    ),
    (
        "RET-3, REC-9: left England, and nobody knows for how long",
        {"left_on": "2026-02-01", "left_intent": "unknown"}, date(2026, 2, 1), Leaving.LEFT_ENGLAND,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("case", "said", "live_until", "why"), LIVE, ids=[case for case, *_ in LIVE])
def test_until_when_a_record_is_live(case: str, said: dict[str, str], live_until: date, why: Leaving) -> None:
    content = {"given_names": "Amina", "family_name": "Khan", "birth_date": BORN, **said}
    row = HeldRow(50, datetime(2026, 1, 1, tzinfo=UTC), content)
    assert choose_identity(rows=[row], on=ON).live_until == live_until, case
    assert find_leaving(Held([content], content["birth_date"])) is why, case


AGREED = [
    ("REC-1: 19, with an agreed date to come", "2007-05-24", "2027-01-01", []),
    ("REC-1: 19, and the agreed date has passed", "2007-05-24", "2026-01-01", ["already-18"]),
    ("REC-1: an agreed date beyond the 25th birthday", "2007-05-24", "2033-01-01", ["agreed-too-long"]),
    ("REC-1: 19, without any agreement", "2007-05-24", "", ["already-18"]),
    ("REC-1: still a child", BORN, "", []),
]


@pytest.mark.parametrize(("case", "born", "stays", "problems"), AGREED, ids=[case for case, *_ in AGREED])
def test_a_row_for_somebody_above_18(case: str, born: str, stays: str, problems: list[str]) -> None:
    found = [code for code, _ in judge_age(birth_date=born, stays_until=stays, on=ON)]
    assert found == problems, case


@pytest.mark.parametrize(
    ("archived_on", "destroy_on"),
    [(date(2026, 10, 5), date(2032, 10, 5)), (date(2028, 2, 29), date(2034, 3, 1))],
)
def test_six_years_in_the_archive(archived_on: date, destroy_on: date) -> None:
    """RET-2."""
    assert get_destruction(archived_on=archived_on) == destroy_on

"""What counts as found, what the peers make of a question, and the authenticator of the load generator."""

from datetime import date
from pathlib import Path

import pytest

from contactpoint.directory.limits import ORDINARY, Look
from contactpoint.jobs.bench.browser import current_code
from contactpoint.jobs.bench.door import to_query
from contactpoint.jobs.bench.full_text import ask_full_text, build_full_text
from contactpoint.jobs.bench.people import count_people
from contactpoint.jobs.bench.questions import Answer, Question, Trouble
from contactpoint.jobs.bench.searching import headline, summarise
from contactpoint.jobs.bench.trigram import days_of
from contactpoint.progress import no_progress


def _answer(trouble: Trouble, *, hit: bool, ms: float, too_many: bool = False) -> Answer:
    return Answer(trouble, (1,) if hit else (), ms / 1000, hit, too_many)


def test_over_the_cap_counts_as_a_miss() -> None:
    answers = [
        _answer(Trouble.ONE_SLIP, hit=True, ms=10),
        _answer(Trouble.ONE_SLIP, hit=False, ms=30, too_many=True),
        _answer(Trouble.COMPOUND, hit=True, ms=20),
        _answer(Trouble.NAME_YEAR, hit=True, ms=900),
    ]
    found = summarise(answers)["by_trouble"]["one_slip"]
    assert (found["recall_at_10"], found["too_many"]) == (0.5, 0.5)


def test_the_headline_times_questions_with_a_full_birth_date_only() -> None:
    answers = [
        _answer(Trouble.ONE_SLIP, hit=True, ms=10),
        _answer(Trouble.COMPOUND, hit=False, ms=20),
        _answer(Trouble.NAME_YEAR, hit=True, ms=900),
    ]
    assert headline(children=5, distinct_names=7, answers=answers) == {
        "children": 5,
        "distinct_names": 7,
        "p50_ms": 10.0,
        "p95_ms": 20.0,
        "recall_at_10_one_slip": 1.0,
        "recall_at_10_compound": 0.0,
    }


@pytest.mark.parametrize("look", list(Look))
@pytest.mark.parametrize("looks", [1, 50, 1500])
def test_enough_practitioners_that_none_is_even_warned(look: Look, looks: int) -> None:
    each = -(-looks // count_people(looks=looks, look=look))
    assert all(each < limit.warn for limit in ORDINARY[look])


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2015", date(2015, 1, 1), date(2015, 12, 31)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("2016-12", date(2016, 12, 1), date(2016, 12, 31)),
        ("2016-02-29", date(2016, 2, 29), date(2016, 2, 29)),
    ],
)
def test_days_that_a_partial_date_means(typed: str, first: date, last: date) -> None:
    assert days_of(typed) == (first, last)


ROWS = [
    (1, "Amélie Rose", "Okonkwo", "2015-03-04", "M11AE LS62AB"),
    (2, "Amelia", "Okonjo", "2012-03-04", "B11AA"),
    (3, "Tom", "Smith", "2015-03-04", "M11AE"),
]


@pytest.mark.parametrize(
    ("given", "family", "born", "postcode"),
    [
        ("Amelie", "Okonkwp", "2015-03-04", ""),
        ("Okonkwo", "Amelie", "2015-04-03", "LS6 2AB"),
        ("Amelie", "", "2015-03-04", "M1 1AE"),
    ],
)
def test_the_full_text_peer_is_a_fair_one(
    tmp_path: Path, given: str, family: str, born: str, postcode: str
) -> None:
    """It folds accents, finds swapped names and old postcodes, and forgives a slip."""
    pytest.importorskip("tantivy")
    index, _ = build_full_text(rows=ROWS, total=3, folder=tmp_path / "index", progress=no_progress)
    question = Question(Trouble.ONE_SLIP, given, family, born, postcode, frozenset([1]))
    (answer,) = ask_full_text(index, questions=[question], progress=no_progress)
    assert answer.found[0] == 1
    assert answer.is_hit


def test_a_question_is_asked_as_typed() -> None:
    query = to_query(Question(Trouble.COMPOUND, "Bob", "Smit", "2015-03-04", "M1 1AE", frozenset([1])))
    assert (query.given_name, query.family_name, query.birth_date, query.postcode) == (
        "Bob",
        "Smit",
        "2015-03-04",
        "M1 1AE",
    )


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, cut to six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [current_code(secret, at=at) for at in (59, 1111111109, 20000000000)] == [
        "287082",
        "081804",
        "353130",
    ]

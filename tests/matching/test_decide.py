"""Decisions as a truth table (SUP-7, SUP-9), and what holds for any scores."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactpoint.matching.decide import (
    Candidate,
    Decision,
    FilePair,
    Outcome,
    Rule,
    decide,
    decide_file,
)
from contactpoint.matching.model import Model
from contactpoint.matching.score import Score, probability_of, weight_of

MODEL = Model.load()
FIELDS = [comparison.field for comparison in MODEL.comparisons]


def levels(**reached: str) -> tuple[int, ...]:
    """The numbers of the levels named; fields not named are missing."""
    numbers = []
    for comparison in MODEL.comparisons:
        ids = [level.id for level in comparison.levels]
        wanted = reached.get(comparison.field)
        numbers.append(-1 if wanted is None else len(ids) - 1 - ids.index(f"{comparison.field}.{wanted}"))
    return tuple(numbers)


def candidate(key: str, probability: float, *, twin: bool = False, **reached: str) -> Candidate:
    weight = weight_of(probability)
    return Candidate(key, Score(weight, probability_of(weight), levels(**reached)), has_twin=twin)


SURE = candidate("x", 0.999999, given="exact")

CASES: dict[str, tuple[list[Candidate], bool, Outcome, tuple[Rule, ...]]] = {
    "nobody fits": ([], False, Outcome.NEW, ()),
    "somebody hardly fits": ([candidate("x", 0.4, given="exact")], False, Outcome.NEW, ()),
    "one fits well": ([SURE], False, Outcome.LINK, ()),
    "one fits well, given name missing": ([candidate("x", 0.999)], False, Outcome.LINK, ()),
    "one fits, not well enough": ([candidate("x", 0.9, given="exact")], False, Outcome.ASK, (Rule.NOT_SURE,)),
    "nickname": ([candidate("x", 0.99, given="nickname")], False, Outcome.LINK, ()),
    "initial": ([candidate("x", 0.99, given="initial")], False, Outcome.LINK, ()),
    "one slip": ([candidate("x", 0.99, given="slip")], False, Outcome.LINK, ()),
    "two slips": ([candidate("x", 0.99, given="two_slips")], False, Outcome.ASK, (Rule.GIVEN_NAMES,)),
    "another given name": (
        [candidate("x", 0.99, given="different")],
        False,
        Outcome.ASK,
        (Rule.GIVEN_NAMES,),
    ),
    "middle name used as first": (
        [candidate("x", 0.99, given="middle")],
        False,
        Outcome.ASK,
        (Rule.GIVEN_NAMES,),
    ),
    "the child has a twin": (
        [candidate("x", 0.9999, twin=True, given="exact")],
        False,
        Outcome.ASK,
        (Rule.TWIN,),
    ),
    "the row has a twin": ([SURE], True, Outcome.ASK, (Rule.TWIN,)),
    "two fit alike": ([SURE, candidate("y", 0.9999, given="exact")], False, Outcome.ASK, (Rule.SEVERAL,)),
    "a second is far behind": ([SURE, candidate("y", 0.951, given="exact")], False, Outcome.LINK, ()),
    "a second is a sibling": ([SURE, candidate("y", 0.9999, given="different")], False, Outcome.LINK, ()),
    "a number on a child who does not fit": (
        [candidate("x", 0.01, given="different", nhs="exact")],
        False,
        Outcome.ASK,
        (Rule.NOT_SURE, Rule.GIVEN_NAMES, Rule.NUMBER),
    ),
    "a number on another child": (
        [SURE, candidate("y", 0.01, given="different", upn="exact")],
        False,
        Outcome.ASK,
        (Rule.NUMBER,),
    ),
}


@pytest.mark.parametrize(("candidates", "has_twin", "outcome", "rules"), CASES.values(), ids=CASES)
def test_one_row(
    candidates: list[Candidate], has_twin: bool, outcome: Outcome, rules: tuple[Rule, ...]
) -> None:
    """SUP-7."""
    decision = decide(model=MODEL, candidates=candidates, has_twin=has_twin)
    assert (decision.outcome, decision.rules) == (outcome, rules)


def test_where_two_rows_claim_one_child_the_better_is_linked_and_the_other_asks() -> None:
    """SUP-9."""
    better, worse = candidate("x", 0.99999, given="exact"), candidate("x", 0.99, given="exact")
    decisions = decide_file(model=MODEL, candidates={"row 1": [worse], "row 2": [better]})
    assert decisions["row 2"].outcome is Outcome.LINK
    assert decisions["row 1"] == Decision(Outcome.ASK, (worse,), (Rule.CLAIMED,))


def test_two_rows_for_one_new_child_never_make_two_records() -> None:
    """SUP-9."""
    pair = FilePair("row 1", "row 2", SURE.score)
    decisions = decide_file(model=MODEL, candidates={"row 1": [], "row 2": [], "row 3": []}, within=[pair])
    assert [decisions[key].outcome for key in ("row 1", "row 2", "row 3")] == [
        Outcome.NEW,
        Outcome.ASK,
        Outcome.NEW,
    ]
    assert decisions["row 2"].within == ("row 1",)
    assert decisions["row 2"].rules == (Rule.WITHIN_FILE,)


def test_a_row_whose_likeness_in_the_file_is_weak_is_new() -> None:
    pair = FilePair("row 1", "row 2", candidate("", 0.3).score)
    decisions = decide_file(model=MODEL, candidates={"row 1": [], "row 2": []}, within=[pair])
    assert decisions["row 2"].outcome is Outcome.NEW


def test_a_twin_in_the_file_asks() -> None:
    """SUP-7."""
    decisions = decide_file(model=MODEL, candidates={"row 1": [SURE]}, twins={"row 1"})
    assert decisions["row 1"].rules == (Rule.TWIN,)


some_levels = st.tuples(*(st.integers(-1, len(comparison.levels) - 1) for comparison in MODEL.comparisons))
some_candidates = st.builds(
    lambda key, weight, reached, twin: Candidate(key, Score(weight, probability_of(weight), reached), twin),
    st.sampled_from("uvwxyz"),
    st.floats(-30, 60, allow_nan=False),
    some_levels,
    st.booleans(),
)
some_rows = st.dictionaries(
    st.sampled_from(["1", "2", "3", "4"]),
    st.lists(some_candidates, max_size=4, unique_by=lambda candidate: candidate.key),
    max_size=4,
)
some_pairs = st.lists(
    st.builds(FilePair, st.sampled_from(["1", "2"]), st.sampled_from(["3", "4"]), st.just(SURE.score)),
    max_size=3,
)


@settings(deadline=None)
@given(rows=some_rows, pairs=some_pairs)
def test_no_child_is_linked_twice_and_no_claim_makes_a_new_record(
    rows: dict[str, list[Candidate]], pairs: list[FilePair]
) -> None:
    decisions = decide_file(model=MODEL, candidates=rows, within=pairs)
    linked = [
        decision.candidates[0].key for decision in decisions.values() if decision.outcome is Outcome.LINK
    ]
    assert len(linked) == len(set(linked))
    for key, decision in decisions.items():
        alone = decide(model=MODEL, candidates=rows[key])
        # A file can only make a decision more careful.
        allowed = {Outcome.LINK: {Outcome.LINK, Outcome.ASK}, Outcome.NEW: {Outcome.NEW, Outcome.ASK}}
        assert decision.outcome in allowed.get(alone.outcome, {Outcome.ASK})
        assert bool(decision.rules) == (decision.outcome is Outcome.ASK)


@settings(deadline=None)
@given(candidates=st.lists(some_candidates, max_size=5, unique_by=lambda candidate: candidate.key))
def test_the_order_of_candidates_says_nothing(candidates: list[Candidate]) -> None:
    assert decide(model=MODEL, candidates=candidates) == decide(model=MODEL, candidates=candidates[::-1])


@settings(deadline=None)
@given(rows=some_rows)
def test_a_row_alone_is_decided_as_in_a_file_of_one(rows: dict[str, list[Candidate]]) -> None:
    """SUP-8."""
    for key, candidates in rows.items():
        assert decide_file(model=MODEL, candidates={key: candidates}) == {
            key: decide(model=MODEL, candidates=candidates)
        }

"""One to one, and as likely as a whole as it can be."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from contactpoint.matching.assign import assign

some_pairs = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), st.integers(1, 60), max_size=16
)


def test_a_pair_is_taken_even_where_each_prefers_another() -> None:
    # Greedy alone would take b-x and leave a with nothing.
    assert assign([("a", "x", 9.0), ("b", "x", 10.0), ("b", "y", 8.0)]) == [("a", "x", 9.0), ("b", "y", 8.0)]


def test_a_rival_without_another_choice_gets_nothing() -> None:
    assert assign([("a", "x", 9.0), ("b", "x", 10.0)]) == [("b", "x", 10.0)]


@settings(max_examples=300, deadline=None)
@given(pairs=some_pairs)
def test_nothing_is_chosen_twice_and_the_sum_is_the_best_possible(
    pairs: dict[tuple[str, str], int],
) -> None:
    chosen = assign([(left, right, float(weight)) for (left, right), weight in pairs.items()])
    assert len({left for left, _, _ in chosen}) == len({right for _, right, _ in chosen}) == len(chosen)
    table = np.zeros((4, 4))
    for (left, right), weight in pairs.items():
        table["abcd".index(left), "wxyz".index(right)] = weight
    best = table[linear_sum_assignment(table, maximize=True)].sum()
    assert sum(weight for _, _, weight in chosen) == best


@given(pairs=some_pairs)
def test_the_order_of_pairs_says_nothing(pairs: dict[tuple[str, str], int]) -> None:
    listed = [(left, right, float(weight)) for (left, right), weight in pairs.items()]
    assert assign(listed) == assign(listed[::-1])

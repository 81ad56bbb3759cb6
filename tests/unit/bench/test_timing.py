"""The comparison of times finds a difference that is there, and none where there is none."""

import random

import pytest

from contactpoint.jobs.bench.timing import compare


def tries(slower: float) -> list[tuple[float, float]]:
    """Pairs of about 10 ms, with the long tail that searches have."""
    rng = random.Random(7)
    return [(0.008 + rng.expovariate(500) + slower, 0.008 + rng.expovariate(500)) for _ in range(2_000)]


@pytest.mark.parametrize(("slower", "told_apart"), [(0.0, False), (0.0005, True), (-0.0005, True)])
def test_half_a_millisecond_is_told_apart_and_nothing_is_not(slower: float, told_apart: bool) -> None:
    found = compare(tries(slower), seed=1)
    assert found["told_apart"] is told_apart
    low, high = found["between_ms"]
    assert low <= found["difference_ms"] <= high
    assert high - low < 0.5

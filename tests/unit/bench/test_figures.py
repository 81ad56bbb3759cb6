"""Statistics whose right answers are known by hand."""

import pytest

from contactpoint.jobs.bench.figures import interval, median_of, percentile, share, summarise_latency


@pytest.mark.parametrize(
    ("percent", "expected"),
    [(50, 3), (95, 5), (100, 5), (1, 1), (20, 1), (21, 2)],
)
def test_percentile_is_a_value_that_happened(percent: float, expected: int) -> None:
    assert percentile(values=[5, 3, 1, 4, 2], percent=percent) == expected


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile(values=[], percent=50)


def test_latency_is_in_milliseconds() -> None:
    found = summarise_latency(seconds=[0.001] * 95 + [0.5] * 5)
    assert (found.count, found.p50_ms, found.p95_ms, found.p99_ms, found.max_ms) == (
        100,
        1.0,
        1.0,
        500.0,
        500.0,
    )


def test_share_of_nothing_is_nothing() -> None:
    assert share(part=0, whole=0) == 0.0
    assert share(part=1, whole=3) == 0.3333


def test_interval_narrows_with_the_sample_and_stays_in_bounds() -> None:
    few, many = interval(part=10, whole=10), interval(part=1000, whole=1000)
    assert few[1] == many[1] == 1.0
    assert 0.7 < few[0] < 0.73
    assert many[0] > 0.996


def test_median_of_rounds_takes_every_number_place_by_place() -> None:
    rounds = [
        {"p50": 3.0, "count": 10, "name": "a", "nested": [{"x": 1.0}], "none": None},
        {"p50": 1.0, "count": 10, "name": "a", "nested": [{"x": 9.0}], "none": None},
        {"p50": 2.0, "count": 10, "name": "a", "nested": [{"x": 5.0}], "none": None},
    ]
    assert median_of(rounds) == {"p50": 2.0, "count": 10, "name": "a", "nested": [{"x": 5.0}], "none": None}

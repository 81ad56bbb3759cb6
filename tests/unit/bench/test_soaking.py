"""Drift is what the last third has over the first, whatever one odd round says."""

from contactpoint.jobs.bench.soaking import drift


def test_what_grows_is_told_and_one_odd_round_is_not() -> None:
    assert drift([100.0, 101, 99, 150, 100, 101, 100, 99, 101]) == 0.0
    assert drift([100.0, 110, 120, 130, 140, 150, 160, 170, 180]) == 60.0
    assert drift([100.0, 500.0]) == 0.0

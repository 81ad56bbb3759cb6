"""ACC-5: how long a session lasts, whatever the clock does."""

from datetime import UTC, datetime, timedelta

import pytest

from contactpoint.access.policies import SessionLimits, find_session_end, judge_session

LIMITS = SessionLimits(idle=timedelta(minutes=15), absolute=timedelta(hours=8))
START = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seen_after", "now_after", "why"),
    [
        (timedelta(0), timedelta(minutes=15), ""),
        (timedelta(0), timedelta(minutes=15, seconds=1), "idle"),
        (timedelta(hours=7, minutes=50), timedelta(hours=8), ""),
        (timedelta(hours=7, minutes=50), timedelta(hours=8, seconds=1), "absolute"),
        (timedelta(hours=1), timedelta(minutes=59, seconds=30), ""),
        (timedelta(hours=1), timedelta(minutes=30), "clock"),
        (timedelta(hours=1), timedelta(days=-400), "clock"),
        (timedelta(0), timedelta(days=400), "idle"),
    ],
    ids=[
        "idle for exactly fifteen minutes",
        "idle for longer",
        "eight hours exactly",
        "more than eight hours",
        "clock corrected by half a minute",
        "clock put back half an hour",
        "clock put back a year",
        "clock put on a year",
    ],
)
def test_session(seen_after: timedelta, now_after: timedelta, why: str) -> None:
    verdict = judge_session(
        started_at=START, last_seen_at=START + seen_after, at=START + now_after, limits=LIMITS
    )
    assert verdict == why


@pytest.mark.parametrize(
    ("seen_after", "ends_after", "can_be_put_off"),
    [
        (timedelta(0), timedelta(minutes=15), True),
        (timedelta(hours=7), timedelta(hours=7, minutes=15), True),
        (timedelta(hours=7, minutes=45), timedelta(hours=8), False),
        (timedelta(hours=7, minutes=59), timedelta(hours=8), False),
    ],
    ids=[
        "a page says the moment fifteen minutes after its last use",
        "using the service puts the end off",
        "not beyond eight hours",
        "the last minutes are no longer put off",
    ],
)
def test_end_that_a_page_warns_of(seen_after: timedelta, ends_after: timedelta, can_be_put_off: bool) -> None:
    end = find_session_end(started_at=START, last_seen_at=START + seen_after, limits=LIMITS)
    assert (end.at - START, end.can_be_put_off) == (ends_after, can_be_put_off)
    assert judge_session(started_at=START, last_seen_at=START + seen_after, at=end.at, limits=LIMITS) == "", (
        "whoever is warned still has until that moment"
    )

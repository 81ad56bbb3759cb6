"""ACC-5: how long a session lasts, whatever the clock does."""

from datetime import UTC, datetime, timedelta

import pytest

from contactpoint.access.policies import SessionLimits, judge_session

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

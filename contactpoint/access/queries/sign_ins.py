"""Where an account is and was signed in: for its own holder alone (ACC-5)."""

from dataclasses import dataclass
from datetime import datetime

from contactpoint.access.models import PastSession, SignIn
from contactpoint.access.policies import SessionLimits, find_session_end, judge_session

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Place:
    """One session: with what and from where, from when, last used when; and how it ended, else ''."""

    browser: str
    address: str
    started_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    ended_why: str


def find_live_place(*, account_id: int, at: datetime, limits: SessionLimits) -> Place | None:
    """The one session that goes on, if any does."""
    row = SignIn.objects.filter(account_id=account_id, ended_at__isnull=True).first()
    if row is None:
        return None
    if judge_session(started_at=row.started_at, last_seen_at=row.last_seen_at, at=at, limits=limits):
        return None
    return Place(row.browser, row.address, row.started_at, row.last_seen_at, None, "")


def list_past_places(*, account_id: int, at: datetime) -> tuple[Place, ...]:
    """The sessions before, newest first, as long as they are kept."""
    rows = PastSession.objects.filter(account_id=account_id, forget_at__gt=at).order_by("-started_at", "-id")
    return tuple(
        Place(row.browser, row.address, row.started_at, row.last_seen_at, row.ended_at, row.ended_why)
        for row in rows[:SHOWN]
    )


def keep_past(*, older: SignIn, at: datetime, limits: SessionLimits, forget_at: datetime) -> str:
    """What a newer sign-in takes over, kept as the past; gives why that session ended.

    One that nobody ended before was over by its limits already, or ends now because of the newer one.
    """
    why, ended_at = older.ended_why, older.ended_at
    if ended_at is None:
        verdict = judge_session(
            started_at=older.started_at, last_seen_at=older.last_seen_at, at=at, limits=limits
        )
        end = find_session_end(started_at=older.started_at, last_seen_at=older.last_seen_at, limits=limits)
        why, ended_at = verdict or "elsewhere", min(at, end.at)
    PastSession.objects.create(
        account_id=older.account_id,
        browser=older.browser,
        address=older.address,
        started_at=older.started_at,
        last_seen_at=older.last_seen_at,
        ended_at=ended_at,
        ended_why=why,
        forget_at=forget_at,
    )
    return why

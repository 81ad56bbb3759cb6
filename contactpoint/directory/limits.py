"""Limits against trawling (SEA-8): how many looks an account may take in an hour and a day, by role.

Near a limit the user is told; at it they are stopped, and it is logged.
The counts come from the log itself, so nothing can be looked at without being counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from contactpoint.access.notices import tell_manager_of_limit
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.queries import count_events
from contactpoint.errors import NotAllowed

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Look(Enum):
    """What is counted."""

    SEARCH = (EventKind.SEARCHED, EventKind.SEARCH_REFUSED)
    OPENING = (EventKind.RECORD_OPENED, EventKind.RECORD_REFUSED)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in `within`; told from `warn` on."""

    within: timedelta
    warn: int
    most: int


ORDINARY = {
    Look.SEARCH: (Limit(HOUR, 45, 60), Limit(DAY, 160, 200)),
    Look.OPENING: (Limit(HOUR, 30, 40), Limit(DAY, 100, 120)),
}
LARGER = {
    Look.SEARCH: (Limit(HOUR, 250, 300), Limit(DAY, 1200, 1500)),
    Look.OPENING: (Limit(HOUR, 160, 200), Limit(DAY, 800, 1000)),
}
MANY_LOOKS = frozenset({Role.DATA_MANAGER})  # their work is looking, many times a day


class LimitReached(NotAllowed):
    """The account has looked as often as it may for now."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account stands: how many looks are left, and whether to say so."""

    left: int
    near: bool
    within: timedelta

    @property
    def reached(self) -> bool:
        return self.left <= 0


def judge_limits(*, counts: Iterable[tuple[Limit, int]]) -> Standing:
    """Pure: the tightest of the limits decides."""
    standings = [Standing(limit.most - count, count >= limit.warn, limit.within) for limit, count in counts]
    return min(standings, key=lambda standing: (standing.left, not standing.near))


def get_standing(*, account_id: int, roles: frozenset[Role], look: Look, at: datetime) -> Standing:
    """Count in the log and judge."""
    limits = (LARGER if roles & MANY_LOOKS else ORDINARY)[look]
    since = [at - limit.within for limit in limits]
    counts = count_events(account_id=account_id, kinds=look.value, since=since)
    return judge_limits(counts=zip(limits, counts, strict=True))


def words_for(standing: Standing) -> str:
    """What the user reads when stopped."""
    period = "hour" if standing.within == HOUR else "day"
    return (
        f"You have reached the most looks that your role allows in one {period}. Nothing was shown. "
        f"Your manager is told. If a child is at risk now, telephone the authority's duty team."
    )


def report_limit(*, viewer: Viewer, look: Look, at: datetime) -> None:
    """Log that the account was stopped, and tell its manager; once an hour, however often it tries.

    Runs in the transaction of the refusal; the notice goes out when that has committed.
    """
    (told,) = count_events(account_id=viewer.account_id, kinds=[EventKind.LIMIT_REACHED], since=[at - HOUR])
    if told:
        return
    event = record_event(
        kind=EventKind.LIMIT_REACHED,
        actor=viewer.actor,
        at=at,
        facts={"limit": look.name.lower()},
        refused=True,
    )
    tell_manager_of_limit(organisation_id=viewer.organisation_id, event=event, at=at)

"""The people whom somebody answers for: lists, and one of them with each step (ACC-3, ACC-10).

What is missing or has lapsed is decided by the same policy as at every request.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection

from contactpoint.access.actions.insist import ActionRefused, insist, insist_on
from contactpoint.access.policies import ENGLAND, find_scope, judge_clearance
from contactpoint.access.queries.who import FACTS, GRANTS, JOINED, LIMITS, NoSuchAccount, read_facts
from contactpoint.access.records import ClearanceFacts, Decision, Scope, Viewer
from contactpoint.access.roles import Action, Role

PAGE = 50
NATION = Scope()
MOST_COUNTED = 1_000  # of a kind: a national list is not counted to its end
SOON = timedelta(days=30)
RECERTIFY_FROM = timedelta(days=42)  # six weeks before it is due

__all__ = ["ActionRefused", "Person", "Show", "count_people", "get_person", "list_people"]


class Show(StrEnum):
    """Which of the people."""

    WAITING = "waiting"
    LAPSING = "lapsing"
    STOPPED = "stopped"
    RECERTIFY = "recertify"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that somebody holds; `authority` '' where it names none."""

    role: Role
    authority: str


@dataclass(frozen=True, slots=True)
class Person:
    """One account as those who manage it see it; dates and who, never the content of a check."""

    id: int
    name: str
    email: str
    job_title: str
    telephone: str
    organisation_id: int
    organisation: str
    authority: str
    inviter_id: int | None
    inviter: str
    created_at: datetime
    has_password: bool
    has_factor: bool
    last_seen_at: datetime | None
    grants: tuple[Grant, ...]
    facts: ClearanceFacts
    decision: Decision

    @property
    def is_closed(self) -> bool:
        return bool({"account-closed", "disuse-closed"} & set(self.decision.codes))

    @property
    def is_approved(self) -> bool:
        return self.facts.approved_at is not None

    @property
    def recertify_by(self) -> date | None:
        """The last day on which the latest confirmation, or the approval, counts."""
        if self.facts.approved_at is None:
            return None
        approved_on = self.facts.approved_at.astimezone(ENGLAND).date()
        return max(approved_on, self.facts.recertified_on or approved_on) + LIMITS.recertified_for

    @property
    def first_end(self) -> date | None:
        """The first day after which something of theirs has lapsed."""
        ends = (self.facts.dbs_next_check_on, self.facts.training_expires_on, self.recertify_by)
        return min((each for each in ends if each), default=None) if self.is_approved else None


_COLUMNS = f"""
SELECT a.id, a.name, a.email, a.job_title, a.telephone, o.id, o.name, coalesce(a.granted_by_authority, ''),
       a.created_by_id, coalesce(i.name, ''), a.created_at, a.password !~ '^!',
       EXISTS (SELECT FROM mfa_authenticator f WHERE f.user_id = a.id AND f.type IN ('totp', 'webauthn')),
       s.last_seen_at, {GRANTS}, {FACTS}
{JOINED}
LEFT JOIN access_account i ON i.id = a.created_by_id
"""
_WHOM = """
FROM access_account a
LEFT JOIN access_clearance c ON c.account_id = a.id
LEFT JOIN access_signin s ON s.account_id = a.id
"""
_RECERTIFIED = "greatest((c.approved_at AT TIME ZONE 'Europe/London')::date, c.recertified_on)"
_USED = "greatest(c.approved_at, s.used_at, a.reinstated_at)"
_LIVING = "a.closed_at IS NULL AND c.approved_at IS NOT NULL"
_SHOWN = {
    Show.WAITING: "a.closed_at IS NULL AND c.approved_at IS NULL",
    Show.LAPSING: f"{_LIVING} AND least(c.dbs_next_check_on, c.training_expires_on,"
    f" {_RECERTIFIED} + %(recertified_for)s) BETWEEN %(on)s AND %(soon)s",
    Show.STOPPED: f"{_LIVING} AND (a.suspended_at IS NOT NULL OR c.dbs_next_check_on < %(on)s"
    f" OR c.training_expires_on < %(on)s OR {_RECERTIFIED} + %(recertified_for)s < %(on)s"
    f" OR {_USED} < %(unused_since)s)",
    Show.RECERTIFY: f"{_LIVING} AND a.suspended_at IS NULL AND a.id <> %(viewer)s"
    f" AND {_RECERTIFIED} + %(recertified_for)s <= %(recertify_soon)s",
    Show.ALL: "TRUE",
}
_WITHIN = (
    "(%(organisation)s::bigint IS NULL OR a.organisation_id = %(organisation)s)"
    " AND (%(authority)s::text IS NULL OR a.granted_by_authority = %(authority)s)"
)
_BEGINS = (
    "(%(words)s::text IS NULL OR upper(a.name) LIKE upper(%(words)s) OR upper(a.email) LIKE upper(%(words)s))"
)


def list_people(
    *,
    by: Viewer,
    at: datetime,
    show: Show = Show.ALL,
    words: str = "",
    page: int = 1,
    action: Action = Action.INVITE_ACCOUNT,
    organisation_id: int | None = None,
) -> tuple[Person, ...]:
    """Up to one page and one more, so that the asker sees whether there are more; by name.

    `words`: how the name or the e-mail address begins. Raises ActionRefused, which is logged.
    """
    given = _given(_insist_scope(by=by, action=action, at=at), by=by, at=at, words=words)
    given |= {"most": PAGE + 1, "before": (max(page, 1) - 1) * PAGE, "one": organisation_id}
    with connection.cursor() as cursor:
        cursor.execute(
            # The page by its ids first, in the order of an index; all that is shown only of those.
            f"{_COLUMNS} WHERE a.id = ANY (ARRAY(SELECT a.id {_WHOM} WHERE {_WITHIN} AND {_SHOWN[show]}"
            f" AND {_BEGINS} AND (%(one)s::bigint IS NULL OR a.organisation_id = %(one)s)"
            " ORDER BY a.name, a.id LIMIT %(most)s OFFSET %(before)s))"
            " ORDER BY a.name, a.id",
            given,
        )
        return tuple(_person(row, at) for row in cursor.fetchall())


def count_people(
    *, by: Viewer, at: datetime, shows: Collection[Show], action: Action = Action.INVITE_ACCOUNT
) -> dict[Show, int]:
    """How many there are of each kind, within what the asker may see; none where they may see none.

    At most `MOST_COUNTED`, which means: so many or more.
    """
    scope = find_scope(viewer=by, action=action)
    if scope is None:
        return {}
    given = _given(scope, by=by, at=at) | {"most": MOST_COUNTED}
    with connection.cursor() as cursor:
        cursor.execute(_count_nation(shows) if scope == NATION else _count_all(shows), given)
        counts = cursor.fetchone() or ()
    return {show: min(count, MOST_COUNTED) for show, count in zip(shows, counts, strict=True)}


def _count_all(shows: Collection[Show]) -> str:
    """Every kind in one pass over an authority's people."""
    counts = ", ".join(f"count(*) FILTER (WHERE {_SHOWN[show]})" for show in shows)
    return f"SELECT {counts} {_WHOM} WHERE {_WITHIN}"


def _count_nation(shows: Collection[Show]) -> str:
    """Each kind until there are enough of it: nobody waits for a count of all England's accounts."""
    return "SELECT " + ", ".join(
        f"(SELECT count(*) FROM (SELECT 1 {_WHOM} WHERE {_SHOWN[show]} LIMIT %(most)s) found)"
        for show in shows
    )


def get_person(
    *, account_id: int, by: Viewer, at: datetime, action: Action = Action.INVITE_ACCOUNT
) -> Person:
    """One of those whom the asker answers for. Raises NoSuchAccount and ActionRefused, which is logged."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_COLUMNS} WHERE a.id = %(account)s", {"account": account_id, "at": at})
        row = cursor.fetchone()
    if row is None:
        raise NoSuchAccount("There is no such account.")
    person = _person(row, at)
    insist(
        by=by,
        action=action,
        at=at,
        authority=person.authority or None,
        organisation_id=person.organisation_id,
    )
    return person


def _insist_scope(*, by: Viewer, action: Action, at: datetime) -> Scope:
    scope = find_scope(viewer=by, action=action)
    if scope is None:
        insist_on(
            Decision(False, ("Your role does not allow this.",), ("role",)), by=by, action=action, at=at
        )
        raise AssertionError("unreachable")
    return scope


def _given(scope: Scope, *, by: Viewer, at: datetime, words: str = "") -> dict[str, Any]:
    on = at.astimezone(ENGLAND).date()
    plain = words.strip().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return {
        "at": at,
        "on": on,
        "soon": on + SOON,
        "recertified_for": LIMITS.recertified_for.days,
        "recertify_soon": on + RECERTIFY_FROM,
        "unused_since": at - LIMITS.suspended_unused,
        "viewer": by.account_id,
        "organisation": scope.organisation_id,
        "authority": scope.authority,
        "words": f"{plain}%" if plain else None,
    }


def _person(row: tuple[Any, ...], at: datetime) -> Person:
    grants = tuple(Grant(Role(role), authority) for role, authority in row[14])
    facts = read_facts(row[15:], roles=frozenset(grant.role for grant in grants))
    decision = judge_clearance(facts=facts, at=at, limits=LIMITS)
    return Person(*(*row[:14], grants, facts, decision))

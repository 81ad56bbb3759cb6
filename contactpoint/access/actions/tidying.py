"""The nightly run: warns before anything lapses, and tidies what lapsed long ago (ACC-3, ACC-5, ACC-10).

It decides nothing: whether an account may act is decided from dates at every request,
so a night without this run lets nobody in. Each warning is sent once.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from contactpoint.access.notices import Warned, tell_lapses
from contactpoint.access.policies import ENGLAND
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor

WARN_BEFORE = (30, 7)  # days
LINKS_KEPT = timedelta(days=365)
VISITS_KEPT = timedelta(days=31)  # mediated ones; the log has them for longer

# What ends, for whom, on which day: accounts that live, and organisations that are not suspended.
_ENDING = """
WITH living AS (
    SELECT a.id, a.email, o.secure_email, c.*, s.used_at, a.reinstated_at
    FROM access_account a
    JOIN access_organisation o ON o.id = a.organisation_id
    JOIN access_clearance c ON c.account_id = a.id AND c.approved_at IS NOT NULL
    LEFT JOIN access_signin s ON s.account_id = a.id
    WHERE a.closed_at IS NULL AND a.suspended_at IS NULL
), ends AS (
    SELECT id AS account, NULL::bigint AS organisation, email, 'dbs' AS part, dbs_next_check_on AS ends_on
    FROM living
    UNION ALL SELECT id, NULL, email, 'training', training_expires_on FROM living
    UNION ALL SELECT id, NULL, coalesce(nullif(secure_email, ''), email), 'recertification',
        greatest((approved_at AT TIME ZONE 'Europe/London')::date, recertified_on) + %(recertified_for)s
        FROM living
    UNION ALL SELECT id, NULL, email, 'disuse',
        (greatest(approved_at, used_at, reinstated_at) AT TIME ZONE 'Europe/London')::date + %(unused)s
        FROM living
    UNION ALL SELECT NULL, o.id, o.secure_email, 'accreditation', d.expires_on
        FROM access_organisation o
        JOIN access_accreditation d ON d.organisation_id = o.id AND d.superseded_at IS NULL
        WHERE o.suspended_at IS NULL
), told AS (
    INSERT INTO access_lapse (account_id, organisation_id, part, ends_on, days_before, told_at)
    SELECT account, organisation, part, ends_on, %(before)s, %(at)s FROM ends
    WHERE ends_on BETWEEN %(on)s AND %(on)s + %(before)s
    ON CONFLICT DO NOTHING
    RETURNING account_id, organisation_id, part, ends_on
)
SELECT t.part, t.ends_on, e.email FROM told t JOIN ends e
  ON coalesce(e.account, 0) = coalesce(t.account_id, 0)  -- by equality, so that the two are hashed
 AND coalesce(e.organisation, 0) = coalesce(t.organisation_id, 0)
 AND e.part = t.part
"""
_CLOSE_UNUSED = """
UPDATE access_account a SET closed_at = %(at)s
FROM access_clearance c LEFT JOIN access_signin s ON s.account_id = c.account_id
WHERE c.account_id = a.id AND a.closed_at IS NULL AND c.approved_at IS NOT NULL
  AND greatest(c.approved_at, s.used_at, a.reinstated_at) < %(unused_since)s
RETURNING a.id
"""
_FORGET_PLACES = """
UPDATE access_signin SET browser = '', address = ''
WHERE last_seen_at < %s AND (browser <> '' OR address <> '')
"""
_FORGET_ABSENCES = """
UPDATE access_profile SET away_from = NULL, away_to = NULL, cover_id = NULL WHERE away_to < %s
"""
_FORGET_PROFILES = """
DELETE FROM access_profile p USING access_account a
WHERE a.id = p.account_id AND (a.closed_at IS NOT NULL OR a.organisation_id <> p.organisation_id)
"""


@dataclass(frozen=True, slots=True)
class Tidied:
    """What a night's run did."""

    warned: int
    closed: int


def warn_and_tidy(*, by: Actor, at: datetime) -> Tidied:
    """Warn of what ends within thirty days and again within seven; close what a year saw nobody use."""
    on = at.astimezone(ENGLAND).date()
    given: dict[str, int | date | datetime] = {
        "at": at,
        "on": on,
        "recertified_for": settings.RECERTIFIED_FOR.days,
        "unused": settings.ACCOUNT_SUSPENDED_UNUSED.days,
        "unused_since": at - settings.ACCOUNT_CLOSED_UNUSED,
    }
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        warned: list[Warned] = []
        for before in WARN_BEFORE:
            cursor.execute(_ENDING, {**given, "before": before})
            warned += [Warned(*row) for row in cursor.fetchall()]
        cursor.execute(_CLOSE_UNUSED, given)
        closed = [number for (number,) in cursor.fetchall()]
        for number in closed:
            facts: dict[str, str | int] = {"account": number, "why": "disuse"}
            record_event(kind=EventKind.ACCOUNT_CLOSED, actor=by, at=at, facts=facts)
        cursor.execute("DELETE FROM access_onetimelink WHERE made_at < %s", [at - LINKS_KEPT])
        cursor.execute("DELETE FROM access_lapse WHERE told_at < %s", [at - LINKS_KEPT])
        cursor.execute("DELETE FROM access_pastsession WHERE forget_at <= %s", [at])
        cursor.execute("DELETE FROM access_mediatedvisit WHERE ended_at < %s", [at - VISITS_KEPT])
        cursor.execute(_FORGET_PLACES, [at - settings.SESSIONS_SHOWN_FOR])
        cursor.execute("DELETE FROM access_quizattempt WHERE at < %s", [at - LINKS_KEPT])
        cursor.execute(_FORGET_ABSENCES, [on])
        cursor.execute(_FORGET_PROFILES)
        record_event(kind=EventKind.LAPSE_TOLD, actor=by, at=at, facts={"count": len(warned)})
        tell_lapses(warned=tuple(warned))
    return Tidied(len(warned), len(closed))

"""One session for each account: begun, continued, ended (ACC-5, and settled: the newest wins).

The token lies in the session and in the account's one row; where they differ, the session is over.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from contactpoint.access.actions.ending_visit import VisitEnd, end_open_visit
from contactpoint.access.models import Account, SignIn
from contactpoint.access.policies import SessionEnd, SessionLimits, find_session_end, judge_session
from contactpoint.access.queries.sign_ins import keep_past
from contactpoint.access.reading_account import SignedIn
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor

SEEN_EVERY = timedelta(
    seconds=10
)  # writing at each request would make a hot row; this ends idle ones no later


class Ended(StrEnum):
    """Why a session is over, as its holder is told."""

    IDLE = "idle"
    ABSOLUTE = "absolute"
    CLOCK = "clock"
    ELSEWHERE = "elsewhere"
    SUSPENDED = "suspended"
    SIGNED_OUT = "signed-out"


def begin_session(*, account_id: int, actor: Actor, at: datetime, method: str, browser: str = "") -> str:
    """Make this the account's only session; gives its token. An older one is over from that moment."""
    token = secrets.token_urlsafe(24)
    with transaction.atomic(durable=True):
        older = SignIn.objects.select_for_update().filter(account_id=account_id).first()
        if older is not None:
            limits = SessionLimits(idle=settings.SESSION_IDLE, absolute=settings.SESSION_ABSOLUTE)
            forget_at = at + settings.SESSIONS_SHOWN_FOR
            why = keep_past(older=older, at=at, limits=limits, forget_at=forget_at)
            if older.ended_at is None:
                record_event(kind=EventKind.SESSION_ENDED, actor=actor, at=at, facts={"why": why})
        SignIn.objects.update_or_create(
            account_id=account_id,
            defaults={
                "token": token,
                "started_at": at,
                "last_seen_at": at,
                "used_at": _find_used(older, account_id=account_id, at=at),
                "ended_at": None,
                "ended_why": "",
                "browser": browser,
                "address": actor.address,
            },
        )
        record_event(kind=EventKind.SIGNED_IN, actor=actor, at=at, facts={"method": method})
    return token


def _find_used(older: SignIn | None, *, account_id: int, at: datetime) -> datetime | None:
    """Now, unless the account counts as unused: signing in must not undo that by itself (ACC-5)."""
    used_at = older.used_at if older else None
    dates = Account.objects.filter(pk=account_id).values_list("clearance__approved_at", "reinstated_at").get()
    counted = max((each for each in (used_at, *dates) if each), default=None)
    if counted is None or at - counted > settings.ACCOUNT_SUSPENDED_UNUSED:
        return used_at
    return at


def continue_session(
    *,
    account_id: int,
    signed_in: SignedIn | None,
    token: str,
    actor: Callable[[], Actor],
    at: datetime,
    limits: SessionLimits,
    is_use: bool = True,
) -> Ended | SessionEnd:
    """When the session will end if it goes on; else why it is over.

    One found to be over the limits is ended and logged.
    `signed_in` was read with the account; without it there is none. `actor` is asked when it is over.
    A request that only asks whether the session goes on does not make it last (`is_use`).
    """
    if signed_in is None or not secrets.compare_digest(signed_in.token, token):
        return Ended.ELSEWHERE
    _, started_at, last_seen_at, ended_at, ended_why = signed_in
    if ended_at is not None:
        return Ended(ended_why)
    why = judge_session(started_at=started_at, last_seen_at=last_seen_at, at=at, limits=limits)
    if why:
        end_session(account_id=account_id, token=token, actor=actor(), at=at, why=Ended(why))
        return Ended(why)
    if is_use and at - last_seen_at >= SEEN_EVERY:
        _mark_seen(account_id, token, at)
        last_seen_at = at
    return find_session_end(started_at=started_at, last_seen_at=last_seen_at, limits=limits)


def _mark_seen(account_id: int, token: str, at: datetime) -> None:
    """Seen now; and used now, if the session began as one of an account in use."""
    in_use = When(used_at__gte=F("started_at"), then=Value(at))
    SignIn.objects.filter(
        account_id=account_id, token=token, ended_at__isnull=True, last_seen_at__lt=at
    ).update(last_seen_at=at, used_at=Case(in_use, default=F("used_at")))


def end_session(*, account_id: int, token: str, actor: Actor, at: datetime, why: Ended) -> None:
    """End the session if it is still the account's; logged once, whoever notices."""
    with transaction.atomic(durable=True):
        ended = SignIn.objects.filter(account_id=account_id, token=token, ended_at__isnull=True).update(
            ended_at=at, ended_why=why.value
        )
        if ended:  # what a mediator did for somebody else ends with it (ACC-6)
            end_open_visit(mediator_id=account_id, why=VisitEnd.SESSION, actor=actor, at=at)
        if ended and why is Ended.SIGNED_OUT:
            record_event(kind=EventKind.SIGNED_OUT, actor=actor, at=at)
        elif ended:
            record_event(kind=EventKind.SESSION_ENDED, actor=actor, at=at, facts={"why": why.value})


def end_sessions_of(
    *,
    at: datetime,
    account_id: int | None = None,
    organisation_id: int | None = None,
    authority: str | None = None,
    spare: int | None = None,
) -> int:
    """End the sessions of one account, of an organisation, of an authority; where none is named, of all
    but the one account that is spared.

    Inside the caller's transaction; gives how many there were.
    """
    rows = SignIn.objects.filter(ended_at__isnull=True)
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    if organisation_id is not None:
        rows = rows.filter(account__organisation_id=organisation_id)
    if authority is not None:
        granted = Q(account__granted_by_authority=authority)
        lies_in = Q(account__granted_by_authority__isnull=True, account__organisation__authority=authority)
        rows = rows.filter(granted | lies_in)
    if spare is not None:
        rows = rows.exclude(account_id=spare)
    return rows.update(ended_at=at, ended_why=Ended.SUSPENDED.value)

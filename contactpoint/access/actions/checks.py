"""The checks that a clearance is made of (ACC-3): the date and who checked, never the content."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from contactpoint.access.actions.accounts import get_account, insist_on_account
from contactpoint.access.actions.insist import insist_on
from contactpoint.access.models import Clearance
from contactpoint.access.policies import ENGLAND, judge_check
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.errors import Invalid

DBS_LEVELS = ("basic", "standard", "enhanced")
DBS_YEARS = 3  # a setting of ACC-3
AGREEMENT_VERSION = "2026-1"  # changes with the text of the page


class CheckNotUsable(Invalid):
    """The dates or the level of a check cannot be; nothing was changed."""


def record_identity_check(*, account_id: int, on: date, by: Viewer, at: datetime) -> None:
    """Somebody saw proof of who they are. Raises ActionRefused and CheckNotUsable."""
    _not_ahead(on, at)
    _write(
        account_id,
        "identity",
        {"identity_checked_on": on, "identity_checked_by": by.account_id},
        by=by,
        at=at,
    )


def record_dbs_check(
    *, account_id: int, level: str, on: date, by: Viewer, at: datetime, next_check_on: date | None = None
) -> None:
    """A DBS certificate was seen: level and dates only. Due again after three years unless said sooner.

    Raises ActionRefused and CheckNotUsable.
    """
    _not_ahead(on, at)
    if level not in DBS_LEVELS:
        raise CheckNotUsable(f"The level of a DBS check is one of {', '.join(DBS_LEVELS)}.")
    latest = _years_after(on, DBS_YEARS)
    due = min(next_check_on or latest, latest)
    changes = {
        "dbs_level": level,
        "dbs_checked_on": on,
        "dbs_checked_by": by.account_id,
        "dbs_next_check_on": due,
    }
    _write(account_id, "dbs", changes, by=by, at=at)


def record_training(*, account_id: int, passed_on: date, expires_on: date, by: Viewer, at: datetime) -> None:
    """The mandatory training was passed. Raises ActionRefused and CheckNotUsable."""
    _not_ahead(passed_on, at)
    if expires_on < passed_on:
        raise CheckNotUsable("Training cannot expire before it was passed.")
    changes = {"training_passed_on": passed_on, "training_expires_on": expires_on}
    _write(account_id, "training", changes, by=by, at=at)


def sign_agreement(*, account_id: int, version: str, actor: Actor, at: datetime) -> None:
    """The person agrees, signed in with both factors; nobody can sign for somebody else.

    Raises CheckNotUsable, where the version is not today's or `actor` is somebody else.
    """
    if version != AGREEMENT_VERSION:
        raise CheckNotUsable("The agreement has changed since. Read it again, then sign.")
    if actor.account_id != account_id:
        raise CheckNotUsable("Everybody signs for themselves. Nothing was changed.")
    with transaction.atomic(durable=True):
        Clearance.objects.filter(account_id=account_id).update(
            agreement_signed_on=at.astimezone(ENGLAND).date(), agreement_version=version
        )
        record_event(
            kind=EventKind.ACCOUNT_CHECKED,
            actor=actor,
            at=at,
            facts={"account": account_id, "part": "agreement", "version": version},
        )


def _write(account_id: int, part: str, changes: Mapping[str, object], *, by: Viewer, at: datetime) -> None:
    insist_on_account(get_account(account_id), by=by, action=Action.INVITE_ACCOUNT, at=at)
    decision = judge_check(checker_id=by.account_id, account_id=account_id)
    insist_on(decision, by=by, action=Action.INVITE_ACCOUNT, at=at)
    with transaction.atomic(durable=True):
        Clearance.objects.filter(account_id=account_id).update(**changes)
        record_event(
            kind=EventKind.ACCOUNT_CHECKED,
            actor=by.actor,
            at=at,
            facts={"account": account_id, "part": part},
        )


def _not_ahead(on: date, at: datetime) -> None:
    if on > at.astimezone(ENGLAND).date():
        raise CheckNotUsable("A check cannot have happened in the future.")


def _years_after(on: date, years: int) -> date:
    try:
        return on.replace(year=on.year + years)
    except ValueError:  # 29 February
        return on.replace(year=on.year + years, day=28)

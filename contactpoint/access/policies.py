"""May this account act at all? Pure functions of dates (ACC-2, ACC-3, ACC-5). No database, no clock."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from contactpoint.access.records import AccreditationFacts, ClearanceFacts, Decision

ENHANCED = "enhanced"
ENGLAND = ZoneInfo("Europe/London")


def judge_clearance(*, facts: ClearanceFacts, at: datetime) -> Decision:
    """Everything that is missing or has lapsed at that moment, not just the first.

    A date of expiry is the last day on which the thing still counts.
    """
    on = at.astimezone(ENGLAND).date()
    problems = [
        *_account(facts, at),
        *_organisation(facts, at, on),
        *_identity(facts, on),
        *_dbs(facts, on),
        *_training(facts, on),
        *_agreement(facts, on),
        *_approval(facts, at),
    ]
    return Decision(not problems, tuple(words for _, words in problems), tuple(code for code, _ in problems))


Problems = Iterator[tuple[str, str]]


def _account(facts: ClearanceFacts, at: datetime) -> Problems:
    if facts.account_closed_at and facts.account_closed_at <= at:
        yield "account-closed", "Your account has been closed."
    elif facts.account_suspended_at and facts.account_suspended_at <= at:
        yield "account-suspended", "Your account has been suspended."
    if not facts.has_role:
        yield "no-role", "Your account has not been given a role."


def _organisation(facts: ClearanceFacts, at: datetime, on: date) -> Problems:
    if facts.organisation_suspended_at and facts.organisation_suspended_at <= at:
        yield "organisation-suspended", "Your organisation has been suspended."
    yield from _accreditation(facts.accreditation, at, on)


def _accreditation(facts: AccreditationFacts | None, at: datetime, on: date) -> Problems:
    if facts is None or facts.accredited_on is None or facts.accredited_on > on:
        yield "accreditation-missing", "Your organisation has not been accredited."
    elif facts.suspended_at and facts.suspended_at <= at:
        yield "accreditation-suspended", "Your organisation’s accreditation has been suspended."
    elif facts.expires_on is None or facts.expires_on < on:
        yield "accreditation-lapsed", "Your organisation’s accreditation has expired."


def _identity(facts: ClearanceFacts, on: date) -> Problems:
    if not _happened(facts.identity_checked_on, on):
        yield "identity-missing", "Your identity has not been checked."


def _dbs(facts: ClearanceFacts, on: date) -> Problems:
    if not _happened(facts.dbs_checked_on, on):
        yield "dbs-missing", "No DBS check has been recorded for you."
    elif facts.dbs_level != ENHANCED:
        yield "dbs-level", "The DBS check recorded for you is not an enhanced one."
    elif facts.dbs_next_check_on is None or facts.dbs_next_check_on < on:
        yield "dbs-lapsed", "Your DBS check must be renewed."


def _training(facts: ClearanceFacts, on: date) -> Problems:
    if not _happened(facts.training_passed_on, on):
        yield "training-missing", "You have not passed the mandatory training."
    elif facts.training_expires_on is None or facts.training_expires_on < on:
        yield "training-lapsed", "Your mandatory training has expired."


def _agreement(facts: ClearanceFacts, on: date) -> Problems:
    if not _happened(facts.agreement_signed_on, on):
        yield "agreement-missing", "You have not signed the user agreement."


def _approval(facts: ClearanceFacts, at: datetime) -> Problems:
    if facts.approved_at is None or facts.approved_at > at:
        yield "approval-missing", "A second person has not yet approved your account."


def _happened(day: date | None, on: date) -> bool:
    return day is not None and day <= on


def judge_approval(*, approver_id: int, creator_id: int | None, account_id: int) -> Decision:
    """Two different people make an account live, and nobody their own (ACC-3)."""
    if approver_id == account_id:
        return Decision(False, ("You cannot approve your own account.",), ("own-account",))
    if approver_id == creator_id:
        return Decision(
            False, ("Somebody other than the person who invited it must approve an account.",), ("creator",)
        )
    return Decision(True)

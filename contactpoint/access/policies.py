"""May this account act at all, and upon what? (ACC-2, ACC-3, ACC-5, ACC-8)

Pure functions of small values and of dates that are passed in. No database, no clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from contactpoint.access.records import AccreditationFacts, ClearanceFacts, Decision, Viewer
from contactpoint.access.roles import ALLOWED, Action, Role, Sector

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


def judge_reach(*, viewer: Viewer, action: Action, authority: str | None, organisation_id: int) -> Decision:
    """A role reaches no further than its authority; an organisation's administrator no further than that."""
    if not viewer.may(action):
        return Decision(False, ("Your role does not allow this.",), ("role",))
    only_own = not any(action in ALLOWED[role] for role in viewer.roles - {Role.ORGANISATION_ADMINISTRATOR})
    if only_own and organisation_id != viewer.organisation_id:
        return Decision(False, ("You may do this for your own organisation only.",), ("organisation",))
    if not only_own and viewer.authority is not None and viewer.authority != authority:
        return Decision(False, ("You may do this for your own authority only.",), ("authority",))
    return Decision(True)


_WATCHERS = frozenset({Role.AUDITOR, Role.NATIONAL_AUDITOR, Role.INVESTIGATOR})


def judge_role(*, role: Role, held: frozenset[Role], is_own: bool) -> Decision:
    """Duties that stay apart: who watches does not search, and nobody gives a role to themselves (ACC-8)."""
    if is_own:
        return Decision(False, ("You cannot give yourself a role.",), ("own-account",))
    together = held | {role}
    if together & _WATCHERS and any(Action.SEARCH in ALLOWED[one] for one in together):
        return Decision(
            False, ("Somebody who reads the log cannot also search for children.",), ("duties-apart",)
        )
    if together & _WATCHERS and any(Action.APPROVE_ACCOUNT in ALLOWED[one] for one in together):
        return Decision(
            False, ("Somebody who reads the log cannot also manage accounts.",), ("duties-apart",)
        )
    return Decision(True)


def judge_criteria(
    *,
    sector: Sector,
    certificate: str,
    certificate_expires_on: date,
    disciplinary_procedure: bool,
    safeguarding_lead: str,
    email_domains: tuple[str, ...],
    caldicott_approver: str,
    expires_on: date,
) -> Decision:
    """Does an organisation meet what accreditation asks for? (ACC-2) Every gap, not just the first."""
    gaps = (
        ("certificate", not certificate, "A security certificate (DSPT or Cyber Essentials Plus) is needed."),
        (
            "certificate-ends",
            certificate_expires_on < expires_on,
            "An accreditation cannot outlast the security certificate.",
        ),
        ("disciplinary", not disciplinary_procedure, "A disciplinary procedure is needed."),
        ("safeguarding-lead", not safeguarding_lead, "A named safeguarding lead is needed."),
        ("domains", not email_domains, "At least one e-mail domain is needed."),
        (
            "caldicott",
            sector is Sector.HEALTH and not caldicott_approver,
            "An NHS body needs its Caldicott Guardian's approval.",
        ),
    )
    found = [(code, words) for code, is_gap, words in gaps if is_gap]
    return Decision(not found, tuple(words for _, words in found), tuple(code for code, _ in found))


def judge_domain(*, email: str, domains: tuple[str, ...]) -> Decision:
    """Accounts have e-mail addresses of the domains that their organisation showed (ACC-2)."""
    domain = email.strip().lower().rpartition("@")[2]
    if domain in domains:
        return Decision(True)
    return Decision(
        False, ("The organisation is not accredited for e-mail addresses of this domain.",), ("domain",)
    )


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session may idle and last (ACC-5), and how far a clock may be set back."""

    idle: timedelta
    absolute: timedelta
    slack: timedelta = timedelta(seconds=60)


def judge_session(
    *, started_at: datetime, last_seen_at: datetime, at: datetime, limits: SessionLimits
) -> Literal["", "idle", "absolute", "clock"]:
    """Why the session is over, or ''.

    A clock that went back would let it live longer than it may, so more than a little of that ends it.
    """
    if at < last_seen_at - limits.slack:
        return "clock"
    if at - last_seen_at > limits.idle:
        return "idle"
    if at - started_at > limits.absolute:
        return "absolute"
    return ""

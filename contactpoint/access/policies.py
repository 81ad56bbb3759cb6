"""May this account act at all, and upon what? (ACC-2, ACC-3, ACC-5, ACC-8)

Pure functions of small values and of dates that are passed in. No database, no clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from contactpoint.access.records import (
    AccessLimits,
    AccreditationFacts,
    ClearanceFacts,
    Criteria,
    Decision,
    MergerFacts,
    Scope,
    Viewer,
)
from contactpoint.access.roles import ALLOWED, ALONE, NATIONAL_ROLES, Action, Role, Sector

ENHANCED = "enhanced"
ENGLAND = ZoneInfo("Europe/London")


LIMITS = AccessLimits()


def judge_clearance(*, facts: ClearanceFacts, at: datetime, limits: AccessLimits = LIMITS) -> Decision:
    """Everything that is missing or has lapsed at that moment, not just the first.

    A date of expiry is the last day on which the thing still counts.
    """
    on = at.astimezone(ENGLAND).date()
    problems = [
        *_switches(facts),
        *_account(facts, at),
        *_disuse(facts, at, limits),
        *_organisation(facts, at, on),
        *_identity(facts, on),
        *_dbs(facts, on),
        *_training(facts, on),
        *_agreement(facts, on),
        *_approval(facts, at),
        *_recertification(facts, on, limits),
    ]
    return Decision(not problems, tuple(words for _, words in problems), tuple(code for code, _ in problems))


Problems = Iterator[tuple[str, str]]


def _switches(facts: ClearanceFacts) -> Problems:
    if facts.is_service_stopped:
        yield "service-stopped", "The whole service is switched off at the moment."
    if facts.is_authority_stopped:
        yield "authority-stopped", "Your authority’s access is switched off at the moment."


def _account(facts: ClearanceFacts, at: datetime) -> Problems:
    if facts.account_closed_at and facts.account_closed_at <= at:
        yield "account-closed", "Your account has been closed."
    elif facts.account_suspended_at and facts.account_suspended_at <= at:
        yield "account-suspended", "Your account has been suspended."
    if not facts.has_role:
        yield "no-role", "Your account has not been given a role."


def judge_disuse(
    *, facts: ClearanceFacts, at: datetime, limits: AccessLimits = LIMITS
) -> Literal["", "disuse", "disuse-closed"]:
    """Was the account unused for so long that it is suspended, or closed? (ACC-5)"""
    if facts.approved_at is None or facts.account_closed_at:
        return ""
    unused = at - max(facts.approved_at, facts.used_at or facts.approved_at)
    if unused > limits.closed_unused:
        return "disuse-closed"
    return "disuse" if unused > limits.suspended_unused else ""


_DISUSE = {
    "disuse": "Your account is suspended, because it was not used for three months.",
    "disuse-closed": "Your account is closed, because it was not used for a year.",
}


def _disuse(facts: ClearanceFacts, at: datetime, limits: AccessLimits) -> Problems:
    if why := judge_disuse(facts=facts, at=at, limits=limits):
        yield why, _DISUSE[why]


def _recertification(facts: ClearanceFacts, on: date, limits: AccessLimits) -> Problems:
    if facts.approved_at is None:
        return
    approved_on = facts.approved_at.astimezone(ENGLAND).date()
    counted = max(approved_on, facts.recertified_on or approved_on)
    if on > counted + limits.recertified_for:
        yield "recertification-lapsed", "Your manager has not confirmed lately that you still need access."


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


_OF_THE_PERSON = ("identity", "dbs", "training", "agreement")


def find_unready(*, facts: ClearanceFacts, at: datetime) -> tuple[str, ...]:
    """Codes of the person’s own checks that are missing or have lapsed: none may be, to be approved."""
    codes = judge_clearance(facts=facts, at=at).codes
    return tuple(code for code in codes if code.partition("-")[0] in _OF_THE_PERSON)


def judge_approval(
    *,
    approver_id: int,
    creator_id: int | None,
    account_id: int,
    restarter_id: int | None = None,
    is_same_name: bool = False,
    unready: tuple[str, ...] = (),
) -> Decision:
    """Two people make an account live, nobody their own, and not before every check is made (ACC-3).

    `restarter_id` sent the account through its checks anew.
    `is_same_name`: the approver is called like account or inviter: perhaps one person, two accounts.
    """
    if approver_id == account_id:
        return Decision(False, ("You cannot approve your own account.",), ("own-account",))
    if approver_id in (creator_id, restarter_id):
        return Decision(
            False, ("Somebody other than the person who invited it must approve an account.",), ("creator",)
        )
    if is_same_name:
        return Decision(
            False,
            ("You have the name of this person or of whoever invited them. Somebody else must approve.",),
            ("same-name",),
        )
    if unready:
        return Decision(
            False, ("The checks of this account are not complete: somebody has to make them first.",), unready
        )
    return Decision(True)


def judge_check(*, checker_id: int, account_id: int) -> Decision:
    """Nobody records a check of themselves (ACC-8)."""
    if checker_id == account_id:
        return Decision(False, ("You cannot record your own checks.",), ("own-account",))
    return Decision(True)


def judge_link(
    *, linker_id: int, inviter_ids: tuple[int | None, ...], is_begun: bool, is_approved: bool
) -> Decision:
    """Who invites may say who the person is at a sign-in provider, until somebody has signed in (ACC-4).

    Later it would be a way into an account that somebody else approved.
    """
    if linker_id not in inviter_ids:
        return Decision(False, ("Only the person who invited them can do this.",), ("inviter",))
    if is_begun or is_approved:
        return Decision(
            False,
            ("This account is in use. The person can link it themselves, once they have signed in.",),
            ("begun",),
        )
    return Decision(True)


def judge_operator(*, viewer: Viewer) -> Decision:
    """The switch of the whole service belongs to those who run it."""
    if viewer.may(Action.OPERATE):
        return Decision(True)
    return Decision(False, ("Your role does not allow this.",), ("role",))


def judge_lift(*, stopped_by: int | None, lifted_by: int, account_id: int | None = None) -> Decision:
    """Somebody other than who turned a switch off turns it on again, and nobody their own."""
    if account_id == lifted_by:
        return Decision(False, ("You cannot reinstate your own account.",), ("own-account",))
    if stopped_by == lifted_by:
        return Decision(
            False, ("You turned this off: somebody else has to turn it on again.",), ("own-switch",)
        )
    return Decision(True)


_OWN_ORGANISATION = frozenset({Role.ORGANISATION_ADMINISTRATOR, Role.LINE_MANAGER})


def reaches_own_organisation_only(*, roles: frozenset[Role], action: Action) -> bool:
    """Do only roles that end at their own organisation's door allow this?"""
    return not any(action in ALLOWED[role] for role in roles - _OWN_ORGANISATION)


def find_scope(*, viewer: Viewer, action: Action) -> Scope | None:
    """Whom an action may concern; None where no role allows it. The same as `judge_reach`, for lists."""
    if not viewer.may(action):
        return None
    if reaches_own_organisation_only(roles=viewer.roles, action=action):
        return Scope(organisation_id=viewer.organisation_id)
    return Scope(authority=viewer.authority)


def judge_reach(*, viewer: Viewer, action: Action, authority: str | None, organisation_id: int) -> Decision:
    """A role reaches no further than its authority; those of an organisation no further than that."""
    if not viewer.may(action):
        return Decision(False, ("Your role does not allow this.",), ("role",))
    only_own = reaches_own_organisation_only(roles=viewer.roles, action=action)
    if only_own and organisation_id != viewer.organisation_id:
        return Decision(False, ("You may do this for your own organisation only.",), ("organisation",))
    if not only_own and viewer.authority is not None and viewer.authority != authority:
        return Decision(False, ("You may do this for your own authority only.",), ("authority",))
    return Decision(True)


_WATCHERS = frozenset({Role.AUDITOR, Role.NATIONAL_AUDITOR, Role.INVESTIGATOR})


def judge_scope(*, viewer: Viewer, role: Role, scope: str | None) -> Decision:
    """Nobody gives a role that reaches further than their own authority (ACC-8)."""
    if viewer.authority is None:
        return Decision(True)
    if role in NATIONAL_ROLES or (scope is not None and scope != viewer.authority):
        return Decision(
            False, ("This role reaches beyond your authority: a national manager gives it.",), ("scope",)
        )
    return Decision(True)


_LOOKS = frozenset({Action.SEARCH, Action.MEDIATE})  # in their own right, or for somebody on the telephone


def judge_role(*, role: Role, held: frozenset[Role], is_own: bool) -> Decision:
    """Duties that stay apart: who watches does not search, and nobody gives a role to themselves (ACC-8).

    A trigger of the database holds the same.
    """
    if is_own:
        return Decision(False, ("You cannot give yourself a role.",), ("own-account",))
    together = held | {role}
    if together & ALONE and len(together) > 1:
        return Decision(False, ("Who keeps sealed identities has no other role.",), ("duties-apart",))
    if together & _WATCHERS and any(ALLOWED[one] & _LOOKS for one in together):
        return Decision(
            False, ("Somebody who reads the log cannot also search for children.",), ("duties-apart",)
        )
    if together & _WATCHERS and any(Action.APPROVE_ACCOUNT in ALLOWED[one] for one in together):
        return Decision(
            False, ("Somebody who reads the log cannot also manage accounts.",), ("duties-apart",)
        )
    return Decision(True)


def judge_merger(facts: MergerFacts) -> Decision:
    """May one organisation's people go on as the other's? Every reason against it (ACC-2, ACC-8, ACC-9)."""
    gaps = (
        ("same", facts.is_same, "An organisation cannot merge into itself."),
        ("merged", facts.was_merged, "One of the two has merged into another before."),
        (
            "authority",
            not facts.is_one_authority,
            "They belong to two authorities: move people singly.",
        ),
        (
            "sector",
            not facts.is_one_sector,
            "They are of different sectors, which see different numbers: move people singly.",
        ),
        ("sensitive", facts.is_sensitive, "One provides a sensitive service: move people singly."),
        ("accreditation", not facts.is_accredited, "The other is not accredited, or is suspended."),
    )
    found = [(code, why) for code, is_gap, why in gaps if is_gap]
    return Decision(not found, tuple(why for _, why in found), tuple(code for code, _ in found))


def judge_criteria(*, criteria: Criteria, sector: Sector, expires_on: date) -> Decision:
    """Does an organisation meet what accreditation asks for? (ACC-2) Every gap, not just the first."""
    ends = criteria.security_certificate_expires_on
    is_certified = bool(criteria.security_certificate and ends)
    gaps = (
        (
            "certificate",
            not is_certified,
            "A security certificate (DSPT or Cyber Essentials Plus) is needed.",
        ),
        (
            "certificate-ends",
            ends is not None and ends < expires_on,
            "An accreditation cannot outlast the security certificate.",
        ),
        ("disciplinary", not criteria.disciplinary_procedure, "A disciplinary procedure is needed."),
        ("safeguarding-lead", not criteria.safeguarding_lead, "A named safeguarding lead is needed."),
        ("domains", not criteria.email_domains, "At least one e-mail domain is needed."),
        (
            "caldicott",
            sector is Sector.HEALTH and not criteria.caldicott_approver,
            "An NHS body needs its Caldicott Guardian's approval.",
        ),
    )
    found = [(code, words) for code, is_gap, words in gaps if is_gap]
    return Decision(not found, tuple(words for _, words in found), tuple(code for code, _ in found))


def judge_accreditation(*, decider_id: int, enterer_id: int) -> Decision:
    """Who entered what an organisation showed does not accredit it (ACC-2, ACC-8)."""
    if decider_id == enterer_id:
        return Decision(
            False, ("You entered this application: somebody else has to decide on it.",), ("own-application",)
        )
    return Decision(True)


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


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """When a session ends if its holder does nothing, and whether doing something would put that off."""

    at: datetime
    can_be_put_off: bool


def find_session_end(*, started_at: datetime, last_seen_at: datetime, limits: SessionLimits) -> SessionEnd:
    """The earlier of the two limits; nothing puts off the absolute one (ACC-5)."""
    idle_end, last_end = last_seen_at + limits.idle, started_at + limits.absolute
    return SessionEnd(min(idle_end, last_end), can_be_put_off=idle_end < last_end)

"""Frozen values that leave access: who is asking, and what their clearance says."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NewType

from contactpoint.access.roles import MEDIATED, VISIBLE_NUMBERS, Action, Role, Sector, find_actions
from contactpoint.audit.records import Actor

AccountId = NewType("AccountId", int)


@dataclass(frozen=True, slots=True)
class Mediator:
    """Who sits at the keyboard in a mediated visit, and until when (ACC-6)."""

    account_id: AccountId
    name: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody whose clearance was complete and in date when they asked. Made by `queries.get_viewer` alone.

    `authority` is the local authority that they act for or were granted access by;
    None for somebody whom a national partner let in.
    `sensitive_service` is the code of what their organisation provides, where that is sensitive, else empty.
    `mediator` is there in a mediated visit alone: they look for this practitioner, who is on the telephone,
    with the practitioner's rights and limits, and nothing but looking (ACC-6).
    """

    account_id: AccountId
    name: str
    job_title: str
    organisation_id: int
    organisation_code: str
    organisation_name: str
    sector: Sector
    authority: str | None
    roles: frozenset[Role]
    door: str
    address: str
    sensitive_service: str = ""
    mediator: Mediator | None = None

    def may(self, action: Action) -> bool:
        """Does any of their roles allow this at all? (ACC-8) By a mediator: only looking (ACC-6)."""
        if self.mediator is not None and action not in MEDIATED:
            return False
        return action in find_actions(roles=self.roles)

    @property
    def user_name(self) -> str:
        """Who sits at the keyboard."""
        return self.mediator.name if self.mediator else self.name

    @property
    def watermark(self) -> str:
        """Everybody whom a photograph of the page should name."""
        return f"{self.mediator.name} for {self.name}" if self.mediator else self.name

    @property
    def visible_numbers(self) -> frozenset[str]:
        """Kinds of identifying number that they see and may search by (ACC-9)."""
        return VISIBLE_NUMBERS[self.sector]

    @property
    def actor(self) -> Actor:
        """The same person as the log names them; in a mediated visit both people."""
        if self.mediator is not None:
            account, served = self.mediator.account_id, self.account_id
            return Actor(account, self.organisation_id, self.door, self.address, on_behalf_of=served)
        return Actor(self.account_id, self.organisation_id, self.door, self.address)


@dataclass(frozen=True, slots=True)
class AccreditationFacts:
    """An organisation's accreditation as far as it decides anything (ACC-2)."""

    accredited_on: date | None
    expires_on: date | None
    suspended_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccessLimits:
    """How long access lasts without being used or confirmed (ACC-5, ACC-10)."""

    suspended_unused: timedelta = timedelta(days=90)
    closed_unused: timedelta = timedelta(days=365)
    recertified_for: timedelta = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class ClearanceFacts:
    """Every date that decides whether an account may act (ACC-1, ACC-2, ACC-3). None: never happened."""

    identity_checked_on: date | None = None
    dbs_level: str = ""
    dbs_checked_on: date | None = None
    dbs_next_check_on: date | None = None
    training_passed_on: date | None = None
    training_expires_on: date | None = None
    agreement_signed_on: date | None = None
    approved_at: datetime | None = None
    recertified_on: date | None = None
    used_at: datetime | None = None  # when it was last used, approved or reinstated, the latest of these
    is_authority_stopped: bool = False
    is_service_stopped: bool = False
    account_suspended_at: datetime | None = None
    account_closed_at: datetime | None = None
    organisation_suspended_at: datetime | None = None
    accreditation: AccreditationFacts | None = None
    has_role: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something is allowed; where it is not, every reason, in words for the person concerned.

    `codes` are the same reasons as the log keeps them.
    """

    allowed: bool
    why: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """One organisation, or one authority, or, where neither is named, everybody."""

    organisation_id: int | None = None
    authority: str | None = None


@dataclass(frozen=True, slots=True)
class MergerFacts:
    """What is asked before one organisation merges into another; `is_accredited` is of the other, today."""

    is_same: bool
    is_one_authority: bool
    is_one_sector: bool
    is_sensitive: bool
    is_accredited: bool
    was_merged: bool


@dataclass(frozen=True, slots=True)
class Criteria:
    """What an organisation shows to be accredited, as far as it has (ACC-2)."""

    security_certificate: str
    security_certificate_expires_on: date | None
    disciplinary_procedure: bool
    safeguarding_lead: str
    email_domains: tuple[str, ...]
    caldicott_approver: str = ""

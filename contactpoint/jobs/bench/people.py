"""Practitioners for a measurement, cleared by the same actions as real ones (ACC-3).

Enough of them that none passes the limits against trawling (SEA-8): the limits stay on.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from contactpoint.access import actions
from contactpoint.access.actions import Criteria, Founder, NewOrganisation
from contactpoint.access.actions.checks import AGREEMENT_VERSION
from contactpoint.access.factors import enrol_authenticator
from contactpoint.access.models import Account, Organisation
from contactpoint.access.queries import get_viewer
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role, Sector
from contactpoint.audit.records import Actor
from contactpoint.directory.limits import ORDINARY, Look
from contactpoint.progress import Progress

YEAR = timedelta(days=365)
DOMAIN = "bench.example"
CODE = "BENCH-TEAM"
AUTHORITY = "330"


@dataclass(frozen=True, slots=True)
class BenchPerson:
    """Who signs in with what; the secret is the authenticator's, both last for one measurement."""

    account_id: int
    email: str
    password: str
    secret: str


def count_people(*, looks: int, look: Look) -> int:
    """How many practitioners may together look that often within an hour, none being warned."""
    fewest = min(limit.warn for limit in ORDINARY[look])
    return ceil(looks / (fewest - 1))


def make_people(
    *, count: int, at: datetime, progress: Progress, can_sign_in: bool = False
) -> tuple[BenchPerson, ...]:
    """New practitioners with complete clearance; with password and authenticator where they shall sign in."""
    inviter, approver = _founders(at)
    home = _organisation(inviter=inviter, approver=approver, at=at)
    run = secrets.token_hex(4)
    people = []
    for number in range(count):
        progress("Clearing practitioners", number, count)
        password = secrets.token_urlsafe(18) if can_sign_in else ""
        email = f"{run}.{number}@{DOMAIN}"
        account = _make(email, password, home, inviter=inviter, approver=approver, at=at)
        secret = ""
        if can_sign_in:
            secret = _new_secret()
            enrol_authenticator(account_id=account, secret=secret, actor=approver.actor, at=at)
        people.append(BenchPerson(account, email, password, secret))
    progress("Clearing practitioners", count, count)
    return tuple(people)


def make_person(
    *, role: Role, at: datetime, organisation_id: int | None = None, is_national: bool = False
) -> BenchPerson:
    """One person of that role who can sign in: of the benchmark's own team, a body's, or the nation's."""
    inviter, approver = _founders(at)
    home = organisation_id or _organisation(inviter=inviter, approver=approver, at=at)
    home = inviter.organisation_id if is_national else home
    password, secret = secrets.token_urlsafe(18), _new_secret()
    email = f"{role.value}.{secrets.token_hex(4)}@{DOMAIN}"
    partner = "National team" if is_national else None
    account = _make(
        email, password, home, inviter=inviter, approver=approver, at=at, role=role, partner=partner
    )
    enrol_authenticator(account_id=account, secret=secret, actor=approver.actor, at=at)
    return BenchPerson(account, email, password, secret)


def find_founders(*, at: datetime) -> tuple[int, int]:
    """The accounts of the two who invite and approve; made where there are none."""
    inviter, approver = _founders(at)
    return inviter.account_id, approver.account_id


def take_turns(*, people: tuple[BenchPerson, ...], at: datetime) -> Iterator[Viewer]:
    """Their viewers, one after the other, for ever."""
    viewers = [get_viewer(account_id=person.account_id, at=at) for person in people]
    while True:
        yield from viewers


def _new_secret() -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return "".join(secrets.choice(alphabet) for _ in range(32))


def _make(
    email: str,
    password: str,
    home: int,
    *,
    inviter: Viewer,
    approver: Viewer,
    at: datetime,
    role: Role = Role.PRACTITIONER,
    partner: str | None = None,
) -> int:
    on = at.date()
    account = actions.invite_account(
        email=email,
        name="Bench Practitioner",
        job_title="Practitioner",
        organisation_id=home,
        granted_by_partner=partner,
        password=password or None,
        by=inviter,
        at=at,
    )
    actions.record_identity_check(account_id=account, on=on, by=inviter, at=at)
    actions.record_dbs_check(account_id=account, level="enhanced", on=on, by=inviter, at=at)
    actions.record_training(account_id=account, passed_on=on, expires_on=on + YEAR, by=inviter, at=at)
    actions.sign_agreement(
        account_id=account, version=AGREEMENT_VERSION, actor=Actor(account, home, "command"), at=at
    )
    actions.approve_account(account_id=account, by=approver, at=at)
    actions.grant_role(account_id=account, role=role, by=approver, at=at)
    return account


def _founders(at: datetime) -> tuple[Viewer, Viewer]:
    on = at.date()
    found = list(Account.objects.filter(created_by__isnull=True).order_by("pk").values_list("pk", flat=True))
    if not found:
        found = list(
            actions.found_service(
                organisation=NewOrganisation("BENCH", "National team", "national", Sector.NATIONAL),
                criteria=_criteria(on),
                accredited_until=on + YEAR,
                first=_founder("first", on),
                second=_founder("second", on),
                at=at,
            )
        )
    first, second = (get_viewer(account_id=account, at=at, door="command") for account in found[:2])
    return first, second


def _organisation(*, inviter: Viewer, approver: Viewer, at: datetime) -> int:
    known = Organisation.objects.filter(code=CODE).values_list("pk", flat=True).first()
    if known is not None:
        return known
    team = NewOrganisation(
        code=CODE,
        name="Children's services",
        kind="team",
        sector=Sector.SOCIAL_CARE,
        authority=AUTHORITY,
        telephone="0121 496 0000",
        secure_email=f"team@{DOMAIN}",
    )
    made = actions.register_organisation(organisation=team, by=inviter, at=at)
    on = at.date()
    actions.enter_application(organisation_id=made, criteria=_criteria(on), by=inviter, at=at)
    actions.accredit_organisation(organisation_id=made, expires_on=on + YEAR, by=approver, at=at)
    return made


def _criteria(on: date) -> Criteria:
    return Criteria(
        security_certificate="Cyber Essentials Plus",
        security_certificate_expires_on=on + YEAR,
        disciplinary_procedure=True,
        safeguarding_lead="Head of safeguarding",
        email_domains=(DOMAIN,),
        caldicott_approver="Caldicott Guardian",
    )


def _founder(who: str, on: date) -> Founder:
    return Founder(
        email=f"{who}@{DOMAIN}",
        name=f"{who.capitalize()} Founder",
        identity_checked_on=on,
        dbs_checked_on=on,
        dbs_next_check_on=on + 3 * YEAR,
        training_passed_on=on,
        training_expires_on=on + YEAR,
        agreement_signed_on=on,
    )

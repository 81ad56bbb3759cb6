"""Makes the practice environment's people by the same actions as real ones (ACC-11).

Refuses outside a demo: their passwords are printed for all to read.
"""

from datetime import date, datetime, timedelta

from django.conf import settings

from contactpoint.access import actions
from contactpoint.access.actions import Criteria, Founder, NewOrganisation
from contactpoint.access.actions.checks import AGREEMENT_VERSION
from contactpoint.access.factors import enrol_authenticator
from contactpoint.access.models import Account, Organisation
from contactpoint.access.practice import (
    APPLICANT,
    AUTHORITY,
    NEWCOMERS,
    ORGANISATIONS,
    PEOPLE,
    PracticeNewcomer,
    PracticeOrganisation,
    PracticePerson,
)
from contactpoint.access.queries import get_viewer
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Sector
from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict

YEAR = timedelta(days=365)
DOMAINS = {
    "PRACTICE-TEAM": "children.example",
    "PRACTICE-SCHOOL": "bridgelane.example",
    "PRACTICE-HEALTH": "riverside.example",
    "PRACTICE-CAMHS": "lanternhouse.example",
    "PRACTICE-AUTHORITY": "authority.example",
    "PRACTICE-VOLUNTARY": "harbour.example",
}


class NotADemo(Conflict):
    """Practice accounts are made in a demo only. Nothing was changed."""


def demo_accounts(*, at: datetime) -> tuple[PracticePerson, ...]:
    """Make the people who are not there yet; gives all of them. Raises NotADemo."""
    if not settings.DEMO:
        raise NotADemo(
            "Practice accounts are made in a demo only (CONTACTPOINT_DEMO=1). Nothing was changed."
        )
    inviter, approver = _founders(at)
    homes = {
        item.code: _organisation(item, inviter=inviter, approver=approver, at=at) for item in ORGANISATIONS
    }
    known = set(Account.objects.values_list("email", flat=True))
    for person in PEOPLE:
        if person.email not in known:
            _make(person, homes[person.organisation], inviter=inviter, approver=approver, at=at)
    for newcomer in NEWCOMERS:
        if newcomer.email not in known:
            _invite(newcomer, homes[newcomer.organisation], inviter=inviter, at=at)
    if not Organisation.objects.filter(code=APPLICANT.code).exists():
        _register(APPLICANT, by=inviter, at=at)
    return PEOPLE


def _invite(newcomer: PracticeNewcomer, home: int, *, inviter: Viewer, at: datetime) -> None:
    """Somebody for the account managers to see to."""
    account = actions.invite_account(
        email=newcomer.email,
        name=newcomer.name,
        job_title=newcomer.job_title,
        organisation_id=home,
        by=inviter,
        at=at,
    )
    if newcomer.is_checked:
        _check(account, home, inviter=inviter, at=at)


def _founders(at: datetime) -> tuple[Viewer, Viewer]:
    found = list(
        Account.objects.filter(created_by__isnull=True).order_by("pk").values_list("pk", flat=True)[:2]
    )
    if not found:
        on = at.date()
        found = list(
            actions.found_service(
                organisation=NewOrganisation(
                    "PRACTICE-NATIONAL", "ContactPoint national team", "national", Sector.NATIONAL
                ),
                criteria=_criteria("national.example", on),
                accredited_until=on + YEAR,
                first=_founder("first.manager@national.example", "Robin Gray", on),
                second=_founder("second.manager@national.example", "Jess Patel", on),
                at=at,
            )
        )
    return get_viewer(account_id=found[0], at=at, door="command"), get_viewer(
        account_id=found[1], at=at, door="command"
    )


def _organisation(item: PracticeOrganisation, *, inviter: Viewer, approver: Viewer, at: datetime) -> int:
    known = Organisation.objects.filter(code=item.code).values_list("pk", flat=True).first()
    if known is not None:
        return known
    made = _register(item, by=inviter, at=at)
    actions.accredit_organisation(organisation_id=made, expires_on=at.date() + YEAR, by=approver, at=at)
    return made


def _register(item: PracticeOrganisation, *, by: Viewer, at: datetime) -> int:
    made = actions.register_organisation(
        organisation=NewOrganisation(
            code=item.code,
            name=item.name,
            kind=item.kind,
            sector=item.sector,
            authority=AUTHORITY,
            telephone=item.telephone,
            secure_email=item.secure_email,
            sensitive_service=item.sensitive_service,
        ),
        by=by,
        at=at,
    )
    criteria = _criteria(DOMAINS[item.code], at.date())
    actions.enter_application(organisation_id=made, criteria=criteria, by=by, at=at)
    return made


def _make(person: PracticePerson, home: int, *, inviter: Viewer, approver: Viewer, at: datetime) -> None:
    account = actions.invite_account(
        email=person.email,
        name=person.name,
        job_title=person.job_title,
        organisation_id=home,
        password=person.password,
        by=inviter,
        at=at,
    )
    on = at.date()
    _check(account, home, inviter=inviter, at=at)
    actions.approve_account(account_id=account, by=approver, at=at)
    if person.is_training_lapsed:
        long_ago, lately = on - YEAR, on - timedelta(days=30)
        actions.record_training(account_id=account, passed_on=long_ago, expires_on=lately, by=inviter, at=at)
    if person.role is not None:
        actions.grant_role(account_id=account, role=person.role, by=approver, at=at)
    enrol_authenticator(account_id=account, secret=person.secret, actor=approver.actor, at=at)


def _check(account: int, home: int, *, inviter: Viewer, at: datetime) -> None:
    """Everything but the second person's yes."""
    on = at.date()
    actions.record_identity_check(account_id=account, on=on, by=inviter, at=at)
    actions.record_dbs_check(account_id=account, level="enhanced", on=on, by=inviter, at=at)
    actions.record_training(account_id=account, passed_on=on, expires_on=on + YEAR, by=inviter, at=at)
    actions.sign_agreement(
        account_id=account, version=AGREEMENT_VERSION, actor=Actor(account, home, "command"), at=at
    )


def _criteria(domain: str, on: date) -> Criteria:
    return Criteria(
        security_certificate="Cyber Essentials Plus",
        security_certificate_expires_on=on + YEAR,
        disciplinary_procedure=True,
        safeguarding_lead="Head of safeguarding",
        email_domains=(domain,),
        caldicott_approver="Caldicott Guardian",
    )


def _founder(email: str, name: str, on: date) -> Founder:
    return Founder(
        email=email,
        name=name,
        identity_checked_on=on,
        dbs_checked_on=on,
        dbs_next_check_on=on + 3 * YEAR,
        training_passed_on=on,
        training_expires_on=on + YEAR,
        agreement_signed_on=on,
    )

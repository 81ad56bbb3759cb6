"""Makes what tests need through the same actions as production: nothing goes round them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import count

from contactpoint.access import actions
from contactpoint.access.actions import Criteria, Founder, NewOrganisation
from contactpoint.access.actions.checks import AGREEMENT_VERSION
from contactpoint.access.factors import enrol_authenticator
from contactpoint.access.models import Account, Organisation
from contactpoint.access.queries import get_viewer
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role, Sector
from contactpoint.audit.records import Actor

PASSWORD = "correct-horse-battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_numbers = count(1)


def make_founders(*, at: datetime) -> tuple[Viewer, Viewer]:
    """The first two account managers; made once a test, found again afterwards."""
    existing = list(Account.objects.filter(created_by__isnull=True).order_by("pk")[:2])
    if not existing:
        on = at.date()
        first, second = actions.found_service(
            organisation=NewOrganisation(
                "NATIONAL", "ContactPoint national team", "national", Sector.NATIONAL
            ),
            criteria=_criteria(on, "contactpoint.example"),
            accredited_until=on + timedelta(days=365),
            first=_founder("first@contactpoint.example", "Alex First", on),
            second=_founder("second@contactpoint.example", "Sam Second", on),
            at=at,
        )
        return get_viewer(account_id=first, at=at), get_viewer(account_id=second, at=at)
    return get_viewer(account_id=existing[0].pk, at=at), get_viewer(account_id=existing[1].pk, at=at)


def make_organisation(
    *,
    at: datetime,
    code: str = "",
    name: str = "Bridge Lane Primary School",
    sector: Sector = Sector.EDUCATION,
    kind: str = "school",
    authority: str = "330",
    is_accredited: bool = True,
    sensitive_service: str = "",
) -> Organisation:
    """An organisation, accredited for a year unless the test is about one that is not."""
    founder, approver = make_founders(at=at)
    organisation_id = actions.register_organisation(
        organisation=NewOrganisation(
            code=code or f"ORG{next(_numbers)}",
            name=name,
            kind=kind,
            sector=sector,
            authority=authority,
            telephone="0121 496 0000",
            secure_email="office@bridgelane.example",
            sensitive_service=sensitive_service,
        ),
        by=founder,
        at=at,
    )
    if is_accredited:
        criteria = _criteria(at.date(), "bridgelane.example")
        actions.enter_application(organisation_id=organisation_id, criteria=criteria, by=founder, at=at)
        actions.accredit_organisation(
            organisation_id=organisation_id,
            expires_on=at.date() + timedelta(days=365),
            by=approver,
            at=at,
        )
    return Organisation.objects.get(pk=organisation_id)


def make_account(
    *,
    at: datetime,
    email: str = "",
    name: str = "Jo Bloggs",
    job_title: str = "Safeguarding lead",
    organisation: Organisation | None = None,
    password: str | None = None,
) -> Account:
    """Invited, with no check made, no role and no approval."""
    founder, _ = make_founders(at=at)
    account_id = actions.invite_account(
        email=email or f"user{next(_numbers)}@bridgelane.example",
        name=name,
        job_title=job_title,
        organisation_id=(organisation or make_organisation(at=at)).pk,
        password=password,
        by=founder,
        at=at,
    )
    return Account.objects.get(pk=account_id)


def make_cleared_account(
    *,
    at: datetime,
    email: str = "",
    name: str = "Jo Bloggs",
    job_title: str = "Safeguarding lead",
    organisation: Organisation | None = None,
    roles: Iterable[Role] = (Role.PRACTITIONER,),
    password: str | None = None,
    totp_secret: str | None = None,
) -> Account:
    """Somebody whose clearance is complete and in date; with a second factor where a secret is given."""
    account = make_account(
        at=at, email=email, name=name, job_title=job_title, organisation=organisation, password=password
    )
    clear_account(account, at=at, roles=roles)
    if totp_secret:
        _, approver = make_founders(at=at)
        enrol_authenticator(account_id=account.pk, secret=totp_secret, actor=approver.actor, at=at)
    return account


def clear_account(account: Account, *, at: datetime, roles: Iterable[Role] = (Role.PRACTITIONER,)) -> None:
    """Every check made by one founder, approved by the other."""
    founder, approver = make_founders(at=at)
    on = at.date()
    actions.record_identity_check(account_id=account.pk, on=on, by=founder, at=at)
    actions.record_dbs_check(account_id=account.pk, level="enhanced", on=on, by=founder, at=at)
    actions.record_training(
        account_id=account.pk, passed_on=on, expires_on=on + timedelta(days=365), by=founder, at=at
    )
    signer = Actor(account.pk, account.organisation_id, "web")
    signed_at = at - timedelta(days=2)  # before what a test looks at in this person's log
    actions.sign_agreement(account_id=account.pk, version=AGREEMENT_VERSION, actor=signer, at=signed_at)
    actions.approve_account(account_id=account.pk, by=approver, at=at)
    for role in roles:
        actions.grant_role(account_id=account.pk, role=role, by=approver, at=at)


def make_viewer(*, at: datetime, **details: object) -> Viewer:
    """A cleared account as domain functions see it; takes what `make_cleared_account` takes."""
    account = make_cleared_account(at=at, **details)  # type: ignore[arg-type]
    return get_viewer(account_id=account.pk, at=at)


def _criteria(on: date, domain: str) -> Criteria:
    return Criteria(
        security_certificate="Cyber Essentials Plus",
        security_certificate_expires_on=on + timedelta(days=366),
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
        dbs_next_check_on=on + timedelta(days=365 * 3),
        training_passed_on=on,
        training_expires_on=on + timedelta(days=365),
        agreement_signed_on=on,
    )

"""The first two people: made by a command at the server, as nobody is there yet to approve them (ACC-3).

They approve each other, so that even they were not made live by one person.
After that everybody comes in by `invite_account` and `approve_account`.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from contactpoint.access.actions.organisations import (
    NewOrganisation,
    insert_accreditation,
    insert_organisation,
)
from contactpoint.access.models import Account, Clearance, Organisation, RoleGrant
from contactpoint.access.records import AccountId, Criteria
from contactpoint.access.roles import Role
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict

ONE_AT_A_TIME = 7207001  # an advisory lock of PostgreSQL


class AlreadyFounded(Conflict):
    """The service has accounts: they invite and approve the next ones. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Founder:
    """One of the first two, with the dates of the checks that were made of them."""

    email: str
    name: str
    identity_checked_on: date
    dbs_checked_on: date
    dbs_next_check_on: date
    training_passed_on: date
    training_expires_on: date
    agreement_signed_on: date
    password: str | None = None


def found_service(
    *,
    organisation: NewOrganisation,
    criteria: Criteria,
    accredited_until: date,
    first: Founder,
    second: Founder,
    at: datetime,
) -> tuple[AccountId, AccountId]:
    """Make the national team and its two account managers, who approve each other. Raises AlreadyFounded."""
    actor = Actor(None, None, "command")
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        if Account.objects.exists():
            raise AlreadyFounded("The service has accounts already: they invite and approve the next ones.")
        home = Organisation.objects.get(pk=insert_organisation(organisation, at=at))
        insert_accreditation(home, criteria=criteria, expires_on=accredited_until, accredited_by=None, at=at)
        record_event(
            kind=EventKind.ORGANISATION_REGISTERED, actor=actor, at=at, facts={"organisation": home.pk}
        )
        one, two = _appoint(first, home, actor, at), _appoint(second, home, actor, at)
        _clear(one, first, by=two, actor=actor, at=at)
        _clear(two, second, by=one, actor=actor, at=at)
    return AccountId(one.pk), AccountId(two.pk)


def _appoint(founder: Founder, home: Organisation, actor: Actor, at: datetime) -> Account:
    account = Account(
        email=founder.email.strip().lower(),
        name=founder.name,
        job_title="Account manager",
        organisation=home,
        granted_by_partner=home.name,
        created_at=at,
    )
    account.set_password(founder.password)
    account.save(force_insert=True)
    RoleGrant.objects.create(account=account, role=Role.ACCOUNT_MANAGER.value, valid_from=at)
    record_event(kind=EventKind.ACCOUNT_INVITED, actor=actor, at=at, facts={"account": account.pk})
    return account


def _clear(account: Account, founder: Founder, *, by: Account, actor: Actor, at: datetime) -> None:
    Clearance.objects.create(
        account=account,
        identity_checked_on=founder.identity_checked_on,
        identity_checked_by=by,
        dbs_level="enhanced",
        dbs_checked_on=founder.dbs_checked_on,
        dbs_checked_by=by,
        dbs_next_check_on=founder.dbs_next_check_on,
        training_passed_on=founder.training_passed_on,
        training_expires_on=founder.training_expires_on,
        agreement_signed_on=founder.agreement_signed_on,
        approved_at=at,
        approved_by=by,
    )
    record_event(
        kind=EventKind.ACCOUNT_APPROVED,
        actor=actor,
        at=at,
        facts={"account": account.pk, "approver": by.pk},
    )

"""Sending an account through its checks anew: after a move, or a lost second factor (ACC-3, ACC-4).

What the person had is not carried over: a second person approves again,
and that is neither who invited them nor who began them anew, which the database holds.
"""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction

from contactpoint.access.actions.accounts import (
    EmailTaken,
    WrongDomain,
    end_roles,
    get_account,
    insist_on_account,
)
from contactpoint.access.actions.insist import insist, insist_on
from contactpoint.access.actions.links import INVITATION, send_link
from contactpoint.access.actions.organisations import get_organisation
from contactpoint.access.actions.sessions import end_sessions_of
from contactpoint.access.models import Account, Accreditation, Clearance, ProviderLink
from contactpoint.access.policies import judge_check, judge_domain
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind


def renew_factors(*, account_id: int, site: str, by: Viewer, at: datetime) -> None:
    """The person lost key, telephone and codes: all go, with the password, and a new invitation is sent.

    Identity has to be checked again and a second person has to approve again,
    so a lost key is no easier way in than being new.
    Raises ActionRefused.
    """
    account = get_account(account_id)
    insist_on_account(account, by=by, action=Action.APPROVE_ACCOUNT, at=at)
    decision = judge_check(checker_id=by.account_id, account_id=account_id)
    insist_on(decision, by=by, action=Action.APPROVE_ACCOUNT, at=at)
    with transaction.atomic(durable=True):
        Authenticator.objects.filter(user_id=account_id).delete()
        account.set_unusable_password()
        account.save(update_fields=["password"])
        _restart(account, by=by, at=at, why="factors-lost")
    send_link(account=account, purpose=INVITATION, site=site, actor=by.actor, at=at)


def move_account(*, account_id: int, organisation_id: int, email: str, by: Viewer, at: datetime) -> None:
    """To another organisation: every role that the old one gave ends, and approval with it.

    DBS check and training go with the person; identity and approval are asked for again.
    `by` must reach both organisations. Raises ActionRefused, WrongDomain, EmailTaken.
    """
    account, new = get_account(account_id), get_organisation(organisation_id)
    insist_on_account(account, by=by, action=Action.APPROVE_ACCOUNT, at=at)
    insist(
        by=by, action=Action.APPROVE_ACCOUNT, at=at, authority=new.authority, organisation_id=organisation_id
    )
    insist_on(
        judge_check(checker_id=by.account_id, account_id=account_id),
        by=by,
        action=Action.APPROVE_ACCOUNT,
        at=at,
    )
    current = Accreditation.objects.filter(organisation=new, superseded_at__isnull=True).first()
    domain = judge_domain(email=email, domains=tuple(current.email_domains) if current else ())
    if not domain.allowed:
        raise WrongDomain(" ".join(domain.why), parts=(("email", " ".join(domain.why)),))
    account.email, account.organisation = email.strip().lower(), new
    account.mail_failed_at = None
    account.granted_by_authority = new.authority
    account.granted_by_partner = None if new.authority else new.name
    _save_moved(account, by=by, at=at)


def _save_moved(account: Account, *, by: Viewer, at: datetime) -> None:
    try:
        with transaction.atomic(durable=True):
            end_roles(account, at=at)
            account.save()
            _restart(account, by=by, at=at, why="moved")
    except IntegrityError as error:
        if "account_email_once" not in str(error):
            raise
        raise EmailTaken("An account with this e-mail address exists already. Nothing was changed.") from None


def _restart(account: Account, *, by: Viewer, at: datetime, why: str) -> None:
    """Inside the caller's transaction."""
    Account.objects.filter(pk=account.pk).update(restarted_by_id=by.account_id)
    ProviderLink.objects.filter(account=account).delete()
    Clearance.objects.filter(account=account).update(
        identity_checked_on=None, identity_checked_by=None, approved_at=None, approved_by=None
    )
    ended = end_sessions_of(account_id=account.pk, at=at)
    record_event(
        kind=EventKind.ACCOUNT_RESTARTED,
        actor=by.actor,
        at=at,
        facts={
            "account": account.pk,
            "why": why,
            "organisation": account.organisation_id,
            "sessions": ended,
        },
    )

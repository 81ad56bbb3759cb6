"""What happens to accounts and their roles (ACC-1, ACC-3, ACC-5, ACC-8)."""

from datetime import datetime
from unicodedata import combining, normalize

from django.db import IntegrityError, transaction
from django.db.models import Q

from contactpoint.access.actions.insist import insist, insist_on
from contactpoint.access.actions.organisations import get_organisation
from contactpoint.access.actions.sessions import end_sessions_of
from contactpoint.access.models import Account, Accreditation, Clearance, RoleGrant
from contactpoint.access.policies import find_unready, judge_approval, judge_domain, judge_role, judge_scope
from contactpoint.access.queries import NoSuchAccount
from contactpoint.access.queries.who import get_facts
from contactpoint.access.records import AccountId, Decision, Viewer
from contactpoint.access.roles import AUTHORITY_ROLES, Action, Role
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.errors import Conflict, Invalid


class EmailTaken(Conflict):
    """An account with this e-mail address exists already; nothing was changed."""


class WrongDomain(Invalid):
    """The organisation is not accredited for e-mail addresses of this domain (ACC-2)."""


class AlreadyDone(Conflict):
    """It was approved, granted, suspended or closed before; nothing was changed."""


def invite_account(
    *,
    email: str,
    name: str,
    organisation_id: int,
    by: Viewer,
    at: datetime,
    job_title: str = "",
    telephone: str = "",
    granted_by_partner: str | None = None,
    password: str | None = None,
) -> AccountId:
    """Make an account that may do nothing yet; gives its id.

    The answerable body is the organisation's authority, unless a national partner is named (ACC-1).
    Raises ActionRefused, WrongDomain, EmailTaken.
    """
    organisation = get_organisation(organisation_id)
    insist(
        by=by,
        action=Action.INVITE_ACCOUNT,
        at=at,
        authority=organisation.authority,
        organisation_id=organisation_id,
    )
    current = Accreditation.objects.filter(organisation=organisation, superseded_at__isnull=True).first()
    decision = judge_domain(email=email, domains=tuple(current.email_domains) if current else ())
    if not decision.allowed:
        raise WrongDomain(" ".join(decision.why))
    account = Account(
        email=email.strip().lower(),
        name=name,
        job_title=job_title,
        telephone=telephone,
        organisation=organisation,
        granted_by_authority=None if granted_by_partner else organisation.authority,
        granted_by_partner=granted_by_partner,
        created_at=at,
        created_by_id=by.account_id,
    )
    account.set_password(password)
    return _insert(account, by=by, at=at)


def _insert(account: Account, *, by: Viewer, at: datetime) -> AccountId:
    try:
        with transaction.atomic(durable=True):
            account.save(force_insert=True)
            Clearance.objects.create(account=account)
            record_event(kind=EventKind.ACCOUNT_INVITED, actor=by.actor, at=at, facts={"account": account.pk})
    except IntegrityError as error:
        if "account_email_once" not in str(error):
            raise
        raise EmailTaken("An account with this e-mail address exists already. Nothing was changed.") from None
    return AccountId(account.pk)


def get_account(account_id: int) -> Account:
    """Raises NoSuchAccount."""
    account = Account.objects.select_related("organisation").filter(pk=account_id).first()
    if account is None:
        raise NoSuchAccount("There is no such account.")
    return account


def insist_on_account(account: Account, *, by: Viewer, action: Action, at: datetime) -> None:
    """Go on only if this account is within the reach of `by`. Raises ActionRefused."""
    authority = account.granted_by_authority or account.organisation.authority
    insist(by=by, action=action, at=at, authority=authority, organisation_id=account.organisation_id)


def approve_account(*, account_id: int, by: Viewer, at: datetime) -> None:
    """The second person's yes, when every check is made; the database too wants a second person (ACC-3).

    Raises ActionRefused and AlreadyDone.
    """
    account = get_account(account_id)
    insist_on_account(account, by=by, action=Action.APPROVE_ACCOUNT, at=at)
    insist_on(_judge_approval(account, by=by, at=at), by=by, action=Action.APPROVE_ACCOUNT, at=at)
    with transaction.atomic(durable=True):
        changed = Clearance.objects.filter(account_id=account_id, approved_at__isnull=True).update(
            approved_at=at, approved_by_id=by.account_id
        )
        if not changed:
            raise AlreadyDone("This account was approved before. Nothing was changed.")
        record_event(kind=EventKind.ACCOUNT_APPROVED, actor=by.actor, at=at, facts={"account": account_id})


def _judge_approval(account: Account, *, by: Viewer, at: datetime) -> Decision:
    inviter = account.created_by.name if account.created_by else ""
    return judge_approval(
        approver_id=by.account_id,
        creator_id=account.created_by_id,
        account_id=account.pk,
        restarter_id=account.restarted_by_id,
        is_same_name=fold(by.name) in {fold(account.name), fold(inviter)},
        unready=find_unready(facts=get_facts(account_id=account.pk, at=at), at=at),
    )


def fold(name: str) -> str:
    """A name as it is compared: no case, no accents, no punctuation, its parts in one order."""
    plain = normalize("NFKD", name).casefold()
    words = "".join(each if each.isalnum() else " " for each in plain if not combining(each)).split()
    return " ".join(sorted(words))


def grant_role(
    *,
    account_id: int,
    role: Role,
    by: Viewer,
    at: datetime,
    authority: str | None = None,
    until: datetime | None = None,
) -> None:
    """Let the account do what the role allows, from now, and until then where an end is given.

    A role of an authority's team is for the account's own authority unless another is named.
    Raises ActionRefused (duties that must stay apart included) and AlreadyDone.
    """
    account = get_account(account_id)
    insist_on_account(account, by=by, action=Action.APPROVE_ACCOUNT, at=at)
    held = _find_roles(account, at=at)
    scope = (authority or account.granted_by_authority) if role in AUTHORITY_ROLES else authority
    insist_on(judge_scope(viewer=by, role=role, scope=scope), by=by, action=Action.APPROVE_ACCOUNT, at=at)
    insist_on(
        judge_role(role=role, held=held, is_own=account_id == by.account_id),
        by=by,
        action=Action.APPROVE_ACCOUNT,
        at=at,
    )
    if role in held:
        raise AlreadyDone("The account has this role already. Nothing was changed.")
    with transaction.atomic(durable=True):
        RoleGrant.objects.create(
            account=account,
            role=role.value,
            authority=scope,
            valid_from=at,
            valid_to=until,
            granted_by_id=by.account_id,
        )
        record_event(
            kind=EventKind.ROLE_GRANTED,
            actor=by.actor,
            at=at,
            facts={"account": account_id, "role": role.value, "authority": scope or ""},
        )


def _find_roles(account: Account, *, at: datetime) -> frozenset[Role]:
    now_or_later = Q(valid_to__isnull=True) | Q(valid_to__gt=at)
    held = RoleGrant.objects.filter(now_or_later, account=account).values_list("role", flat=True)
    return frozenset(Role(value) for value in held)


def end_role(*, account_id: int, role: Role, by: Viewer, at: datetime) -> None:
    """Take a role back, at once. Raises ActionRefused and AlreadyDone."""
    account = get_account(account_id)
    insist_on_account(account, by=by, action=Action.APPROVE_ACCOUNT, at=at)
    with transaction.atomic(durable=True):
        if not end_roles(account, at=at, role=role):
            raise AlreadyDone("The account does not have this role. Nothing was changed.")
        record_event(
            kind=EventKind.ROLE_ENDED,
            actor=by.actor,
            at=at,
            facts={"account": account_id, "role": role.value},
        )


def end_roles(account: Account, *, at: datetime, role: Role | None = None) -> int:
    """One or all of an account's roles end now, inside the caller's transaction; gives how many."""
    held = RoleGrant.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at), account=account)
    if role is not None:
        held = held.filter(role=role.value)
    return held.update(valid_to=at)


def close_account(*, account_id: int, by: Viewer, at: datetime) -> None:
    """End the account for good: it cannot sign in again. Raises ActionRefused and AlreadyDone."""
    account = get_account(account_id)
    insist_on_account(account, by=by, action=Action.SUSPEND, at=at)
    with transaction.atomic(durable=True):
        if not Account.objects.filter(pk=account_id, closed_at__isnull=True).update(closed_at=at):
            raise AlreadyDone("This account was closed before. Nothing was changed.")
        end_sessions_of(account_id=account_id, at=at)
        record_event(kind=EventKind.ACCOUNT_CLOSED, actor=by.actor, at=at, facts={"account": account_id})

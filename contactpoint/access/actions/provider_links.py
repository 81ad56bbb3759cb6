"""Who at a sign-in provider is who here (ACC-4): linked by oneself or by who invites, never by an e-mail.

A link says who somebody is. Whether they may act is decided from their clearance, as for everybody.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from contactpoint.access.actions.accounts import get_account, insist_on_account
from contactpoint.access.actions.insist import insist_on
from contactpoint.access.factors import has_authenticator
from contactpoint.access.models import Account, ProviderLink
from contactpoint.access.policies import judge_link
from contactpoint.access.providers import Provider
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict, Invalid

LONGEST = 255


class AlreadyLinked(Conflict):
    """This person at the provider belongs to an account here, or the account to another person there."""


class LastWayIn(Conflict):
    """Without this link the account could not sign in any more; nothing was changed."""


class NoSubject(Invalid):
    """Nobody at the provider was named."""


def link_own(*, account_id: int, provider: Provider, subject: str, actor: Actor, at: datetime) -> None:
    """By the person, signed in, coming back from the provider. Raises AlreadyLinked."""
    _link(account_id, provider, subject, linked_by=account_id, actor=actor, at=at)


def link_invited(*, account_id: int, provider: Provider, subject: str, by: Viewer, at: datetime) -> None:
    """By whoever invited them and not by who approves, as long as nobody has signed in.

    So a second person sees the link before it opens anything.
    Raises ActionRefused, AlreadyLinked, NoSubject.
    """
    account = get_account(account_id)
    insist_on_account(account, by=by, action=Action.INVITE_ACCOUNT, at=at)
    decision = judge_link(
        linker_id=by.account_id,
        inviter_ids=(account.created_by_id, account.restarted_by_id),
        is_begun=account.has_usable_password() or has_authenticator(account_id=account_id),
        is_approved=account.clearance.approved_at is not None,
    )
    insist_on(decision, by=by, action=Action.INVITE_ACCOUNT, at=at)
    named = subject.strip()
    if not named or len(named) > LONGEST:
        raise NoSubject(
            "Enter their identifier at the provider",
            parts=(("subject", "Enter their identifier at the provider"),),
        )
    _link(account_id, provider, named, linked_by=by.account_id, actor=by.actor, at=at)


def _link(
    account_id: int, provider: Provider, subject: str, *, linked_by: int, actor: Actor, at: datetime
) -> None:
    try:
        with transaction.atomic(durable=True):
            ProviderLink.objects.create(
                account_id=account_id,
                provider=provider.key,
                issuer=provider.issuer,
                subject=subject,
                linked_at=at,
                linked_by_id=linked_by,
            )
            record_event(
                kind=EventKind.PROVIDER_LINKED,
                actor=actor,
                at=at,
                facts={"account": account_id, "provider": provider.key},
            )
    except IntegrityError as error:
        if "provider_link_" not in str(error):
            raise
        raise AlreadyLinked(
            f"This person at {provider.name}, or this account, is linked already. Nothing was changed."
        ) from None


def unlink_own(*, account_id: int, provider: Provider, actor: Actor, at: datetime) -> None:
    """Only while password and second factor stay as a way in. Raises LastWayIn."""
    with transaction.atomic(durable=True):
        account = Account.objects.select_for_update().get(pk=account_id)
        if not account.has_usable_password() or not has_authenticator(account_id=account_id):
            raise LastWayIn(
                "This is your only way to sign in. Set a password and a second factor before you remove it."
            )
        gone, _ = ProviderLink.objects.filter(account_id=account_id, issuer=provider.issuer).delete()
        if gone:
            record_event(
                kind=EventKind.PROVIDER_UNLINKED,
                actor=actor,
                at=at,
                facts={"account": account_id, "provider": provider.key},
            )


def find_linked(*, provider: Provider, subject: str) -> Account | None:
    """Whose account this is; none for somebody unknown, and none for an account that is closed."""
    link = (
        ProviderLink.objects.select_related("account")
        .filter(issuer=provider.issuer, subject=subject, account__closed_at__isnull=True)
        .first()
    )
    return link.account if link else None


def find_links(*, account_id: int) -> tuple[tuple[str, str], ...]:
    """Provider and subject of each link of an account."""
    rows = ProviderLink.objects.filter(account_id=account_id).order_by("provider")
    return tuple(rows.values_list("provider", "subject"))

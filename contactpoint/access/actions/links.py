"""Links by e-mail: the first password of an invited person, and a new one for who forgot it (ACC-3, ACC-4).

A link works once, for a limited time, for a password alone: it opens no session,
and the second factor is asked for as ever. Only its digest is kept.
"""

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from contactpoint.access.actions.accounts import get_account, insist_on_account
from contactpoint.access.actions.sessions import end_sessions_of
from contactpoint.access.models import Account, OneTimeLink
from contactpoint.access.notices import tell_link
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict, Invalid, NotFound

INVITATION, PASSWORD = "invitation", "password"
MOST_LINKS = 3  # an hour
LASTS = {INVITATION: settings.INVITATION_LASTS, PASSWORD: settings.PASSWORD_LINK_LASTS}


class NoSuchLink(NotFound):
    """The link was used, is too old, or never was: which of these is not told."""


class PasswordNotUsable(Invalid):
    """Too short, too common, or too much like the person's own details."""


class AlreadyEnrolled(Conflict):
    """The person has set a password before: who forgot it asks for another on the sign-in page."""


def send_invitation(*, account_id: int, site: str, by: Viewer, at: datetime) -> None:
    """E-mail a link for the first password; an earlier one stops working.

    `site` is the address of the service, to which the link is added.
    Raises ActionRefused and AlreadyEnrolled.
    """
    account = get_account(account_id)
    insist_on_account(account, by=by, action=Action.INVITE_ACCOUNT, at=at)
    if account.has_usable_password():
        raise AlreadyEnrolled("This person has set a password already. Nothing was sent.")
    send_link(account=account, purpose=INVITATION, site=site, actor=by.actor, at=at)


def send_link(*, account: Account, purpose: str, site: str, actor: Actor, at: datetime) -> None:
    """Make the link, log it, and send it when that has been committed."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic(durable=True):
        OneTimeLink.objects.filter(account=account, used_at__isnull=True).update(used_at=at)
        OneTimeLink.objects.create(
            account=account,
            purpose=purpose,
            digest=_digest(token),
            made_at=at,
            expires_at=at + LASTS[purpose],
        )
        record_event(
            kind=EventKind.LINK_SENT, actor=actor, at=at, facts={"account": account.pk, "for": purpose}
        )
        tell_link(email=account.email, purpose=purpose, address=f"{site}/accounts/welcome/{token}/")


def find_link(*, token: str, at: datetime) -> Account:
    """Whose link this is, while it works. Raises NoSuchLink."""
    link = _find(token, at)
    if link is None:
        raise NoSuchLink(
            "This link does not work. It may have been used, or be too old. "
            "Ask for another on the sign-in page, or ask whoever invited you."
        )
    return link.account


def set_password(*, token: str, password: str, actor: Actor, at: datetime) -> None:
    """Set the password of whoever the link was sent to; the link is used up, other sessions end.

    Raises NoSuchLink and PasswordNotUsable, which has every problem.
    """
    account = find_link(token=token, at=at)
    try:
        validate_password(password, account)
    except ValidationError as problems:
        words = [f"{each}".rstrip(".") for each in problems.messages]
        raise PasswordNotUsable(". ".join(words), parts=tuple(("password", one) for one in words)) from None
    account.set_password(password)
    with transaction.atomic(durable=True):
        unused = OneTimeLink.objects.filter(digest=_digest(token), used_at__isnull=True)
        if not unused.update(used_at=at):
            raise NoSuchLink("This link was used in this moment by somebody else.")
        account.save(update_fields=["password"])
        end_sessions_of(account_id=account.pk, at=at)
        record_event(
            kind=EventKind.PASSWORD_CHANGED, actor=actor, at=at, facts={"account": account.pk, "by": "link"}
        )


def _find(token: str, at: datetime) -> OneTimeLink | None:
    return (
        OneTimeLink.objects.select_related("account")
        .filter(
            digest=_digest(token), used_at__isnull=True, expires_at__gt=at, account__closed_at__isnull=True
        )
        .first()
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def ask_for_password(*, email: str, site: str, actor: Actor, at: datetime) -> None:
    """Somebody says they forgot their password. What happens here is the same whoever they are.

    The worker sends the link; that it was asked for is logged with what was typed, sealed (AUD-8).
    """
    from contactpoint.access.tasks import NOBODY, send_password_link

    known = Account.objects.filter(email__iexact=email.strip(), closed_at__isnull=True)
    account_id = known.values_list("pk", flat=True).first() or NOBODY
    with transaction.atomic(durable=True):
        record_event(
            kind=EventKind.LINK_ASKED,
            actor=actor,
            at=at,
            typed={"email": email[:254]},
            facts={"for": PASSWORD},
        )
        send_password_link.defer(account=account_id, site=site)


def answer_forgotten(*, account_id: int, site: str, by: Actor, at: datetime) -> None:
    """Send the link, unless several were sent lately or the person has never set a password.

    Who was invited and has not begun gets another invitation instead.
    """
    account = get_account(account_id)
    lately = OneTimeLink.objects.filter(account=account, made_at__gt=at - LASTS[PASSWORD]).count()
    if lately >= MOST_LINKS:
        return
    purpose = PASSWORD if account.has_usable_password() else INVITATION
    send_link(account=account, purpose=purpose, site=site, actor=by, at=at)

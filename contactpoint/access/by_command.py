"""A person at a terminal, proved by the same two factors as on the pages (ACC-4).

Whoever may run commands on the machine is not thereby somebody with a right to children's records:
what a person decides, that person proves, and it is logged as theirs.
No session begins: each command, or each sitting at one, is proved anew.
"""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.db import transaction

from contactpoint.access.factors import mark_code_used
from contactpoint.access.models import Account
from contactpoint.access.queries import NotCleared, get_viewer
from contactpoint.access.records import Viewer
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.errors import NotAllowed

DOOR = "command"
TRIES, WITHIN = 5, 300  # wrong ones of an account, and seconds


class NotProved(NotAllowed):
    """Password and code do not prove who this is; which of them was wrong is not told."""


def prove_viewer(*, email: str, password: str, code: str, at: datetime) -> Viewer:
    """Who this is and what they may do now. Raises NotProved, NotCleared; both are logged."""
    account = Account.objects.filter(email__iexact=email).first()
    tries = f"proved-by-command:{account.pk if account else email.lower()[:254]}"
    cache.add(tries, 0, timeout=WITHIN)
    if cache.incr(tries) > TRIES:
        _log_refusal(why="too-many", account=account, typed=email, at=at)
        raise NotProved("Too many attempts. Wait five minutes, then try again. Nothing was changed.")
    if account is None or not _is_proved(account, password, code):
        _log_refusal(why="command", account=account, typed=email, at=at)
        raise NotProved(
            "The e-mail address, the password or the code is not correct, or the code was used before. "
            "Nothing was changed; wait for the next code and run the same command again."
        )
    cache.delete(tries)
    viewer = get_cleared(account_id=account.pk, at=at)
    with transaction.atomic(durable=True):
        record_event(kind=EventKind.SIGNED_IN, actor=viewer.actor, at=at, facts={"method": "password mfa"})
    return viewer


def get_cleared(*, account_id: int, at: datetime) -> Viewer:
    """Somebody who was proved, as they may act now. Raises NotCleared, logged (ACC-3)."""
    try:
        return get_viewer(account_id=account_id, at=at, door=DOOR)
    except NotCleared as refusal:
        actor = Actor(account_id, refusal.organisation_id, DOOR)
        parts = {"parts": " ".join(refusal.decision.codes)}
        with transaction.atomic(durable=True):
            record_event(kind=EventKind.ACCESS_REFUSED, actor=actor, at=at, facts=parts, refused=True)
        raise


def _is_proved(account: Account, password: str, code: str) -> bool:
    app = Authenticator.objects.filter(user_id=account.pk, type=Authenticator.Type.TOTP).first()
    is_password = account.check_password(password)
    if app is None or not account.is_active or not is_password:
        return False
    return bool(TOTP(app).validate_code(code)) and mark_code_used(account_id=account.pk, code=code)


def _log_refusal(*, why: str, account: Account | None, typed: str, at: datetime) -> None:
    facts: dict[str, str | int] = {"why": why, **({"account": account.pk} if account else {})}
    with transaction.atomic(durable=True):
        record_event(
            kind=EventKind.SIGN_IN_REFUSED,
            actor=Actor(None, None, DOOR),
            at=at,
            typed={"email": typed[:254]},
            facts=facts,
            refused=True,
        )

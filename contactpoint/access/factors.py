"""Second factors: secrets sealed at rest, and put in place by command (ACC-4).

The sign-in library keeps authenticator secrets in clear; here they lie under a key outside the database.
"""

from datetime import datetime
from pathlib import Path

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.keys import open_key
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict

CODE_REMEMBERED = 180  # seconds: longer than any code is accepted


def seal_secret(text: str) -> str:
    """What the database may hold of a secret."""
    return open_key(path=_path()).encrypt(text.encode()).decode()


def open_secret(sealed: str) -> str:
    """The secret again."""
    return open_key(path=_path()).decrypt(sealed.encode()).decode()


def _path() -> Path:
    return Path(settings.KEYS_DIR) / "factors.key"


def has_authenticator(*, account_id: int) -> bool:
    """Is an authenticator app in place?"""
    return bool(Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.TOTP).exists())


class AlreadyEnrolled(Conflict):
    """The account has an authenticator; only somebody signed in with it may replace it."""


def enrol_authenticator(
    *, account_id: int, secret: str, actor: Actor, at: datetime, is_replacing: bool = False
) -> tuple[str, ...]:
    """Put an authenticator app in place, or in place of the earlier one; gives fresh recovery codes.

    One step, so that there is no moment in which a password alone would do.
    Raises AlreadyEnrolled.
    """
    from contactpoint.access.models import Account

    with transaction.atomic(durable=True):
        account = Account.objects.select_for_update().get(pk=account_id)
        if not is_replacing and has_authenticator(account_id=account_id):
            raise AlreadyEnrolled("This account has an authenticator app already. Nothing was changed.")
        Authenticator.objects.filter(user_id=account_id).delete()
        TOTP.activate(account, secret)
        codes: list[str] = RecoveryCodes.activate(account).get_unused_codes()
        record_event(kind=EventKind.FACTOR_ENROLLED, actor=actor, at=at, facts={"account": account_id})
    return tuple(codes)


def find_current_code(*, account_id: int) -> str:
    """A code of the account's authenticator that works now; '' if there is none. For the demo and tests."""
    row = Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.TOTP).first()
    if row is None:
        return ""
    earlier, *now_and_later = yield_hotp_counters_from_time()
    secret = open_secret(row.data["secret"])
    for counter in (*now_and_later, earlier):
        code = str(format_hotp_value(hotp_value(secret, counter)))
        if not is_code_used(account_id=account_id, code=code):
            return code
    return ""


def mark_code_used(*, account_id: int, code: str) -> bool:
    """True for the first use of a code, however late in its life it is used again.

    The library forgets after thirty seconds, but accepts a code for ninety.
    """
    return bool(cache.add(_code_key(account_id, code), "1", timeout=CODE_REMEMBERED))


def is_code_used(*, account_id: int, code: str) -> bool:
    """Was this code used, as far back as it could be accepted?"""
    return cache.get(_code_key(account_id, code)) is not None


def _code_key(account_id: int, code: str) -> str:
    return f"code-used:{account_id}:{code.replace(' ', '')}"

"""Second factors: secrets sealed at rest, and put in place by command (ACC-4).

The sign-in library keeps authenticator secrets in clear; here they lie under a key outside the database.
"""

from datetime import datetime
from pathlib import Path

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.keys import open_key
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict, NotFound

PROVING = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes alone are no factor
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
    """Is an authenticator app or a security key in place?"""
    return bool(Authenticator.objects.filter(user_id=account_id, type__in=PROVING).exists())


def has_app(*, account_id: int) -> bool:
    """Is an authenticator app in place?"""
    return bool(Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.TOTP).exists())


class NoSuchKey(NotFound):
    """The account has no such security key."""


class LastFactor(Conflict):
    """Without this factor a password alone would do; nothing was changed."""


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
        earlier = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
        Authenticator.objects.filter(user_id=account_id, type__in=earlier).delete()
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


def enrol_key(
    *, account_id: int, name: str, credential: dict[str, object], actor: Actor, at: datetime
) -> tuple[str, ...]:
    """A security key as the first second factor; gives the recovery codes. Raises AlreadyEnrolled."""
    from contactpoint.access.models import Account

    with transaction.atomic(durable=True):
        account = Account.objects.select_for_update().get(pk=account_id)
        if has_authenticator(account_id=account_id):
            raise AlreadyEnrolled("This account has a second factor already. Nothing was changed.")
        Authenticator.objects.filter(user_id=account_id).delete()
        WebAuthn.add(account, name, credential)
        codes: list[str] = RecoveryCodes.activate(account).get_unused_codes()
        record_event(
            kind=EventKind.FACTOR_ENROLLED, actor=actor, at=at, facts={"account": account_id, "factor": "key"}
        )
    return tuple(codes)


def add_key(*, account_id: int, name: str, credential: dict[str, object], actor: Actor, at: datetime) -> None:
    """One more security key, beside the factors that there are."""
    from contactpoint.access.models import Account

    with transaction.atomic(durable=True):
        WebAuthn.add(Account.objects.get(pk=account_id), name, credential)
        record_event(
            kind=EventKind.FACTOR_ENROLLED, actor=actor, at=at, facts={"account": account_id, "factor": "key"}
        )


def find_keys(*, account_id: int) -> tuple[tuple[int, str], ...]:
    """Id and name of each security key."""
    rows = Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.WEBAUTHN).order_by("pk")
    return tuple((row.pk, str(row.data["name"])) for row in rows)


def get_key_name(*, account_id: int, key: int) -> str:
    """The name that its owner gave it. Raises NoSuchKey."""
    for number, name in find_keys(account_id=account_id):
        if number == key:
            return name
    raise NoSuchKey("You have no such security key.")


def remove_key(*, account_id: int, key: int, actor: Actor, at: datetime) -> None:
    """Only while another factor stays: a password alone opens nothing. Raises LastFactor, NoSuchKey."""
    from contactpoint.access.models import Account

    with transaction.atomic(durable=True):
        Account.objects.select_for_update().get(pk=account_id)
        get_key_name(account_id=account_id, key=key)
        others = Authenticator.objects.filter(user_id=account_id, type__in=PROVING).exclude(pk=key)
        if not others.exists():
            raise LastFactor("This is your only second factor. Add another before you remove it.")
        Authenticator.objects.filter(pk=key, user_id=account_id).delete()
        record_event(kind=EventKind.FACTOR_REMOVED, actor=actor, at=at, facts={"account": account_id})


def count_up(*, key: Authenticator, counter: int) -> bool:
    """Keep the key's signature counter; False where it did not grow, which two copies of a key would show.

    Keys that do not count always say 0.
    """
    with transaction.atomic():
        held = Authenticator.objects.select_for_update().get(pk=key.pk)
        last = int(held.data.get("counter", 0))
        if (counter or last) and counter <= last:
            return False
        held.data["counter"] = counter
        held.save(update_fields=["data"])
    return True

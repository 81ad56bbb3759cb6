"""How often somebody may guess at a password or a code, so that no limit locks another person out (ACC-4).

Guesses are counted by account and place together: a browser in which the account has signed in before,
else the address. Whoever fills one place leaves the others as they were.
Beside it each address has a limit of its own, and each account a guard over all unknown places:
past that, passwords go on slowly, codes only from a known browser, and the owner is told once a day.
Knows accounts by e-mail address as typed, so that one that does not exist is counted alike.
"""

import hashlib
import secrets
from enum import StrEnum

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse

COOKIE = "contactpoint_browser"
REMEMBERED = 90 * 24 * 60 * 60  # seconds that a browser stays known after its last sign-in
TOLD_AGAIN = 24 * 60 * 60
SALT = "contactpoint.access.attempts"
OF_PLACE = "5/5m/key"
OF_ADDRESS = "10/m/ip"
OF_ACCOUNT = "30/h/key"
SLOWED = "1/5m/key"


class Guess(StrEnum):
    """What is guessed at."""

    PASSWORD = "password"  # noqa: S105  the name of a kind of guess
    CODE = "code"


def count_guess(*, request: HttpRequest, email: str, guess: Guess) -> ratelimit.RateLimitUsage | None:
    """Count one guess; None where it is one too many. Of a right one the caller rolls the count back."""
    who = _digest(email)
    browser = _find_browser(request, who)
    place = browser or ratelimit.get_ip(request)
    own = _consume(request, f"{guess}-place", OF_PLACE, f"{who} {place}")
    if own is None or browser:
        return own
    address = _consume(request, f"{guess}-address", OF_ADDRESS)
    if address is None:
        return None
    account = _consume(request, f"{guess}-account", OF_ACCOUNT, who)
    if account is None:
        _tell(who, email)
        slow = guess is Guess.PASSWORD
        account = _consume(request, f"{guess}-slowed", SLOWED, f"{who} {place}") if slow else None
    if account is None:
        return None
    return ratelimit.RateLimitUsage(usage=[*own.usage, *address.usage, *account.usage])


def remember_browser(*, request: HttpRequest, email: str) -> None:
    """This browser has signed in with both factors; `mark_browser` gives it the cookie."""
    said = {"who": _digest(email), "browser": secrets.token_hex(16)}
    request.known_browser = signing.dumps(said, salt=SALT)  # type: ignore[attr-defined]


def mark_browser(*, request: HttpRequest, response: HttpResponse) -> None:
    """The cookie of a browser that has just signed in: it proves nothing, and names nobody."""
    mark = getattr(request, "known_browser", None)
    if mark:
        response.set_cookie(
            COOKIE,
            mark,
            max_age=REMEMBERED,
            path="/accounts/",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )


def _find_browser(request: HttpRequest, who: str) -> str:
    """The name of a browser in which this account has signed in lately; '' for any other."""
    try:
        said = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=REMEMBERED)
    except signing.BadSignature:
        return ""
    return str(said["browser"]) if said["who"] == who else ""


def _consume(
    request: HttpRequest, action: str, rate: str, key: str | None = None
) -> ratelimit.RateLimitUsage | None:
    found: ratelimit.RateLimitUsage | None = ratelimit.consume(
        request, app="contactpoint.access", action=action, config={action: rate}, key=key, limit_get=True
    )
    return found


def _tell(who: str, email: str) -> None:
    """Once a day, by the worker; asked for nobody it takes as long."""
    from contactpoint.access.models import Account
    from contactpoint.access.tasks import NOBODY, tell_of_guesses

    if cache.add(f"guesses-told:{who}", "1", timeout=TOLD_AGAIN):
        known = Account.objects.filter(email__iexact=email.strip(), closed_at__isnull=True)
        with transaction.atomic():
            tell_of_guesses.defer(account=known.values_list("pk", flat=True).first() or NOBODY)


def _digest(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()

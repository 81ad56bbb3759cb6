"""What the sign-in library lacks (ACC-4, ACC-5): no session without a second factor, and all of it logged.

The library calls these classes by name (see settings); it is untyped, hence the ignores.
Nothing here says whether an account may act: that is asked at every request, after both factors.
"""

from datetime import datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import (
    get_authentication_records,
    perform_login,
    record_authentication,
)
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.account.stages import LoginStage
from allauth.core import context
from allauth.core.internal.ratelimit import RateLimitUsage
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm as LibraryAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as LibraryReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm as LibraryKeyForm
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm as LibraryReauthenticateKeyForm
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from fido2.utils import websafe_decode
from fido2.webauthn import AuthenticatorData

from contactpoint.access.actions.sessions import Ended, begin_session, end_session
from contactpoint.access.attempts import Guess, count_guess, remember_browser
from contactpoint.access.browsers import name_browser
from contactpoint.access.factors import count_up, has_authenticator, mark_code_used, open_secret, seal_secret
from contactpoint.access.models import Account
from contactpoint.access.policies import SessionLimits
from contactpoint.access.queries.sign_ins import find_live_place
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor

KEY_REFUSED = "The security key was not accepted. Try again, or enter a code"
TOKEN = "sign_in"  # noqa: S105  the name of the session's entry, not a secret
PROVIDER = "provider"  # the method of a sign-in that began elsewhere (ACC-4)
LIMITS = SessionLimits(idle=settings.SESSION_IDLE, absolute=settings.SESSION_ABSOLUTE)
WAS_ELSEWHERE = (
    "You were still signed in elsewhere ({}). That session has ended. "
    "If it was not yours, tell your ContactPoint team now."
)
LIBRARY_STAGE = "allauth.mfa.stages.AuthenticateStage"
SAID = {"account/messages/password_changed.txt": "Your password has been changed."}


def actor_of(request: HttpRequest, account: Account | None = None) -> Actor:
    """Who the log names for this request."""
    address = AccountAdapter(request).get_client_ip(request)
    if account is None:
        return Actor(None, None, "web", address)
    return Actor(account.pk, account.organisation_id, "web", address)


def log_refusal(
    request: HttpRequest, *, why: str, account_id: int | None, typed: str = "", provider: str = ""
) -> None:
    """A sign-in that did not succeed: nobody is proven, so the account is a fact and not the actor."""
    facts: dict[str, str | int] = {"why": why, **({"provider": provider} if provider else {})}
    if account_id is not None:
        facts["account"] = account_id
    with transaction.atomic(durable=True):
        record_event(
            kind=EventKind.SIGN_IN_REFUSED,
            actor=actor_of(request),
            at=request.at,  # type: ignore[attr-defined]
            typed={"email": typed[:254]} if typed else None,
            facts=facts,
            refused=True,
        )


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closed sign-up, a mandatory second factor, one session, and the log."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address or the password is not correct",
        "too_many_login_attempts": "Too many attempts. Wait five minutes, then try again",
        "incorrect_password": "The password is not correct",
        "enter_current_password": "The current password is not correct",
        "rate_limited": "Too many attempts. Wait five minutes, then try again",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        ours = f"{__name__}.CodeStage"
        stages = [ours if each == LIBRARY_STAGE else each for each in super().get_login_stages()]
        return [*stages, f"{__name__}.SecondFactorStage"]

    def add_message(
        self, request: HttpRequest, level: int, message_template: str = "", *_: Any, **__: Any
    ) -> None:
        """Only what our pages say; the library's own chatter is left out."""
        if message_template in SAID:
            messages.add_message(request, messages.SUCCESS, SAID[message_template])

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        typed = str(credentials.get("email") or "")
        known = (
            Account.objects.filter(email__iexact=typed).values_list("pk", flat=True).first()
            if typed
            else None
        )
        log_refusal(request, why="password", account_id=known, typed=typed)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Instead of the library's count by e-mail address alone, by which anybody could lock anybody out."""
        typed = str(credentials.get("email") or "")
        self._login_failed_rl_usage = count_guess(request=request, email=typed, guess=Guess.PASSWORD)
        if self._login_failed_rl_usage is None:
            log_refusal(request, why="too-many", account_id=None, typed=typed)
            raise self.validation_error("too_many_login_attempts")

    def login(self, request: HttpRequest, user: Account) -> None:
        """The session gets its token with the sign-in's event written; without a token it is none."""
        records = get_authentication_records(request, user)
        methods = [str(record.get("provider") or record["method"]) for record in records]
        at: datetime = request.at  # type: ignore[attr-defined]
        older = find_live_place(account_id=user.pk, at=at, limits=LIMITS)
        super().login(request, user)
        remember_browser(request=request, email=user.email)
        if older is not None:
            messages.warning(request, WAS_ELSEWHERE.format(older.browser or "Somewhere"))
        request.session[TOKEN] = begin_session(
            account_id=user.pk,
            actor=actor_of(request, user),
            at=at,
            method=" ".join(methods),
            browser=name_browser(request.headers.get("User-Agent", "")),
        )

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Account | None:
        """A closed account is refused like a wrong password."""
        account: Account | None = super().authenticate(request, **credentials)
        if account is not None and not account.is_active:
            log_refusal(request, why="closed", account_id=account.pk)
            return None
        return account

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        if isinstance(user, Account):
            end_session(
                account_id=user.pk,
                token=str(request.session.get(TOKEN, "")),
                actor=actor_of(request, user),
                at=request.at,  # type: ignore[attr-defined]
                why=Ended.SIGNED_OUT,
            )
        super().logout(request)

    def reauthenticate(self, user: Account, password: str) -> bool:
        """The library looks for an address row that ours never make."""
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk


def is_proved_by_provider(request: HttpRequest, account: Account) -> bool:
    """Did this sign-in begin at a provider that proved two factors? What began before it does not count."""
    begun = [
        record
        for record in get_authentication_records(request, account)
        if record["method"] in ("password", PROVIDER)
    ]
    return bool(begun) and begun[-1].get("two_factors") is True


def begin_stages(
    request: HttpRequest, account: Account, *, provider: str, two_factors: bool, then: str
) -> HttpResponse:
    """Somebody proved by a provider goes through the same stages as after a password."""
    clear_login(request)
    record_authentication(request, account, PROVIDER, provider=provider, two_factors=two_factors)
    return perform_login(request, Login(user=account, redirect_url=then or None))  # type: ignore[no-any-return]


class CodeStage(AuthenticateStage):  # type: ignore[misc]
    """The library's code page, left out where a provider proved two factors."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return super()._should_handle(request) and not is_proved_by_provider(request, self.login.user)


class SecondFactorStage(LoginStage):  # type: ignore[misc]
    """After the library's own: who has no authenticator enrols one before any session exists."""

    key = "contactpoint_second_factor"
    urlname = "account_enrol"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        account = self.login.user
        if is_proved_by_provider(self.request, account):
            return None, True
        if not has_authenticator(account_id=account.pk):
            return HttpResponseRedirect(reverse(self.urlname)), True
        records = get_authentication_records(self.request, account)
        is_proven = any(record["method"] == "mfa" for record in records)
        if is_proven:
            return None, True
        return None, False


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets sealed at rest."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "The code is not correct, or was used before. Enter the one that is shown now",
    }

    def encrypt(self, text: str) -> str:
        return seal_secret(text)

    def decrypt(self, encrypted_text: str) -> str:
        return open_secret(encrypted_text)

    def can_delete_authenticator(self, authenticator: object) -> bool:
        return False


def _count_code(account: Account) -> RateLimitUsage:
    """One more try at a second factor. Raises ValidationError."""
    usage = count_guess(request=context.request, email=account.email, guess=Guess.CODE)
    if usage is None:
        log_refusal(context.request, why="too-many-codes", account_id=account.pk)
        raise AccountAdapter().validation_error("too_many_login_attempts")
    return usage


class UsedOnce:
    """A code counts once for as long as it could be accepted; the library forgets it after half that time."""

    def clean_code(self) -> str:
        account: Account = self.user  # type: ignore[attr-defined]
        usage = _count_code(account)
        code: str = super().clean_code()  # type: ignore[misc]
        if not mark_code_used(account_id=account.pk, code=code):
            raise MFAAdapter().validation_error("incorrect_code")
        usage.rollback()
        return code


class AuthenticateForm(UsedOnce, LibraryAuthenticateForm):  # type: ignore[misc]
    """The code page of signing in."""


class NotCopied:
    """A key's refusals are logged, and a copied key is found by its counter."""

    def clean_credential(self) -> Authenticator:
        account: Account = self.user  # type: ignore[attr-defined]
        usage = _count_code(account)
        given = self.cleaned_data["credential"]  # type: ignore[attr-defined]
        try:
            key: Authenticator = super().clean_credential()  # type: ignore[misc]
        except ValidationError:
            log_refusal(context.request, why="key", account_id=account.pk)
            raise ValidationError(KEY_REFUSED) from None
        said = given["response"]["authenticatorData"]
        if not count_up(key=key, counter=AuthenticatorData(websafe_decode(said)).counter):
            log_refusal(context.request, why="key-copied", account_id=account.pk)
            raise ValidationError(KEY_REFUSED)
        usage.rollback()
        return key


class AuthenticateKeyForm(NotCopied, LibraryKeyForm):  # type: ignore[misc]
    """The key's part of the code page."""


class ReauthenticateKeyForm(NotCopied, LibraryReauthenticateKeyForm):  # type: ignore[misc]
    """Proving it again with the key."""


class ReauthenticateForm(UsedOnce, LibraryReauthenticateForm):  # type: ignore[misc]
    """The code page of proving it again."""

"""Writes to the log what the sign-in library tells only by signal (AUD-1). Decides nothing."""

from typing import Any

from allauth.account.signals import password_changed
from allauth.mfa.signals import authentication_failed, authenticator_reset
from django.db import transaction
from django.http import HttpRequest

from contactpoint.access.models import Account
from contactpoint.access.sign_in import actor_of, log_refusal
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind


def listen() -> None:
    """Called once, when Django is ready."""
    authentication_failed.connect(_code_refused, dispatch_uid="contactpoint.code_refused")
    authenticator_reset.connect(_codes_renewed, dispatch_uid="contactpoint.codes_renewed")
    password_changed.connect(_password_changed, dispatch_uid="contactpoint.password_changed")


def _code_refused(*, request: HttpRequest, user: Account, **_: Any) -> None:
    log_refusal(request, why="code", account_id=user.pk)


def _codes_renewed(*, request: HttpRequest, user: Account, **_: Any) -> None:
    _record(EventKind.FACTOR_ENROLLED, request, user)


def _password_changed(*, request: HttpRequest, user: Account, **_: Any) -> None:
    _record(EventKind.PASSWORD_CHANGED, request, user)


def _record(kind: EventKind, request: HttpRequest, user: Account) -> None:
    with transaction.atomic():
        record_event(
            kind=kind,
            actor=actor_of(request, user),
            at=request.at,  # type: ignore[attr-defined]
            facts={"account": user.pk},
        )

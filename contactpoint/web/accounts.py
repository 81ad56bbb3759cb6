"""Pages that the sign-in library lacks: enrolling before the first session, and one's own account.

The second factor is enrolled inside the sign-in, before any session exists,
and replaced in one step, so that a password alone never opens anything (ACC-4).
"""

import base64
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.stagekit import clear_login
from allauth.account.views import LoginView
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.access.actions.provider_links import find_links
from contactpoint.access.factors import enrol_authenticator, find_keys, has_app, has_authenticator
from contactpoint.access.models import Account
from contactpoint.access.providers import find_providers
from contactpoint.access.sign_in import MFAAdapter, SecondFactorStage, actor_of

ENDED = {
    "idle": "You were signed out because you did nothing for 15 minutes. What you had not sent was not kept.",
    "absolute": (
        "You were signed out because 8 hours have passed since you signed in. "
        "What you had not sent was not kept."
    ),
    "clock": "You were signed out because the clock of the service was put back.",
    "elsewhere": (
        "You were signed out because your account signed in somewhere else. "
        "If that was not you, tell your ContactPoint team now."
    ),
    "suspended": "You were signed out because your access was suspended.",
}


class SignInView(LoginView):  # type: ignore[misc]
    """The library's page, which also says why the last session ended.

    Coming back to it starts over: the library would keep somebody who mistyped an account at its code page.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "GET" and not request.user.is_authenticated:
            clear_login(request)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[no-any-return]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ended = ENDED.get(self.request.GET.get("ended", ""), "")
        return {**super().get_context_data(**kwargs), "ended": ended, "providers": find_providers()}


@login_stage_required(stage=SecondFactorStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """First sign-in: an authenticator app, then the recovery codes, then the session."""
    stage = request._login_stage  # type: ignore[attr-defined]
    account: Account = stage.login.user
    if has_authenticator(account_id=account.pk):
        records = get_authentication_records(request, account)
        if any(record["method"] == "mfa" for record in records):
            return stage.exit()  # type: ignore[no-any-return]
        return stage.abort()  # type: ignore[no-any-return]
    form = ActivateTOTPForm(user=account, data=request.POST or None)
    if not form.is_valid():
        return _show_secret(request, account, form, is_first=True)
    codes = _enrol(request, account, form)
    record_authentication(request, account, "mfa", type="totp")
    return render(request, "mfa/codes_once.html", {"codes": codes, "next_url": reverse("account_enrol")})


@login_required
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def replace_authenticator(request: HttpRequest) -> HttpResponse:
    """A new telephone: the new app takes the old one's place in one step, with fresh recovery codes."""
    account = request.user
    assert isinstance(account, Account)  # noqa: S101  login_required saw to it
    form = ActivateTOTPForm(user=account, data=request.POST or None)
    if not form.is_valid():
        return _show_secret(request, account, form, is_first=False)
    codes = _enrol(request, account, form)
    context = {"codes": codes, "next_url": reverse("mfa_index"), "account": account}
    return render(request, "mfa/codes_once.html", context)


def _enrol(request: HttpRequest, account: Account, form: ActivateTOTPForm) -> tuple[str, ...]:
    return enrol_authenticator(
        account_id=account.pk,
        secret=form.secret,
        actor=actor_of(request, account),
        at=request.at,  # type: ignore[attr-defined]
        is_replacing=request.user.is_authenticated,
    )


def _show_secret(
    request: HttpRequest, account: Account, form: ActivateTOTPForm, *, is_first: bool
) -> HttpResponse:
    adapter = MFAAdapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(account, form.secret))
    groups = [form.secret[start : start + 4] for start in range(0, len(form.secret), 4)]
    context = {
        "form": form,
        "picture": "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode(),
        "secret": " ".join(groups),
        "account": None if is_first else account,
    }
    return render(request, "mfa/totp/activate_form.html", context)


@login_required
@require_safe
def own_account(request: HttpRequest) -> HttpResponse:
    """Who I am here, and how I sign in."""
    account = request.user
    assert isinstance(account, Account)  # noqa: S101  login_required saw to it
    context = {
        "account": account,
        "keys": find_keys(account_id=account.pk),
        "has_app": has_app(account_id=account.pk),
        "providers": find_providers(),
        "linked": {provider for provider, _ in find_links(account_id=account.pk)},
    }
    return render(request, "account/own_account.html", context)

"""Security keys: enrolled before the first session or added later, and removed while another factor stays.

The key asks for its PIN or a finger each time (ACC-4); pages need JavaScript for keys alone,
and the authenticator app is the way round.
"""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.internal.auth import begin_registration
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from contactpoint.access.factors import add_key, enrol_key, get_key_name, has_authenticator, remove_key
from contactpoint.access.models import Account
from contactpoint.access.sign_in import SecondFactorStage, actor_of


class KeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """What the key answered; its name is for its owner alone."""

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean()
        given["name"] = (given.get("name") or "Security key")[:60]
        return given


@login_stage_required(stage=SecondFactorStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def enrol_with_key(request: HttpRequest) -> HttpResponse:
    """First sign-in with a key instead of an app: the key, the recovery codes, then the session."""
    stage = request._login_stage  # type: ignore[attr-defined]
    account: Account = stage.login.user
    if has_authenticator(account_id=account.pk):
        return redirect("account_enrol")
    form = KeyForm(user=account, data=request.POST or None)
    if not form.is_valid():
        return _ask(request, account, form, is_first=True)
    codes = enrol_key(
        account_id=account.pk,
        name=form.cleaned_data["name"],
        credential=form.cleaned_data["credential"],
        actor=actor_of(request, account),
        at=request.at,  # type: ignore[attr-defined]
    )
    record_authentication(request, account, "mfa", type="webauthn")
    return render(request, "mfa/codes_once.html", {"codes": codes, "next_url": reverse("account_enrol")})


@login_required
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def add_security_key(request: HttpRequest) -> HttpResponse:
    """One more key, beside what there is."""
    account = request.user
    assert isinstance(account, Account)  # noqa: S101  login_required saw to it
    form = KeyForm(user=account, data=request.POST or None)
    if not form.is_valid():
        return _ask(request, account, form, is_first=False)
    add_key(
        account_id=account.pk,
        name=form.cleaned_data["name"],
        credential=form.cleaned_data["credential"],
        actor=actor_of(request, account),
        at=request.at,  # type: ignore[attr-defined]
    )
    messages.success(request, "The security key is added.")
    return redirect("mfa_index")


@login_required
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def remove_security_key(request: HttpRequest, entry: int) -> HttpResponse:
    """A key that is lost stops working at once, while another factor stays."""
    account = request.user
    assert isinstance(account, Account)  # noqa: S101  login_required saw to it
    name = get_key_name(account_id=account.pk, key=entry)
    if request.method == "POST":
        remove_key(
            account_id=account.pk,
            key=entry,
            actor=actor_of(request, account),
            at=request.at,  # type: ignore[attr-defined]
        )
        messages.success(request, "The security key does not work any more.")
        return redirect("mfa_index")
    return render(request, "mfa/webauthn/remove.html", {"account": account, "name": name})


def _ask(request: HttpRequest, account: Account, form: KeyForm, *, is_first: bool) -> HttpResponse:
    options = begin_registration(account, False)
    context = {"form": form, "options": options, "account": None if is_first else account}
    return render(request, "mfa/webauthn/add_form.html", context, status=400 if form.errors else 200)

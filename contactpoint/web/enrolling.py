"""An invited person's own way in, and a forgotten password: one link, a password, then the ordinary sign-in.

A link opens no session; whoever follows it still needs the second factor (ACC-4).
Whether an address is known is told to nobody: the same words, and the worker sends the e-mail.
"""

from allauth.core.internal import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contactpoint.access.actions.checks import AGREEMENT_VERSION, sign_agreement
from contactpoint.access.actions.links import ask_for_password, find_link, set_password
from contactpoint.access.models import Account
from contactpoint.access.sign_in import actor_of
from contactpoint.errors import Invalid
from contactpoint.web.pages.fields import add_refusal, sent

# By where the request comes from, not by the address typed: nobody can use it up for somebody else.
LIMITS = {"reset_password": "20/m/ip"}


class PasswordForm(forms.Form):
    """A new password, twice."""

    password = forms.CharField(strip=False, error_messages={"required": "Enter a password"})
    again = forms.CharField(strip=False, error_messages={"required": "Enter the password again"})

    def clean(self) -> dict[str, str]:
        given = self.cleaned_data
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", "The two passwords are not the same")
        return given


class ForgottenForm(forms.Form):
    """Whose password was forgotten."""

    email = forms.CharField(
        max_length=254, strip=True, error_messages={"required": "Enter your e-mail address"}
    )


class AgreementForm(forms.Form):
    """The tick that signs."""

    agreed = forms.BooleanField(error_messages={"required": "Tick the box to sign the agreement"})


@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Set a password by the link from the e-mail, then sign in with it."""
    at = request.at  # type: ignore[attr-defined]
    invited = find_link(token=token, at=at)
    form = PasswordForm(sent(request))
    if form.is_valid():
        try:
            set_password(token=token, password=form.cleaned_data["password"], actor=actor_of(request), at=at)
            messages.success(request, "Your password is set. Now sign in with it.")
            return redirect("account_login")
        except Invalid as refusal:
            add_refusal(form, refusal)
    context = {"form": form, "invited": invited}
    return render(request, "account/welcome.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same for every address."""
    form = ForgottenForm(sent(request))
    if not form.is_valid():
        return render(request, "account/forgotten.html", {"form": form}, status=400 if form.errors else 200)
    email = form.cleaned_data["email"]
    if not ratelimit.consume(request, app="allauth.account", action="reset_password", config=LIMITS):
        return render(request, "429.html", status=429)
    site = f"{request.scheme}://{request.get_host()}"
    at = request.at  # type: ignore[attr-defined]
    ask_for_password(email=email, site=site, actor=actor_of(request), at=at)
    return render(request, "account/forgotten_sent.html")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: HttpRequest) -> HttpResponse:
    """Read and sign the user agreement: one's own, with both factors proved (ACC-3)."""
    account = request.user
    assert isinstance(account, Account)  # noqa: S101  login_required saw to it
    form = AgreementForm(sent(request))
    if form.is_valid():
        sign_agreement(
            account_id=account.pk,
            version=AGREEMENT_VERSION,
            actor=actor_of(request, account),
            at=request.at,  # type: ignore[attr-defined]
        )
        messages.success(request, "You have signed the agreement.")
        return redirect("mfa_index")
    context = {"form": form, "account": account, "version": AGREEMENT_VERSION, "is_incomplete": True}
    return render(request, "account/agreement.html", context, status=400 if form.errors else 200)

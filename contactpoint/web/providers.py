"""Signing in, or linking one's own account, by a provider elsewhere: there and back (ACC-4).

Coming back opens nothing by itself: our own stages and rules follow, as after a password.
Our cookies are not sent along with a visit that another site begins, so the way out and the way back
each go over a page of ours.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contactpoint.access.actions.provider_links import AlreadyLinked, find_linked, link_own, unlink_own
from contactpoint.access.models import Account
from contactpoint.access.provider_talk import ProviderDown, ProviderRefused, begin_journey, finish_journey
from contactpoint.access.providers import Assurance, Provider, get_provider, judge_assurance
from contactpoint.access.sign_in import actor_of, begin_stages, log_refusal
from contactpoint.web.people.steps import site_of

SLOT = "provider_journey"
JOURNEY_LASTS = timedelta(minutes=10)
LIMITS = {"login": "30/m/ip"}
WORDS = {
    "down": "{name} does not answer at the moment. Nothing was changed.",
    "state": "This sign-in was begun in another window, was used before, or took too long.",
    "declined": "You were not signed in at {name}.",
    "assurance": "{name} did not say strongly enough who you are. Use a stronger way to sign in there.",
    "unknown": "Who signed in at {name} is not linked to a ContactPoint account.",
    "taken": "Who signed in at {name}, or your account here, is linked already. Nothing was changed.",
}
OTHERWISE = "What {name} sent could not be checked, so it was not used."


@require_POST
def start(request: HttpRequest, provider: str) -> HttpResponse:
    """To the provider, to sign in."""
    chosen = get_provider(key=provider)
    if not ratelimit.consume(request, app="allauth.account", action="login", config=LIMITS):
        return render(request, "429.html", status=429)
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return _send_off(request, chosen, then=wanted if is_ours else "", linking=None)


@login_required
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, provider: str) -> HttpResponse:
    """To the provider, to link one's own account."""
    chosen, account = get_provider(key=provider), _account(request)
    if request.method == "POST":
        return _send_off(request, chosen, then=reverse("mfa_index"), linking=account.pk)
    return render(request, "account/provider_link.html", {"provider": chosen, "account": account})


@login_required
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "HEAD", "POST"])
def unlink(request: HttpRequest, provider: str) -> HttpResponse:
    """Sign in without this provider from now on."""
    chosen, account = get_provider(key=provider), _account(request)
    if request.method == "POST":
        unlink_own(account_id=account.pk, provider=chosen, actor=actor_of(request, account), at=_at(request))
        messages.success(request, f"{chosen.name} is not linked any more.")
        return redirect("mfa_index")
    return render(request, "account/provider_unlink.html", {"provider": chosen, "account": account})


@require_safe
def back(request: HttpRequest, provider: str) -> HttpResponse:
    """From the provider. The first visit brings no cookies, so the page goes on to itself."""
    chosen = get_provider(key=provider)
    if "returned" not in request.GET:
        onwards = f"{request.path}?{urlencode({**request.GET.dict(), 'returned': '1'})}"
        return _pass_on(request, "Signing you in", onwards, chosen.name)
    kept = request.session.pop(SLOT, None)
    try:
        return _finish(request, chosen, _check_kept(request, chosen, kept))
    except ProviderRefused as refusal:
        return _refuse(request, chosen, refusal.code, is_down=isinstance(refusal, ProviderDown))


def _send_off(request: HttpRequest, provider: Provider, *, then: str, linking: int | None) -> HttpResponse:
    try:
        journey = begin_journey(provider=provider, back=_back_to(request, provider))
    except ProviderDown as refusal:
        return _refuse(request, provider, refusal.code, is_down=True)
    request.session[SLOT] = {
        **asdict(journey),
        "provider": provider.key,
        "then": then,
        "linking": linking,
        "begun": _at(request).timestamp(),
    }
    return _pass_on(request, f"Going to {provider.name}", journey.address, provider.name)


def _check_kept(request: HttpRequest, provider: Provider, kept: Any) -> dict[str, Any]:
    """What this browser took along, if this is the answer to it, in time, for whom it was begun."""
    if not isinstance(kept, dict) or kept["provider"] != provider.key:
        raise ProviderRefused("state")
    is_late = _at(request) - datetime.fromtimestamp(kept["begun"], tz=_at(request).tzinfo) > JOURNEY_LASTS
    if is_late or request.GET.get("state") != kept["state"]:
        raise ProviderRefused("state")
    if kept["linking"] != (request.user.pk if request.user.is_authenticated else None):
        raise ProviderRefused("state")
    if "error" in request.GET or not request.GET.get("code"):
        raise ProviderRefused("declined")
    return kept


def _finish(request: HttpRequest, provider: Provider, kept: dict[str, Any]) -> HttpResponse:
    claims = finish_journey(
        provider=provider,
        back=_back_to(request, provider),
        code=request.GET["code"],
        nonce=kept["nonce"],
        verifier=kept["verifier"],
        at=_at(request),
    )
    assurance = judge_assurance(provider=provider, claims=claims, at=_at(request))
    if assurance.lacking:
        raise ProviderRefused("assurance")
    subject = str(claims[provider.subject_claim])
    if kept["linking"] is not None:
        return _link(request, provider, subject)
    return _sign_in(request, provider, subject, assurance, kept["then"])


def _sign_in(
    request: HttpRequest, provider: Provider, subject: str, assurance: Assurance, then: str
) -> HttpResponse:
    """The same stages as after a password; two factors count as proved only where the provider said so."""
    account = find_linked(provider=provider, subject=subject)
    if account is None:
        raise ProviderRefused("unknown")
    return begin_stages(
        request, account, provider=provider.key, two_factors=assurance.proves_two_factors, then=then
    )


def _link(request: HttpRequest, provider: Provider, subject: str) -> HttpResponse:
    account = _account(request)
    try:
        link_own(
            account_id=account.pk,
            provider=provider,
            subject=subject,
            actor=actor_of(request, account),
            at=_at(request),
        )
    except AlreadyLinked:
        raise ProviderRefused("taken") from None
    messages.success(request, f"You can sign in with {provider.name} from now on.")
    return redirect("mfa_index")


def _refuse(request: HttpRequest, provider: Provider, code: str, *, is_down: bool = False) -> HttpResponse:
    """Logged, said in plain words, with the other ways in; never what the provider wrote."""
    account = request.user if isinstance(request.user, Account) else None
    log_refusal(
        request, why=f"provider-{code}", account_id=account.pk if account else None, provider=provider.key
    )
    context = {
        "provider": provider,
        "code": code,
        "words": WORDS.get(code, OTHERWISE).format(name=provider.name),
        "account": account,
    }
    return render(request, "account/provider_refused.html", context, status=503 if is_down else 403)


def _pass_on(request: HttpRequest, heading: str, address: str, name: str) -> HttpResponse:
    context = {"heading": heading, "address": address, "name": name}
    return render(request, "account/provider_passing.html", context)


def _back_to(request: HttpRequest, provider: Provider) -> str:
    return site_of(request) + reverse("provider_back", args=[provider.key])


def _account(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)  # noqa: S101  login_required saw to it
    return request.user


def _at(request: HttpRequest) -> datetime:
    return request.at  # type: ignore[attr-defined,no-any-return]

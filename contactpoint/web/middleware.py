"""What every request goes through: no caching, session rules, errors as pages (ACC-5).

Decides nothing about children; whether a session goes on is `access.policies.judge_session`.
"""

from collections.abc import Callable
from functools import cache, partial
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from contactpoint.access.actions.sessions import Ended, continue_session
from contactpoint.access.attempts import mark_browser
from contactpoint.access.models import Account
from contactpoint.access.policies import SessionEnd, SessionLimits
from contactpoint.access.reading_account import find_signed_in
from contactpoint.access.sign_in import TOKEN, actor_of
from contactpoint.web import clock, errors

Respond = Callable[[HttpRequest], HttpResponse]


class NeverCached:
    """Nothing that a page shows stays in a browser or on the way; style sheets are served before this."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        response["Cache-Control"] = "no-store, no-cache, must-revalidate, private, max-age=0"
        response["Pragma"] = "no-cache"
        response["Expires"] = "0"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response


class KnownBrowsers:
    """Who has just signed in is not stopped in this browser by what others guess elsewhere (ACC-4)."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        mark_browser(request=request, response=response)
        return response


class SessionRules:
    """Gives the request its time and its session's end, and ends sessions that are over, telling why."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.limits = SessionLimits(idle=settings.SESSION_IDLE, absolute=settings.SESSION_ABSOLUTE)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.at = clock.now()  # type: ignore[attr-defined]
        found = self._find_session(request)
        if not isinstance(found, Ended):
            request.session_end = found  # type: ignore[attr-defined]
            return self.respond(request)
        if request.path in asked_by_scripts():
            return HttpResponse(status=401)  # the page goes, and is told why where it goes to
        request.session.flush()
        query = {"ended": found.value}
        is_page = request.method == "GET" and request.path not in asking_pages()
        if is_page and found is not Ended.SIGNED_OUT:
            query["next"] = request.get_full_path()
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode(query)}")

    def _find_session(self, request: HttpRequest) -> Ended | SessionEnd | None:
        if SESSION_KEY not in request.session:
            return None
        account = request.user = get_user(request)  # itself: the framework's stand-in asks again at each use
        if not isinstance(account, Account):
            return None
        return continue_session(
            account_id=account.pk,
            signed_in=find_signed_in(account),
            token=str(request.session.get(TOKEN, "")),
            actor=partial(actor_of, request, account),
            at=request.at,  # type: ignore[attr-defined]
            limits=self.limits,
            is_use=request.path not in asking_pages(),
        )


@cache
def asked_by_scripts() -> frozenset[str]:
    """What the script of a page asks: its answer is read by nobody."""
    return frozenset({reverse("session_left"), reverse("stay_signed_in")})


@cache
def asking_pages() -> frozenset[str]:
    """What a page left open asks for by itself: nobody is using the service then."""
    return frozenset({reverse("session_left"), reverse("timed_out")})


class OurErrors:
    """The four families of error, and a database that is down, become pages."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Called by Django with what a view raised; None leaves it to Django's own handlers."""
        return errors.find_response(request, error)

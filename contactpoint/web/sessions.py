"""When one's session ends: what a page left open asks, says and does (ACC-5).

Decides nothing: the end comes with the request, from `access.actions.sessions`.
"""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from contactpoint.access.models import Account
from contactpoint.access.policies import ENGLAND, SessionEnd
from contactpoint.access.queries.sign_ins import find_live_place, list_past_places
from contactpoint.access.sign_in import LIMITS

HOW_ENDED = {
    "idle": "nothing was done for 15 minutes",
    "absolute": "8 hours had passed",
    "clock": "the clock of the service was put back",
    "elsewhere": "you signed in somewhere else",
    "suspended": "your access was suspended",
    "signed-out": "you signed out",
}


@login_required
@require_safe
def session_left(request: HttpRequest) -> HttpResponse:
    """How long the session lasts; asking does not make it last longer."""
    return _tell(request)


@login_required
@require_POST
def stay_signed_in(request: HttpRequest) -> HttpResponse:
    """Somebody is still there: the request itself puts the end off, as any other does."""
    return _tell(request)


@login_required
@require_safe
def own_sessions(request: HttpRequest) -> HttpResponse:
    """Where I am and was signed in."""
    account = request.user
    assert isinstance(account, Account)  # noqa: S101  login_required saw to it
    at: datetime = request.at  # type: ignore[attr-defined]
    context = {
        "account": account,
        "place": find_live_place(account_id=account.pk, at=at, limits=LIMITS),
        "places": list_past_places(account_id=account.pk, at=at),
        "how_ended": HOW_ENDED,
    }
    return render(request, "account/own_sessions.html", context)


@require_safe
def timed_out(request: HttpRequest) -> HttpResponse:
    """Where a page left open ends up; one whose session is over was sent to sign in before it came here."""
    return render(request, "account/timed_out.html", {"is_signed_in": request.user.is_authenticated})


def seconds_left(request: HttpRequest) -> int:
    """Of the request's session, at least one."""
    end: SessionEnd = request.session_end  # type: ignore[attr-defined]
    at: datetime = request.at  # type: ignore[attr-defined]
    return max(1, int((end.at - at).total_seconds()) + 1)


def format_time(value: datetime) -> str:
    """14:30, in England."""
    return f"{value.astimezone(ENGLAND):%H:%M}"


def _tell(request: HttpRequest) -> HttpResponse:
    end: SessionEnd | None = getattr(request, "session_end", None)
    if end is None:
        return HttpResponse(status=409)  # signed in, yet by no session of ours
    return JsonResponse(
        {"seconds": seconds_left(request), "at": format_time(end.at), "can_be_put_off": end.can_be_put_off}
    )

"""Who is asking, for views: `@for_viewer` gives the request a cleared viewer or shows what is missing."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contactpoint.access.models import Account
from contactpoint.access.queries import NotCleared, get_viewer
from contactpoint.access.records import Viewer
from contactpoint.access.sign_in import actor_of
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.web.visiting import choose_viewer

P = ParamSpec("P")


class ViewerRequest(HttpRequest):
    """A request of somebody whose clearance is complete and in date now, and its time."""

    viewer: Viewer  # in a mediated visit the caller, on the pages that look
    at: datetime


def for_viewer(
    view: Callable[Concatenate[ViewerRequest, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Only for cleared people: others sign in, or are told which part of their access is missing (ACC-3).

    Asked anew at every request, so a lapse stops somebody that moment; each refusal is logged.
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        account = request.user
        if not isinstance(account, Account):
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        actor = actor_of(request, account)
        try:
            viewer = get_viewer(account_id=account.pk, at=_at(request), address=actor.address)
        except NotCleared as refusal:
            return _not_complete(request, account, refusal)
        request.viewer = choose_viewer(request, own=viewer, at=_at(request))  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return asked


def _at(request: HttpRequest) -> datetime:
    return request.at  # type: ignore[attr-defined,no-any-return]


def _not_complete(request: HttpRequest, account: Account, refusal: NotCleared) -> HttpResponse:
    with transaction.atomic(durable=True):
        record_event(
            kind=EventKind.ACCESS_REFUSED,
            actor=actor_of(request, account),
            at=_at(request),
            facts={"parts": " ".join(refusal.decision.codes)},
            refused=True,
        )
    return render(
        request,
        "access_not_complete.html",
        {"parts": refusal.decision.why, "codes": refusal.decision.codes, "account": account},
        status=403,
    )

"""A practitioner's own involvements: the list, recording one, and what can happen to it (INV-5)."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contactpoint.access.queries import find_team_contact
from contactpoint.access.records import Viewer
from contactpoint.directory import actions
from contactpoint.directory.queries import list_own_involvements
from contactpoint.directory.records import OwnInvolvement
from contactpoint.errors import Invalid, NotFound
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import add_refusal, sent, to_date
from contactpoint.web.pages.forms import EndForm, InvolvementForm


class NotInYourList(NotFound):
    """There is no such entry, or it is somebody else's: the same answer."""


@require_safe
@for_viewer
def list_own(request: ViewerRequest) -> HttpResponse:
    """My involvements, those going stale first."""
    entries = list_own_involvements(viewer=request.viewer, at=request.at)
    names = [(entry.number, f"{entry.given_names} {entry.family_name}".strip()) for entry in entries]
    tokens = visit.name_children(request.session, names)
    return render(request, "pages/my_involvements.html", {"entries": entries, "tokens": tokens})


@require_safe
@for_viewer
def show_own(request: ViewerRequest, entry: int) -> HttpResponse:
    """One involvement and what can be done with it."""
    return render(request, "pages/involvement.html", {"entry": _own(request, entry)})


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def record(request: ViewerRequest, token: str) -> HttpResponse:
    """I work with this child."""
    known = visit.get_child(request.session, token=token)
    form = InvolvementForm(sent(request), viewer=request.viewer, offered=_team_contact(request))
    if form.is_valid() and _is_recorded(request, known, form):
        messages.success(request, "Your involvement is recorded. Others who open this record now see it.")
        return redirect("record", token=token)
    context = {"form": form, "known": known, "token": token}
    return render(request, "pages/record_involvement.html", context, status=400 if form.errors else 200)


def _team_contact(request: ViewerRequest) -> dict[str, str]:
    telephone, email = find_team_contact(account_id=request.viewer.account_id)
    return {"team_telephone": telephone, "team_email": email}


def _is_recorded(request: ViewerRequest, known: visit.Known, form: InvolvementForm) -> bool:
    given = {**form.cleaned_data, "started_on": to_date(form.cleaned_data["started_on"])}
    try:
        actions.record_involvement(by=request.viewer, child=known.number, at=request.at, **given)
    except Invalid as refusal:
        add_refusal(form, refusal)
        return False
    return True


@require_POST
@for_viewer
def confirm(request: ViewerRequest, entry: int) -> HttpResponse:
    """It still holds."""
    actions.confirm_involvement(by=request.viewer, involvement=entry, at=request.at)
    messages.success(request, "The involvement is confirmed as of today.")
    return redirect("my_involvements")


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def end(request: ViewerRequest, entry: int) -> HttpResponse:
    """I no longer work with this child."""
    own = _own(request, entry)
    form = EndForm(sent(request))
    if form.is_valid():
        try:
            ended_on = to_date(form.cleaned_data["ended_on"])
            actions.end_involvement(by=request.viewer, involvement=entry, ended_on=ended_on, at=request.at)
            messages.success(
                request, "The involvement has ended. It stays on the record as history for a year."
            )
            return redirect("my_involvements")
        except Invalid as refusal:
            add_refusal(form, refusal)
    status = 400 if form.errors else 200
    return render(request, "pages/end_involvement.html", {"form": form, "entry": own}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def take_back(request: ViewerRequest, entry: int) -> HttpResponse:
    """It should never have been recorded."""
    said = "The involvement was taken back. It is no longer on the record."
    return _ask_then(request, entry, "take_back_involvement", actions.take_back_involvement, said)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def lead(request: ViewerRequest, entry: int) -> HttpResponse:
    """I am the lead practitioner."""
    said = "You are recorded as lead practitioner. Whoever opens the record is told to ring you first."
    return _ask_then(request, entry, "become_lead", actions.become_lead, said)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def stop_lead(request: ViewerRequest, entry: int) -> HttpResponse:
    """I am no longer the lead practitioner."""
    said = "You are no longer recorded as lead practitioner. Your involvement stays."
    return _ask_then(request, entry, "stop_being_lead", actions.stop_being_lead, said)


def _ask_then(
    request: ViewerRequest, entry: int, question: str, act: Callable[..., None], said: str
) -> HttpResponse:
    """A page that asks first; then the action, and the list again."""
    if request.method == "POST":
        act(by=request.viewer, involvement=entry, at=request.at)
        messages.success(request, said)
        return redirect("my_involvements")
    return render(request, f"pages/{question}.html", {"entry": _own(request, entry)})


def _own(request: ViewerRequest, entry: int) -> OwnInvolvement:
    return _find_own(request.viewer, entry, request.at)


def _find_own(viewer: Viewer, entry: int, at: datetime) -> OwnInvolvement:
    for own in list_own_involvements(viewer=viewer, at=at):
        if own.id == entry:
            return own
    raise NotInYourList(
        "There is no such entry among your involvements. It may have been taken back already."
    )

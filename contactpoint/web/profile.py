"""My profile: how others see that one is reached, and who to ring while one is away (INV-2).

Everything here is about whoever is signed in; nobody has a page about somebody else's.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contactpoint.access.actions.profile import change_own_contact, change_own_cover, end_own_cover
from contactpoint.access.queries.profiles import get_own_profile
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages.fields import DateParts, Line, add_refusal, sent, to_date
from contactpoint.web.people.forms import Ask, Needed, Questions


class ContactForm(Questions):
    """Both may be left empty."""

    telephone = Line(named="Team telephone number", max_length=40, plain=True)
    email = Line(named="Team e-mail address", max_length=200, plain=True)
    asks = (
        Ask(
            "telephone", "text", "Team telephone number", "Your team’s or office’s. Never a personal number."
        ),
        Ask("email", "email", "Team e-mail address", "In one of your organisation’s own domains."),
    )


class CoverForm(Questions):
    """From when until when, and who instead."""

    away_from = DateParts(named="First day", required=True)
    away_to = DateParts(named="Last day", required=True)
    cover_email = Needed(named="Your colleague’s work e-mail address", max_length=254, plain=True)
    asks = (
        Ask("away_from", "date", "First day away", "For example, 27 3 2027"),
        Ask("away_to", "date", "Last day away", "From the day after, nobody is told of it any more."),
        Ask(
            "cover_email",
            "email",
            "Whom should people ring instead?",
            "The work e-mail address of a colleague in your organisation.",
        ),
    )


@require_safe
@for_viewer
def own_profile(request: ViewerRequest) -> HttpResponse:
    """How others see that I am reached."""
    said = get_own_profile(account_id=request.viewer.account_id, at=request.at)
    return render(request, "account/own_profile.html", {"said": said, "account": request.viewer})


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def own_team_contact(request: ViewerRequest) -> HttpResponse:
    """My team's contact."""
    said = get_own_profile(account_id=request.viewer.account_id, at=request.at)
    form = ContactForm(sent(request), offered={"telephone": said.telephone, "email": said.email})
    if form.is_valid():
        try:
            change_own_contact(by=request.viewer, at=request.at, **form.cleaned_data)
            messages.success(request, "Your contact is changed. Whoever opens a record now sees it.")
            return redirect("own_profile")
        except Invalid as refusal:
            add_refusal(form, refusal)
    return _ask(request, form, "Change your team’s contact", "Save")


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def own_cover(request: ViewerRequest) -> HttpResponse:
    """Who to ring while I am away."""
    said = get_own_profile(account_id=request.viewer.account_id, at=request.at)
    offered = {"away_from": said.away_from, "away_to": said.away_to, "cover_email": said.cover_email}
    form = CoverForm(sent(request), offered=offered)
    if form.is_valid():
        try:
            _change_cover(request, form.cleaned_data)
            messages.success(request, "Your absence is recorded. It ends by itself.")
            return redirect("own_profile")
        except Invalid as refusal:
            add_refusal(form, refusal)
    return _ask(request, form, "Say who to ring while you are away", "Save")


def _change_cover(request: ViewerRequest, given: dict[str, Any]) -> None:
    change_own_cover(
        away_from=to_date(given["away_from"]),
        away_to=to_date(given["away_to"]),
        cover_email=given["cover_email"],
        by=request.viewer,
        at=request.at,
    )


@require_POST
@for_viewer
def end_cover(request: ViewerRequest) -> HttpResponse:
    """I am back, or not going."""
    end_own_cover(by=request.viewer, at=request.at)
    messages.success(request, "Nobody is told that you are away any more.")
    return redirect("own_profile")


def _ask(request: ViewerRequest, form: Questions, heading: str, button: str) -> HttpResponse:
    context = {"form": form, "heading": heading, "button": button, "account": request.viewer}
    return render(request, "account/own_profile_step.html", context, status=400 if form.errors else 200)

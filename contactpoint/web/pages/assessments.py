"""That a common assessment exists: recorded, closed, taken back (INV-5); never its content (REC-3)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contactpoint.directory import actions
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import add_refusal, sent, to_date
from contactpoint.web.pages.forms import AssessmentForm, EndForm


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def record(request: ViewerRequest, token: str) -> HttpResponse:
    """My organisation holds an assessment of this child."""
    known = visit.get_child(request.session, token=token)
    form = AssessmentForm(sent(request), on=request.at.date())
    if form.is_valid():
        kind, opened_on = form.cleaned_data["kind"], to_date(form.cleaned_data["opened_on"])
        try:
            actions.record_assessment(
                by=request.viewer, child=known.number, kind=kind, opened_on=opened_on, at=request.at
            )
            return _done(request, token, "The record now says that this assessment exists and who holds it.")
        except Invalid as refusal:
            add_refusal(form, refusal)
    context = {"form": form, "known": known, "token": token}
    return render(request, "pages/record_assessment.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def close(request: ViewerRequest, token: str, entry: int) -> HttpResponse:
    """The assessment was closed."""
    known = visit.get_child(request.session, token=token)
    form = EndForm(sent(request))
    if form.is_valid():
        closed_on = to_date(form.cleaned_data["ended_on"])
        try:
            actions.close_assessment(by=request.viewer, assessment=entry, closed_on=closed_on, at=request.at)
            return _done(request, token, "The assessment is recorded as closed.")
        except Invalid as refusal:
            add_refusal(form, refusal)
    context = {"form": form, "known": known, "token": token}
    return render(request, "pages/close_assessment.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def take_back(request: ViewerRequest, token: str, entry: int) -> HttpResponse:
    """It should never have been recorded."""
    known = visit.get_child(request.session, token=token)
    if request.method == "POST":
        actions.take_back_assessment(by=request.viewer, assessment=entry, at=request.at)
        return _done(request, token, "The assessment was taken back. It is no longer on the record.")
    return render(request, "pages/take_back_assessment.html", {"known": known, "token": token})


def _done(request: ViewerRequest, token: str, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("record", token=token)

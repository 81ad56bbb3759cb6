"""Say why, then read the record (SEA-1).

Every time the record's page is shown, `open_record` is asked with the reason given, and logs it.
After 15 minutes the reason is asked for again.
"""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.directory.queries import open_record
from contactpoint.directory.records import Purpose
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import sent
from contactpoint.web.pages.forms import ReasonForm
from contactpoint.web.pages.ringing import find_first_contact


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def ask_reason(request: ViewerRequest, token: str) -> HttpResponse:
    """One question: why do you need to open this record?"""
    known = visit.get_child(request.session, token=token)
    form = ReasonForm(sent(request))
    if not form.is_valid():
        context = {"form": form, "known": known, "back": visit.get_back(request.session)}
        return render(request, "pages/reason.html", context, status=400 if form.errors else 200)
    purpose, reference = form.reason
    visit.state_reason(request.session, token=token, purpose=purpose, reference=reference, at=request.at)
    return redirect("record", token=token)


@require_safe
@for_viewer
def show_record(request: ViewerRequest, token: str) -> HttpResponse:
    """The record, for the reason that this session gave; without one in force, the question comes first."""
    known = visit.get_child(request.session, token=token)
    if not known.has_reason(request.at):
        return redirect("reason", token=token)
    record = open_record(
        viewer=request.viewer,
        child=known.number,
        purpose=Purpose(known.purpose),
        reference=known.reference,
        at=request.at,
    )
    context = {"record": record, "first": find_first_contact(record), "known": known, "token": token}
    return render(request, "pages/record.html", {**context, "back": visit.get_back(request.session)})

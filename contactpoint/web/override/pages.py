"""Break-glass, and what investigators do about it (SHI-6, AUD-6).

What an override shows is the answer to the request itself: nothing remembers it; showing it again asks anew.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contactpoint.casework.override import investigating
from contactpoint.casework.override.opening import override_shield
from contactpoint.directory.records import Purpose
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.override.forms import CloseForm, OverrideForm
from contactpoint.web.override.words import OUTCOMES, STEPS
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import sent
from contactpoint.web.pages.ringing import find_first_contact


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def override(request: ViewerRequest, token: str) -> HttpResponse:
    """The warning and the reason; then the record, this once."""
    known = visit.get_child(request.session, token=token)
    form = OverrideForm(sent(request))
    if not form.is_valid():
        context = {"form": form, "known": known, "token": token}
        return render(request, "override/warning.html", context, status=400 if form.errors else 200)
    opened = override_shield(
        by=request.viewer,
        child=known.number,
        purpose=Purpose(form.cleaned_data["purpose"]),
        text=form.cleaned_data["text"],
        at=request.at,
    )
    context = {"opened": opened, "record": opened.record, "first": find_first_contact(opened.record)}
    return render(request, "override/record.html", {**context, "known": known, "token": token})


@require_safe
@for_viewer
def list_cases(request: ViewerRequest) -> HttpResponse:
    """What waits, what was closed lately, and who met many shielded children."""
    cases = investigating.read_investigations(by=request.viewer, at=request.at)
    return render(request, "override/cases.html", {"cases": cases, "outcomes": OUTCOMES})


@require_safe
@for_viewer
def show_case(request: ViewerRequest, entry: int) -> HttpResponse:
    """The whole story of one override."""
    case = investigating.read_investigation(by=request.viewer, case=entry, at=request.at)
    return render(request, "override/case.html", {"case": case, "outcomes": OUTCOMES, "steps": STEPS})


@require_POST
@for_viewer
def tell(request: ViewerRequest, entry: int) -> HttpResponse:
    """Tell the line managers."""
    investigating.tell_manager(by=request.viewer, case=entry, at=request.at)
    messages.success(request, "The line manager is told that a look is being investigated.")
    return redirect("investigation", entry=entry)


@require_POST
@for_viewer
def suspend(request: ViewerRequest, entry: int) -> HttpResponse:
    """Stop the account at once."""
    investigating.suspend_whom_it_is_about(by=request.viewer, case=entry, at=request.at)
    messages.success(request, "The account is suspended and its session has ended.")
    return redirect("investigation", entry=entry)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def close(request: ViewerRequest, entry: int) -> HttpResponse:
    """How did it end?"""
    form = CloseForm(sent(request))
    if form.is_valid():
        investigating.close_investigation(by=request.viewer, case=entry, outcome=form.chosen, at=request.at)
        messages.success(request, "The investigation is closed.")
        return redirect("investigations")
    case = investigating.read_investigation(by=request.viewer, case=entry, at=request.at)
    return render(
        request, "override/close.html", {"form": form, "case": case}, status=400 if form.errors else 200
    )

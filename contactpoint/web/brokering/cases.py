"""The broker's queue and cases (SEN-4, SEN-5)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contactpoint.casework.brokering import cases
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.brokering.forms import ProviderForm, TakeForm
from contactpoint.web.brokering.words import WORDS


@require_safe
@for_viewer
def list_cases(request: ViewerRequest) -> HttpResponse:
    """All that waits for my authority's brokers, the oldest first."""
    found = cases.list_cases(by=request.viewer, at=request.at)
    return render(request, "brokering/cases.html", {"cases": found})


@require_safe
@for_viewer
def show(request: ViewerRequest, entry: int) -> HttpResponse:
    """One case: who asks and why, and who the services are."""
    case = cases.read_case(by=request.viewer, case=entry, at=request.at)
    return render(request, "brokering/case.html", {"case": case, **WORDS})


@require_POST
@for_viewer
def take(request: ViewerRequest, entry: int) -> HttpResponse:
    """It is mine from now on."""
    form = TakeForm(request.POST)
    seen = form.cleaned_data["seen"] if form.is_valid() else 0
    cases.take_case(by=request.viewer, case=entry, seen=seen, at=request.at)
    messages.success(request, "The case is yours.")
    return redirect("contact_case", entry=entry)


@require_POST
@for_viewer
def ask(request: ViewerRequest, entry: int) -> HttpResponse:
    """Ask one of the services."""
    form = ProviderForm(request.POST)
    case = cases.read_case(by=request.viewer, case=entry, at=request.at)
    organisation, service = form.chosen(case) if form.is_valid() else ("", "")
    cases.ask_provider(
        by=request.viewer, case=entry, organisation=organisation, service=service, at=request.at
    )
    messages.success(request, "The service is asked. You are told when it has answered.")
    return redirect("contact_case", entry=entry)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def close(request: ViewerRequest, entry: int) -> HttpResponse:
    """Asks first; then no more is done about it."""
    if request.method == "POST":
        cases.close_case(by=request.viewer, case=entry, at=request.at)
        messages.success(request, "The case is closed. Who asked is told that there is news, and not why.")
        return redirect("contact_cases")
    case = cases.read_case(by=request.viewer, case=entry, at=request.at)
    return render(request, "brokering/close.html", {"case": case})

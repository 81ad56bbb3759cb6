"""Our service's own entries: consents that come up for review, the receipt, renewing, ending, withdrawing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.directory.sensitive.actions import (
    end_sensitive_involvement,
    renew_consent,
    withdraw_consent,
)
from contactpoint.directory.sensitive.queries import MOST, get_own_sensitive, list_own_sensitive
from contactpoint.directory.sensitive.records import SensitiveEntry
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import add_refusal, sent, to_date
from contactpoint.web.pages.forms import EndForm
from contactpoint.web.sensitive.forms import RenewForm, offered_review
from contactpoint.web.sensitive.words import WORDS, name_of


@require_safe
@for_viewer
def list_own(request: ViewerRequest) -> HttpResponse:
    """Everything our service has recorded, soonest review first."""
    entries = list_own_sensitive(viewer=request.viewer, at=request.at)
    context = {"entries": entries, "is_cut": len(entries) == MOST, **WORDS}
    return render(request, "sensitive/entries.html", context)


@require_safe
@for_viewer
def show(request: ViewerRequest, entry: int) -> HttpResponse:
    """One entry with its receipt, and what can be done."""
    own = _own(request, entry)
    tokens = visit.name_children(request.session, [(own.number, name_of(own))])
    context = {"entry": own, "token": tokens[own.number], **WORDS}
    return render(request, "sensitive/entry.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def renew(request: ViewerRequest, entry: int) -> HttpResponse:
    """Consent was given again."""
    own = _own(request, entry)
    form = RenewForm(sent(request), offered=offered_review(request.at.date()))
    if form.is_valid():
        consent = form.to_consent(given_by=form.cleaned_data["given_by"])
        try:
            renew_consent(by=request.viewer, entry=entry, consent=consent, at=request.at)
            messages.success(request, "The new consent is recorded.")
            return redirect("sensitive_entry", entry=entry)
        except Invalid as refusal:
            add_refusal(form, refusal)
    context = {"form": form, "entry": own, **WORDS}
    return render(request, "sensitive/renew.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def end(request: ViewerRequest, entry: int) -> HttpResponse:
    """Our service no longer works with the child."""
    own = _own(request, entry)
    form = EndForm(sent(request))
    if form.is_valid():
        ended_on = to_date(form.cleaned_data["ended_on"])
        try:
            end_sensitive_involvement(by=request.viewer, entry=entry, ended_on=ended_on, at=request.at)
            messages.success(request, "The involvement has ended. Your service sees it for another year.")
            return redirect("sensitive_entries")
        except Invalid as refusal:
            add_refusal(form, refusal)
    context = {"form": form, "entry": own, **WORDS}
    return render(request, "sensitive/end.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def withdraw(request: ViewerRequest, entry: int) -> HttpResponse:
    """Asks first; then the entry is gone."""
    if request.method == "POST":
        withdraw_consent(by=request.viewer, entry=entry, at=request.at)
        messages.success(request, "Withdrawn. The entry is deleted; the log keeps only that one was removed.")
        return redirect("sensitive_entries")
    return render(request, "sensitive/withdraw.html", {"entry": _own(request, entry), **WORDS})


def _own(request: ViewerRequest, entry: int) -> SensitiveEntry:
    return get_own_sensitive(viewer=request.viewer, entry=entry, at=request.at)

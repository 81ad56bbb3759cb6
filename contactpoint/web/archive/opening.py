"""Opening the archive: at once by a data manager in its first year, by two custodians later (RET-2).

What is opened is the answer to the request itself: nothing remembers it; seeing it again asks and logs anew.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contactpoint.casework.archive import opening
from contactpoint.casework.archive.records import GROUNDS, LEAVING_WORDS, ArchivedRecord
from contactpoint.casework.policies import UnusableCase
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.archive.forms import AskForm, FirstYearForm
from contactpoint.web.pages.fields import sent


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def first_year(request: ViewerRequest) -> HttpResponse:
    """A data manager opens what their authority archived within the year."""
    form = FirstYearForm(sent(request))
    if form.is_valid():
        given = {"ground": form.cleaned_data["ground"], "case": form.cleaned_data["case"]}
        try:
            opened = opening.open_in_first_year(by=request.viewer, whom=form.whom, at=request.at, **given)
            return _show(request, opened)
        except (opening.NotInReach, UnusableCase) as refusal:
            form.add_error("number", str(refusal))
    return render(request, "archive/open.html", {"form": form}, status=400 if form.errors else 200)


@require_safe
@for_viewer
def requests(request: ViewerRequest) -> HttpResponse:
    """What custodians ask one another."""
    found = opening.list_archive_requests(by=request.viewer, at=request.at)
    return render(request, "archive/requests.html", {"requests": found, "grounds": GROUNDS})


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def ask(request: ViewerRequest) -> HttpResponse:
    """A custodian asks another one to agree."""
    opening.list_archive_requests(by=request.viewer, at=request.at)  # refuses whoever is no custodian
    form = AskForm(sent(request))
    if form.is_valid():
        given = {"ground": form.cleaned_data["ground"], "text": form.cleaned_data["text"]}
        try:
            opening.ask_for_opening(by=request.viewer, whom=form.whom, at=request.at, **given)
            messages.success(request, "Another custodian must agree before you can open the record.")
            return redirect("archive_requests")
        except (opening.NotInReach, UnusableCase) as refusal:
            form.add_error("number", str(refusal))
    return render(request, "archive/ask.html", {"form": form}, status=400 if form.errors else 200)


@require_POST
@for_viewer
def decide(request: ViewerRequest, entry: int) -> HttpResponse:
    """The second custodian's word."""
    agreed = request.POST.get("decision") == "agree"
    opening.decide_opening(by=request.viewer, request=entry, agreed=agreed, at=request.at)
    messages.success(
        request,
        "You agreed: whoever asked may open the record for a week."
        if agreed
        else "You declined the request.",
    )
    return redirect("archive_requests")


@require_POST
@for_viewer
def open_agreed(request: ViewerRequest, entry: int) -> HttpResponse:
    """The record, for whoever asked."""
    return _show(request, opening.open_agreed(by=request.viewer, request=entry, at=request.at))


def _show(request: ViewerRequest, opened: ArchivedRecord) -> HttpResponse:
    context = {"opened": opened, "record": opened.record, "why": LEAVING_WORDS[opened.leaving]}
    return render(request, "archive/record.html", context)

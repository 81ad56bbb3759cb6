"""The register of disclosures: read, added to, exported with a reason (FAM-4)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contactpoint.access.roles import Action
from contactpoint.casework.archive import disclosing
from contactpoint.casework.archive.records import DISCLOSURE_GROUNDS
from contactpoint.casework.door import NotOfYours
from contactpoint.casework.policies import UnusableCase
from contactpoint.codes.child_number import decode, encode
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.archive.forms import DisclosureForm, ReasonForm
from contactpoint.web.pages.fields import sent, to_date

NOT_OURS = "There is no record of your authority with this number: check it"


@require_safe
@for_viewer
def show(request: ViewerRequest) -> HttpResponse:
    """What was disclosed, the newest first."""
    return _list(request, ReasonForm())


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def record(request: ViewerRequest) -> HttpResponse:
    """Enter a disclosure."""
    disclosing.read_disclosures(by=request.viewer, at=request.at, most=1)  # refuses whoever has no register
    form = DisclosureForm(sent(request))
    if form.is_valid() and _record(request, form):
        messages.success(request, "The disclosure is in the register.")
        return redirect("disclosures")
    return render(request, "archive/disclose.html", {"form": form}, status=400 if form.errors else 200)


def _record(request: ViewerRequest, form: DisclosureForm) -> bool:
    number = decode(form.cleaned_data["number"])
    try:
        if number is None:
            raise NotOfYours(NOT_OURS)
        disclosing.record_disclosure(
            by=request.viewer,
            child=encode(number),
            ground=form.cleaned_data["ground"],
            disclosed_on=to_date(form.cleaned_data["disclosed_on"]),
            told=form.told,
            at=request.at,
        )
    except NotOfYours:
        form.add_error("number", NOT_OURS)
    except UnusableCase as refusal:
        form.add_error("disclosed_on", str(refusal))
    return not form.errors


@require_POST
@for_viewer
def export(request: ViewerRequest) -> HttpResponse:
    """A file of the same, with a reason."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _list(request, form)
    text = disclosing.export_disclosures(by=request.viewer, reason=form.cleaned_data["reason"], at=request.at)
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="contactpoint-disclosures.csv"'
    return answer


def _list(request: ViewerRequest, form: ReasonForm) -> HttpResponse:
    context = {
        "entries": disclosing.read_disclosures(by=request.viewer, at=request.at),
        "grounds": DISCLOSURE_GROUNDS,
        "form": form,
        "may_record": request.viewer.may(Action.RECORD_DISCLOSURE),
    }
    return render(request, "archive/disclosures.html", context, status=400 if form.errors else 200)

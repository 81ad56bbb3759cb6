"""One organisation merges into another: proposed by one person, signed by another (ACC-2)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from contactpoint.access.actions import merging
from contactpoint.access.queries.organisations import get_organisation_by_code, get_organisation_detail
from contactpoint.errors import Conflict, Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages.fields import sent
from contactpoint.web.people.forms import MergeForm


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def merge(request: ViewerRequest, entry: int) -> HttpResponse:
    """Into which one? Nothing happens before somebody else has signed."""
    detail = get_organisation_detail(organisation_id=entry, by=request.viewer, at=request.at)
    form = MergeForm(sent(request))
    if form.is_valid():
        try:
            into = get_organisation_by_code(code=form.cleaned_data["into"])
            merging.propose_merger(organisation_id=entry, into_id=into, by=request.viewer, at=request.at)
            messages.success(request, "Proposed. Somebody else has to sign.")
            return redirect("organisation", entry=entry)
        except (Conflict, Invalid) as refusal:
            form.add_error("into", str(refusal))
    context = {
        "form": form,
        "heading": "Merge into another organisation",
        "button": "Propose the merger",
        "detail": detail,
    }
    return render(request, "people/organisation_step.html", context, status=400 if form.errors else 200)


@require_POST
@for_viewer
def sign(request: ViewerRequest, entry: int) -> HttpResponse:
    """The second person's yes."""
    moved = merging.sign_merger(organisation_id=entry, by=request.viewer, at=request.at)
    messages.success(request, f"Merged. People who moved: {moved}.")
    return redirect("organisation", entry=entry)


@require_POST
@for_viewer
def drop(request: ViewerRequest, entry: int) -> HttpResponse:
    """It is not merged after all."""
    merging.drop_merger(organisation_id=entry, by=request.viewer, at=request.at)
    messages.success(request, "The merger is dropped. Nothing was changed.")
    return redirect("organisation", entry=entry)

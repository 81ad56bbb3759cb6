"""Add a child who cannot be found: only after a search, and then only "received" (SEA-7)."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.errors import Invalid
from contactpoint.intake.queries import list_own_entries
from contactpoint.intake.receiving import receive_entry
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import add_refusal, sent
from contactpoint.web.pages.forms import EntryForm, entry_from_search


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def add_child(request: ViewerRequest) -> HttpResponse:
    """What is known of the child; begins with what was searched for."""
    if request.method != "POST" and not visit.has_searched(request.session):
        return render(request, "pages/search_first.html", status=403)
    form = EntryForm(sent(request), offered=entry_from_search(visit.get_typed(request.session)))
    if form.is_valid() and _is_received(request, form):
        return redirect("entry_received")
    return render(request, "pages/add_child.html", {"form": form}, status=400 if form.errors else 200)


def _is_received(request: ViewerRequest, form: EntryForm) -> bool:
    try:
        receive_entry(by=request.viewer, values=form.values(), at=request.at)
    except Invalid as refusal:
        add_refusal(form, refusal)
        return False
    return True


@require_safe
@for_viewer
def received(request: ViewerRequest) -> HttpResponse:
    """Received: all that its author is told."""
    return render(request, "pages/received.html")


@require_safe
@for_viewer
def list_own(request: ViewerRequest) -> HttpResponse:
    """The entries that this person made."""
    entries = list_own_entries(viewer=request.viewer, at=request.at)
    return render(request, "pages/my_entries.html", {"entries": entries})

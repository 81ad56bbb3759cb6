"""What others would see, for a young person who is asked for consent: the record, in plain words (SEN-3).

Asks the same door as everybody, for the reason that was given; it is an opening like any other, and logged.
"""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from contactpoint.directory.queries import open_record
from contactpoint.directory.records import Purpose
from contactpoint.directory.sensitive.actions import insist_provider
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages import visit


@require_safe
@for_viewer
def show(request: ViewerRequest, token: str) -> HttpResponse:
    """To be read together, on one screen."""
    insist_provider(by=request.viewer, at=request.at)
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
    return render(request, "sensitive/preview.html", {"record": record, "token": token})

"""What the custodian of sealed identities sees: rows that wait, and one link at a time (SHI-7).

A link is the answer to the form itself: nothing remembers it; seeing it again asks and logs anew.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contactpoint.casework.door import NotOfYours
from contactpoint.casework.identity import custody
from contactpoint.casework.identity.records import OpenedLink
from contactpoint.codes.child_number import decode, encode
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.identity.forms import LinkForm, SealedRowForm
from contactpoint.web.pages.fields import sent

NO_LINK = "No sealed identity belongs to this number: check it"


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def sealed(request: ViewerRequest) -> HttpResponse:
    """What waits, and the question which record became which."""
    rows = custody.list_sealed_rows(by=request.viewer, at=request.at)
    form = LinkForm(sent(request))
    if form.is_valid():
        link = _find(request, form)
        if link is not None:
            return render(request, "identity/link.html", {"link": link})
    context = {"form": form, "rows": rows}
    return render(request, "identity/sealed.html", context, status=400 if form.errors else 200)


def _find(request: ViewerRequest, form: LinkForm) -> OpenedLink | None:
    value = decode(form.cleaned_data["number"])
    given = {"ground": form.cleaned_data["ground"], "case": form.cleaned_data["case"]}
    try:
        if value is not None:
            return custody.open_identity(by=request.viewer, child=encode(value), at=request.at, **given)
    except NotOfYours:
        pass
    form.add_error("number", NO_LINK)
    return None


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def sealed_row(request: ViewerRequest, entry: int) -> HttpResponse:
    """Whose row is it?"""
    row = custody.read_sealed_row(by=request.viewer, row=entry, at=request.at)
    form = SealedRowForm(sent(request))
    if form.is_valid():
        if form.verdict is not None:
            custody.decide_sealed_row(by=request.viewer, row=entry, verdict=form.verdict, at=request.at)
            messages.success(request, "Your decision is kept. The row goes where it belongs within a minute.")
        return redirect("sealed_identities")
    context = {"form": form, "row": row}
    return render(request, "identity/row.html", context, status=400 if form.errors else 200)

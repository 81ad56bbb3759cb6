"""Joining two records and parting one, with a look at what comes of it first (REC-4, SHI-5)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contactpoint.casework.review import changing
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import sent
from contactpoint.web.review.forms import JoinForm, NumberForm, PartForm
from contactpoint.web.review.picture import draw_weights

NOW = "It is carried out within a minute."
LATER = "It waits until those responsible for the other record agree."


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def join(request: ViewerRequest, token: str) -> HttpResponse:
    """Which record is the same child's; both side by side; then how one knows."""
    known = visit.get_child(request.session, token=token)
    number = NumberForm(sent(request))
    other = number.cleaned_data["other"] if number.is_valid() else None
    if other is None:
        context = {"form": number, "known": known, "token": token}
        return render(request, "review/join.html", context, status=400 if number.errors else 200)
    form = JoinForm(sent(request) if "sure" in request.POST else None)
    if form.is_valid():
        ready = changing.propose_join(
            by=request.viewer,
            survivor=known.number,
            other=other,
            reason=form.cleaned_data["known_by"],
            at=request.at,
        )
        messages.success(request, f"The two records are to be one. {NOW if ready else LATER}")
        return redirect("record_changes")
    two = changing.read_two(by=request.viewer, first=known.number, second=other, at=request.at)
    picture = draw_weights(two.comparison) if two.comparison else None
    context = {"form": form, "two": two, "picture": picture, "other": other, "token": token}
    context |= {"joining": changing.JOINING.items()}
    return render(request, "review/two.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def part(request: ViewerRequest, token: str) -> HttpResponse:
    """Which rows and entries of a record are another child's."""
    known = visit.get_child(request.session, token=token)
    form = PartForm(sent(request))
    if form.is_valid():
        try:
            changing.propose_part(by=request.viewer, child=known.number, at=request.at, **form.chosen)
            messages.success(request, f"What you chose becomes a record of its own. {NOW}")
            return redirect("record_changes")
        except Invalid as refusal:
            form.add_error(None, str(refusal))
    pieces = changing.list_pieces(by=request.viewer, child=known.number, at=request.at)
    context = {"form": form, "known": known, "pieces": pieces, "token": token}
    context |= {"parting": changing.PARTING.items()}
    return render(request, "review/part.html", context, status=400 if form.errors else 200)


@require_safe
@for_viewer
def list_changes(request: ViewerRequest) -> HttpResponse:
    """What waits for somebody's agreement, and what was done, each with its undoing."""
    changes = changing.list_changes(by=request.viewer, at=request.at)
    back = {"undo": "Taking an earlier change back"}
    known_by = {"join": {**changing.JOINING, **back}, "part": {**changing.PARTING, **back}}
    return render(request, "review/changes.html", {"changes": changes, "known_by": known_by})


@require_POST
@for_viewer
def agree(request: ViewerRequest, entry: int) -> HttpResponse:
    """Yes, for the record that one is responsible for."""
    ready = changing.answer_change(by=request.viewer, change=entry, agrees=True, at=request.at)
    messages.success(request, f"You have agreed. {NOW if ready else LATER}")
    return redirect("record_changes")


@require_POST
@for_viewer
def decline(request: ViewerRequest, entry: int) -> HttpResponse:
    """No: nothing is changed."""
    changing.answer_change(by=request.viewer, change=entry, agrees=False, at=request.at)
    messages.success(request, "Declined. Both records stay as they are.")
    return redirect("record_changes")


@require_POST
@for_viewer
def undo(request: ViewerRequest, entry: int) -> HttpResponse:
    """Each gets its own again."""
    ready = changing.undo_change(by=request.viewer, change=entry, at=request.at)
    messages.success(request, f"It is taken back. {NOW if ready else LATER}")
    return redirect("record_changes")

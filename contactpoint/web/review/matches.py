"""Doubtful matches, one after the other: how many wait, two records side by side, the decision (SUP-8)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contactpoint.casework.review import actions, queries
from contactpoint.casework.review.records import Answer, Review
from contactpoint.errors import Conflict
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.errors import error_page
from contactpoint.web.pages import visit
from contactpoint.web.review.picture import draw_weights

SAID = {
    "same": "Recorded: the same child.",
    "different": "Recorded: not the same child.",
    "pass": "Sent to the other authority.",
    "leave": "Left for later: it is at the end of the queue.",
}


@require_safe
@for_viewer
def show_counts(request: ViewerRequest) -> HttpResponse:
    """How many matches wait for this authority, and for how long."""
    counts = queries.count_reviews(by=request.viewer, at=request.at)
    return render(request, "review/counts.html", {"counts": counts})


@require_safe
@for_viewer
def go_to_next(request: ViewerRequest) -> HttpResponse:
    """On to the question that waits longest, unless a colleague has it open."""
    found = queries.find_next_review(by=request.viewer, at=request.at)
    if found is None:
        messages.success(request, "Nothing else waits for you at the moment.")
        return redirect("matches")
    return redirect("match", entry=found)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def show(request: ViewerRequest, entry: int) -> HttpResponse:
    """Two records side by side, and what the data manager says of them."""
    try:
        if request.method == "POST":
            return _answer(request, entry)
        review = queries.read_review(by=request.viewer, review=entry, at=request.at)
    except Conflict as meanwhile:
        return render(request, "review/meanwhile.html", {"message": str(meanwhile)}, status=409)
    return render(request, "review/question.html", _context(request, review))


@require_safe
@for_viewer
def list_decided(request: ViewerRequest) -> HttpResponse:
    """What the authority's data managers decided last, each with its undoing."""
    decisions = queries.list_decisions(by=request.viewer, at=request.at)
    return render(request, "review/decisions.html", {"decisions": decisions, "most": queries.MOST})


@require_POST
@for_viewer
def undo(request: ViewerRequest, entry: int) -> HttpResponse:
    """The question is asked again."""
    actions.undo_match(by=request.viewer, decision=entry, at=request.at)
    messages.success(request, "Undone. The question is in the queue again within a minute.")
    return redirect("match_decisions")


def _context(request: ViewerRequest, review: Review) -> dict[str, object]:
    found = review.comparison
    if found is None:
        return {"review": review}
    tokens = visit.name_children(request.session, [(found.number, found.name)])
    return {"review": review, "token": tokens[found.number], "picture": draw_weights(found)}


def _answer(request: ViewerRequest, entry: int) -> HttpResponse:
    """The button that was pressed."""
    said = request.POST.get("answer", "")
    by, at = request.viewer, request.at
    if said in set(Answer):
        child = visit.get_child(request.session, token=request.POST.get("child", "")).number
        actions.decide_match(by=by, review=entry, child=child, answer=Answer(said), at=at)
    elif said == "pass":
        actions.pass_review(by=by, review=entry, at=at)
    elif said == "leave":
        actions.leave_review(by=by, review=entry, at=at)
    else:
        return error_page(
            request, status=400, title="Nothing was chosen", message="Go back and press one of the buttons."
        )
    messages.success(request, SAID[said])
    return redirect("next_match")

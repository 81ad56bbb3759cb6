"""Moves: the queue of an authority, a proposal, the other side's decision (REC-6)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contactpoint.casework.door import NotOfYours
from contactpoint.casework.moves import deciding
from contactpoint.casework.moves.records import REJECTIONS, Move
from contactpoint.codes.child_number import decode, encode
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.moves.forms import ACCEPT, DecisionForm, MoveForm
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import sent

NOT_OURS = (
    "This cannot be proposed: check the number. "
    "One of the two authorities must be yours, and the other one open to practitioners."
)


@require_safe
@for_viewer
def show(request: ViewerRequest) -> HttpResponse:
    """What waits, and what was decided."""
    moves = deciding.read_moves(by=request.viewer, at=request.at)
    return render(request, "moves/list.html", {"moves": moves, "rejections": REJECTIONS})


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def propose(request: ViewerRequest) -> HttpResponse:
    """Which child, to which authority?"""
    return _propose(request, "")


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def propose_for_record(request: ViewerRequest, token: str) -> HttpResponse:
    """The same from a record."""
    return _propose(request, str(visit.get_child(request.session, token=token).number))


def _propose(request: ViewerRequest, number: str) -> HttpResponse:
    deciding.read_moves(by=request.viewer, at=request.at)  # refuses whoever may not
    form = MoveForm(sent(request), on=request.at.date(), number=number)
    if form.is_valid():
        value = decode(form.cleaned_data["number"])
        try:
            if value is None:
                raise NotOfYours(NOT_OURS)
            deciding.propose_move(
                by=request.viewer, child=encode(value), to=form.cleaned_data["to"], at=request.at
            )
            messages.success(request, "The move is proposed. The other authority decides.")
            return redirect("moves")
        except NotOfYours:
            form.add_error("number", NOT_OURS)
        except deciding.ProposedAlready as refusal:
            form.add_error("number", str(refusal))
    return render(request, "moves/propose.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def decide(request: ViewerRequest, entry: int) -> HttpResponse:
    """Accept or reject."""
    move = _find(request, entry)
    form = DecisionForm(sent(request))
    if form.is_valid():
        decision = form.cleaned_data["decision"]
        if decision == ACCEPT:
            deciding.accept_move(by=request.viewer, move=entry, at=request.at)
            messages.success(request, f"{move.moves_to} is now responsible for the record.")
        else:
            deciding.reject_move(by=request.viewer, move=entry, why=decision, at=request.at)
            messages.success(request, "You rejected the move. The other authority sees why.")
        return redirect("moves")
    context = {"form": form, "move": move}
    return render(request, "moves/decide.html", context, status=400 if form.errors else 200)


@require_POST
@for_viewer
def withdraw(request: ViewerRequest, entry: int) -> HttpResponse:
    """Take a proposal back."""
    deciding.withdraw_move(by=request.viewer, move=entry, at=request.at)
    messages.success(request, "The proposal is withdrawn. Nothing has changed.")
    return redirect("moves")


def _find(request: ViewerRequest, entry: int) -> Move:
    moves = deciding.read_moves(by=request.viewer, at=request.at)
    found = next((each for each in moves.to_decide if each.id == entry), None)
    if found is None:
        raise NotOfYours("There is no such move for you to decide. It may have been decided or withdrawn.")
    return found

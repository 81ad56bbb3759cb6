"""The shielding officer's queue, and decisions on requests, held rows and messages (SHI-1, SHI-2, SHI-5)."""

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.casework import actions, queries
from contactpoint.casework.records import ShieldRequest, Verdict
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.casework.forms import HeldForm, RefuseForm, ShieldForm
from contactpoint.web.pages.fields import sent


def next_review(request: ViewerRequest) -> date:
    """The date that is offered: six months on (SHI-4)."""
    return request.at.date() + settings.SHIELD_REVIEW_AFTER


@require_safe
@for_viewer
def show_queue(request: ViewerRequest) -> HttpResponse:
    """All that waits for my authority's officers."""
    return render(
        request, "casework/queue.html", {"queue": queries.read_queue(by=request.viewer, at=request.at)}
    )


@require_safe
@for_viewer
def show_request(request: ViewerRequest, entry: int) -> HttpResponse:
    """One request with its text, and what can be decided."""
    asked = _request(request, entry)
    return render(request, "casework/request.html", {"asked": asked, "is_own": _is_own(request, asked)})


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def confirm_request(request: ViewerRequest, entry: int) -> HttpResponse:
    """The record is shielded until a review."""
    asked = _request(request, entry)
    form = ShieldForm(sent(request), ground=asked.ground, review_on=next_review(request))
    if form.is_valid():
        try:
            actions.decide_request(
                by=request.viewer, request=entry, verdict=Verdict.CONFIRM, at=request.at, **form.given()
            )
            return _done(request, "The shield is confirmed.")
        except Invalid as refusal:
            form.add_error("review_on", str(refusal))
    context = {"form": form, "asked": asked}
    return render(request, "casework/confirm_request.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def refuse_request(request: ViewerRequest, entry: int) -> HttpResponse:
    """No shield; a provisional one that came with the request is lifted."""
    asked = _request(request, entry)
    form = RefuseForm(sent(request))
    if form.is_valid():
        ground = form.cleaned_data["ground"]
        verdict = Verdict.REFUSE
        actions.decide_request(
            by=request.viewer, request=entry, verdict=verdict, ground=ground, review_on=None, at=request.at
        )
        return _done(request, "The request is refused.")
    context = {"form": form, "asked": asked}
    return render(request, "casework/refuse_request.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def held_row(request: ViewerRequest, entry: int) -> HttpResponse:
    """Whose row is it?"""
    row = queries.read_held_row(by=request.viewer, row=entry, at=request.at)
    form = HeldForm(sent(request), row=row)
    if form.is_valid():
        verdict, child = form.answer()
        if verdict is None:
            return redirect("shielding_queue")
        actions.decide_held_row(by=request.viewer, row=entry, verdict=verdict, child=child, at=request.at)
        return _done(request, "Your decision is kept. The row goes where it belongs within a minute.")
    return render(
        request, "casework/held_row.html", {"form": form, "row": row}, status=400 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def message(request: ViewerRequest, entry: int) -> HttpResponse:
    """One message; marking it as answered takes it from the queue."""
    if request.method == "POST":
        actions.answer_message(by=request.viewer, message=entry, at=request.at)
        return _done(request, "The message is marked as answered.")
    found = queries.read_message(by=request.viewer, message=entry, at=request.at)
    return render(request, "casework/message.html", {"message": found})


def _request(request: ViewerRequest, entry: int) -> ShieldRequest:
    return queries.read_request(by=request.viewer, request=entry, at=request.at)


def _is_own(request: ViewerRequest, asked: ShieldRequest) -> bool:
    return asked.requested_by == request.viewer.account_id


def _done(request: ViewerRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("shielding_queue")

"""A held feed is released or rejected, an ended one withdrawn: each asked about first, each with the log."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contactpoint.errors import Conflict, Invalid
from contactpoint.intake import feeds_door
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.feeds.forms import ReasonForm
from contactpoint.web.pages.fields import sent


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def release(request: ViewerRequest, entry: int) -> HttpResponse:
    """Load it after all, with a reason."""
    return _decide(
        request, entry, "release", feeds_door.release_feed, "Released. It is loaded within a minute."
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def reject(request: ViewerRequest, entry: int) -> HttpResponse:
    """Load nothing of it, with a reason."""
    return _decide(request, entry, "reject", feeds_door.reject_feed, "Rejected. Nothing of it was loaded.")


def _decide(
    request: ViewerRequest, entry: int, what: str, act: Callable[..., None], done: str
) -> HttpResponse:
    feed, is_own = feeds_door.see_feed(viewer=request.viewer, load_id=entry, at=request.at)
    form = ReasonForm(sent(request))
    if form.is_valid():
        try:
            act(viewer=request.viewer, load_id=entry, reason=form.cleaned_data["reason"], at=request.at)
            messages.success(request, done)
            return redirect("feed", entry=entry)
        except Invalid as refusal:
            form.add_error("reason", str(refusal))
    elif not is_own or feed.state != "held":
        # Nobody is asked a question whose answer would be refused.
        raise_not_held(feed.state == "held")
    context = {"form": form, "feed": feed, "what": what}
    return render(request, "feeds/decide.html", context, status=400 if form.errors else 200)


def raise_not_held(is_held: bool) -> None:
    """Raises Conflict where there is nothing to decide, or nothing for this person."""
    if not is_held:
        raise feeds_door.NotHeld("This feed is not held at the gate.")
    raise Conflict("Only the supplier's own data managers decide on this feed.")


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def withdraw(request: ViewerRequest, entry: int) -> HttpResponse:
    """Asks first; then the worker undoes what the load did."""
    if request.method == "POST":
        feeds_door.withdraw_feed(viewer=request.viewer, load_id=entry, at=request.at)
        messages.success(request, "The feed is being withdrawn. This page says when that is done.")
        return redirect("feed", entry=entry)
    feed, _ = feeds_door.see_feed(viewer=request.viewer, load_id=entry, at=request.at)
    return render(request, "feeds/withdraw.html", {"feed": feed})

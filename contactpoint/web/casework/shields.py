"""An authority's shields: the list, those overdue first; applying, renewing and lifting one (SHI-4)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.casework import actions, queries
from contactpoint.casework.door import NotOfYours
from contactpoint.codes.child_number import decode, encode
from contactpoint.directory.queries import search_own_authority
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.casework.deciding import next_review
from contactpoint.web.casework.forms import LiftForm, NumberForm, ShieldForm
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import add_refusal, sent
from contactpoint.web.pages.forms import SearchForm

NOT_OURS = "There is no record with this number that your authority is responsible for: check the number"


@require_safe
@for_viewer
def list_shields(request: ViewerRequest) -> HttpResponse:
    """All shields of my authority, by date of review."""
    shields = queries.read_shields(by=request.viewer, at=request.at)
    return render(request, "casework/shields.html", {"shields": shields})


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def renew(request: ViewerRequest, entry: int) -> HttpResponse:
    """The review: keep the shield, or go on to lift it."""
    shield = queries.read_shield(by=request.viewer, shield=entry, at=request.at)
    form = ShieldForm(sent(request), ground=shield.ground, review_on=next_review(request), seen=shield.seen)
    if form.is_valid():
        seen = form.cleaned_data["seen"] or 0
        try:
            actions.renew_shield(by=request.viewer, shield=entry, seen=seen, at=request.at, **form.given())
            return _done(request, "The shield is kept until its next review.")
        except Invalid as refusal:
            form.add_error("review_on", str(refusal))
    context = {"form": form, "shield": shield}
    return render(request, "casework/shield.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def lift(request: ViewerRequest, entry: int) -> HttpResponse:
    """Why it is lifted, then a second look, then the decision."""
    shield = queries.read_shield(by=request.viewer, shield=entry, at=request.at)
    form = LiftForm(sent(request), seen=shield.seen)
    is_chosen = form.is_valid()
    if is_chosen and form.cleaned_data["sure"] == "yes":
        seen, ground = form.cleaned_data["seen"] or 0, form.cleaned_data["ground"]
        actions.lift_shield(by=request.viewer, shield=entry, seen=seen, ground=ground, at=request.at)
        return _done(
            request, "The shield will be lifted within a minute. Until then the record stays as it is."
        )
    page = "casework/lift_check.html" if is_chosen else "casework/lift.html"
    return render(request, page, {"form": form, "shield": shield}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def choose(request: ViewerRequest) -> HttpResponse:
    """Shield a child without a request: which one?"""
    form = NumberForm(sent(request))
    if form.is_valid():
        value = decode(form.cleaned_data["number"])
        try:
            if value is None:
                raise NotOfYours(NOT_OURS)
            child = queries.find_own_child(by=request.viewer, child=encode(value), at=request.at)
            tokens = visit.name_children(request.session, [(child.number, child.name)])
            return redirect("apply_shield", token=tokens[str(child.number)])
        except NotOfYours:
            form.add_error("number", NOT_OURS)
    return render(request, "casework/choose.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def search(request: ViewerRequest) -> HttpResponse:
    """The same by name, before others can find the record and after (SHI-10)."""
    form = SearchForm(sent(request), viewer=request.viewer)
    result, tokens = None, {}
    if form.is_valid():
        try:
            result = search_own_authority(viewer=request.viewer, query=form.query(), at=request.at)
            named = [(one.number, f"{one.given_names} {one.family_name}".strip()) for one in result.found]
            tokens = visit.name_children(request.session, named)
        except Invalid as refusal:
            add_refusal(form, refusal)
    context = {"form": form, "result": result, "tokens": tokens}
    page = "casework/search_results.html" if result else "casework/search.html"
    return render(request, page, context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def apply(request: ViewerRequest, token: str) -> HttpResponse:
    """Shield this child, on an officer's own initiative."""
    known = visit.get_child(request.session, token=token)
    child = queries.find_own_child(by=request.viewer, child=known.number, at=request.at)
    form = ShieldForm(sent(request), ground="", review_on=next_review(request))
    if form.is_valid():
        try:
            actions.apply_shield(by=request.viewer, child=known.number, at=request.at, **form.given())
            return _done(request, "The record is shielded.")
        except Invalid as refusal:
            form.add_error("review_on", str(refusal))
    context = {"form": form, "child": child}
    return render(request, "casework/apply.html", context, status=400 if form.errors else 200)


def _done(request: ViewerRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("shields")

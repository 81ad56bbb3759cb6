"""A shielding officer gives a child a new identity: which child, who they are from now on, a second look."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contactpoint.casework import queries
from contactpoint.casework.door import NotOfYours
from contactpoint.casework.identity.giving import check_identity, give_identity
from contactpoint.codes.child_number import decode, encode
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.casework.forms import NumberForm
from contactpoint.web.casework.shields import NOT_OURS
from contactpoint.web.identity.forms import IdentityForm
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import add_refusal, sent

GIVEN = (
    "The former record is sealed and can no longer be found. "
    "The fresh record starts by itself within {hours}, at a moment that nobody knows beforehand."
)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def choose(request: ViewerRequest) -> HttpResponse:
    """Which child gets a new identity?"""
    form = NumberForm(sent(request))
    if form.is_valid():
        value = decode(form.cleaned_data["number"])
        try:
            if value is None:
                raise NotOfYours(NOT_OURS)
            child = queries.find_own_child(by=request.viewer, child=encode(value), at=request.at)
            tokens = visit.name_children(request.session, [(child.number, child.name)])
            return redirect("give_identity", token=tokens[str(child.number)])
        except NotOfYours:
            form.add_error("number", NOT_OURS)
    return render(request, "identity/choose.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def give(request: ViewerRequest, token: str) -> HttpResponse:
    """Who the child is from now on; shown once more before it is done."""
    known = visit.get_child(request.session, token=token)
    child = queries.find_own_child(by=request.viewer, child=known.number, at=request.at)
    form = IdentityForm(sent(request))
    if form.is_valid():
        given, ground = form.identity(), form.cleaned_data["ground"]
        try:
            check_identity(values=given.values, on=request.at.date())
            if form.cleaned_data["sure"] == "yes":
                give_identity(
                    by=request.viewer, child=known.number, identity=given, ground=ground, at=request.at
                )
                messages.success(request, GIVEN.format(hours=_hours()))
                return redirect("shielding_queue")
        except Invalid as refusal:
            add_refusal(form, refusal)
    page = "identity/check.html" if form.is_valid() else "identity/give.html"
    return render(request, page, {"form": form, "child": child}, status=400 if form.errors else 200)


def _hours() -> str:
    hours = int(settings.IDENTITY_STARTS_WITHIN.total_seconds() // 3600)
    return f"{hours} hours" if hours else "a quarter of an hour"

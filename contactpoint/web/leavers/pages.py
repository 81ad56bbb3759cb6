"""Stating that a child left, died or stays on; what waits and what is in force (REC-1, REC-9)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contactpoint.casework.door import NotOfYours
from contactpoint.casework.leavers import stating
from contactpoint.casework.leavers.records import DEATH_SOURCES, INTENTS, Kind, Verdict
from contactpoint.casework.policies import UnusableCase
from contactpoint.codes.child_number import decode, encode
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.leavers.forms import FORMS, KINDS, KindForm, WhichForm
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import sent

NOT_OURS = "There is no record with this number that your authority is responsible for: check the number"
SETTLED = {
    Verdict.CONFIRM: "The death is confirmed. The record is archived a year after it.",
    Verdict.DENY: "The report is denied. Nothing has changed.",
    Verdict.TAKE_BACK: "It is taken back. The record is as if it had not been said, within a minute.",
}


@require_safe
@for_viewer
def show(request: ViewerRequest) -> HttpResponse:
    """Deaths that wait for somebody to confirm them, and what is in force."""
    endings = stating.read_endings(by=request.viewer, at=request.at)
    context = {"endings": endings, "kinds": KINDS, "intents": INTENTS, "sources": DEATH_SOURCES}
    return render(request, "leavers/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def which(request: ViewerRequest) -> HttpResponse:
    """Of which child, by number?"""
    stating.read_endings(by=request.viewer, at=request.at)  # refuses whoever may not
    form = WhichForm(sent(request))
    if form.is_valid():
        value = decode(form.cleaned_data["number"])
        if value is not None:
            number = encode(value)
            tokens = visit.name_children(request.session, [(number, str(number))])
            return redirect(f"state_{form.cleaned_data['kind']}", token=tokens[str(number)])
        form.add_error("number", NOT_OURS)
    return render(request, "leavers/which.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def choose(request: ViewerRequest, token: str) -> HttpResponse:
    """From a record: what is stated?"""
    known = visit.get_child(request.session, token=token)
    stating.read_endings(by=request.viewer, at=request.at)
    form = KindForm(sent(request))
    if form.is_valid():
        return redirect(f"state_{form.cleaned_data['kind']}", token=token)
    context = {"form": form, "known": known, "token": token}
    return render(request, "leavers/choose.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def state(request: ViewerRequest, token: str, kind: Kind) -> HttpResponse:
    """When, and how it is known."""
    known = visit.get_child(request.session, token=token)
    stating.read_endings(by=request.viewer, at=request.at)
    form = FORMS[kind](sent(request))
    if form.is_valid():
        try:
            stating.state_ending(by=request.viewer, child=known.number, said=form.statement, at=request.at)
            messages.success(request, "It is recorded. The record shows it within a minute.")
            return redirect("leavers")
        except NotOfYours:
            form.add_error("on", NOT_OURS)
        except (UnusableCase, stating.StatedAlready) as refusal:
            form.add_error("on", str(refusal))
    context = {"form": form, "known": known, "kind": kind, "title": KINDS[kind]}
    return render(request, "leavers/state.html", context, status=400 if form.errors else 200)


@require_POST
@for_viewer
def settle(request: ViewerRequest, entry: int) -> HttpResponse:
    """Confirm, deny or take back."""
    verdict = request.POST.get("verdict", "")
    if verdict not in set(Verdict):
        raise UnusableCase("Choose what you decide.")
    stating.settle_ending(by=request.viewer, ending=entry, verdict=Verdict(verdict), at=request.at)
    messages.success(request, SETTLED[Verdict(verdict)])
    return redirect("leavers")

"""Ask for brokered contact; what I have asked for and how it stands; the contact once accepted (SEN-5)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.casework.brokering import requesting
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.brokering.forms import AskForm
from contactpoint.web.brokering.words import WORDS
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import sent

RECEIVED = "Your request was received. The broker of the responsible authority sees to it; follow it here."


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def ask(request: ViewerRequest, token: str) -> HttpResponse:
    """Why do I need the contact? The same page and answer for every open record."""
    known = visit.get_child(request.session, token=token)
    form = AskForm(sent(request))
    if form.is_valid():
        text = form.cleaned_data["text"]
        requesting.request_contact(by=request.viewer, child=known.number, text=text, at=request.at)
        messages.success(request, RECEIVED)
        return redirect("my_requests")
    requesting.check_askable(by=request.viewer, child=known.number, at=request.at)
    context = {"form": form, "known": known, "token": token}
    return render(request, "brokering/ask.html", context, status=400 if form.errors else 200)


@require_safe
@for_viewer
def list_own(request: ViewerRequest) -> HttpResponse:
    """Contacts and shields that I have asked for."""
    own = requesting.list_own_requests(by=request.viewer, at=request.at)
    names = [(each.child.number, each.child.name) for each in (*own.contacts, *own.shields)]
    tokens = visit.name_children(request.session, names)
    return render(request, "brokering/my_requests.html", {"own": own, "tokens": tokens, **WORDS})


@require_safe
@for_viewer
def show_contact(request: ViewerRequest, entry: int) -> HttpResponse:
    """The contact, for me and for a limited time."""
    own = requesting.read_own_contact(by=request.viewer, request=entry, at=request.at)
    return render(request, "brokering/contact.html", {"own": own, **WORDS})

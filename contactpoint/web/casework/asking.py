"""Ask for a shield, and pass a message about a shielded child (SHI-2, SHI-4): for everybody who may look."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contactpoint.access.queries import find_team_contact
from contactpoint.casework import asking
from contactpoint.directory.queries import search_children
from contactpoint.directory.records import SearchQuery
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.casework.forms import MessageForm, NumberForm, RequestForm
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import sent

WAITS = (
    "Your request was received. The shielding officer of the responsible authority decides. "
    "Until then the record stays as it is."
)
SHIELDED = (
    "Your request was received. The record is shielded from now on, "
    "until the shielding officer of the responsible authority has decided."
)
PASSED_ON = (
    "Your message was passed on. Whoever is responsible for the child answers to the contact you gave."
)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def by_number(request: ViewerRequest) -> HttpResponse:
    """A child whose number I have: found by the door of every search, and logged as one."""
    form = NumberForm(sent(request))
    if form.is_valid():
        token = _find(request, form)
        if token:
            return redirect("request_shield", token=token)
    return render(request, "casework/by_number.html", {"form": form}, status=400 if form.errors else 200)


def _find(request: ViewerRequest, form: NumberForm) -> str:
    query = SearchQuery(number_kind="contactpoint", number=form.cleaned_data["number"])
    try:
        found = search_children(viewer=request.viewer, query=query, at=request.at).found
    except Invalid as refusal:
        form.add_error("number", str(refusal))
        return ""
    if not found:
        form.add_error("number", "There is no record with this number: check it")
        return ""
    name = f"{found[0].given_names} {found[0].family_name}".strip()
    return visit.name_children(request.session, [(found[0].number, name)])[str(found[0].number)]


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def request_shield(request: ViewerRequest, token: str) -> HttpResponse:
    """This record must be shielded."""
    known = visit.get_child(request.session, token=token)
    form = RequestForm(sent(request))
    if form.is_valid():
        given = {"ground": form.cleaned_data["ground"], "text": form.cleaned_data["text"]}
        urgent = form.cleaned_data["urgent"] == "yes"
        asking.request_shield(by=request.viewer, child=known.number, urgent=urgent, at=request.at, **given)
        messages.success(request, SHIELDED if urgent else WAITS)
        return redirect("record", token=token)
    context = {"form": form, "known": known, "token": token}
    return render(request, "casework/request_shield.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def pass_message(request: ViewerRequest, token: str) -> HttpResponse:
    """A message for whoever is responsible for this child."""
    known = visit.get_child(request.session, token=token)
    telephone, email = find_team_contact(account_id=request.viewer.account_id)
    form = MessageForm(sent(request), offered=", ".join(each for each in (telephone, email) if each))
    if form.is_valid():
        asking.pass_message(by=request.viewer, child=known.number, at=request.at, **form.cleaned_data)
        messages.success(request, PASSED_ON)
        return redirect("record", token=token)
    context = {"form": form, "known": known, "token": token}
    return render(request, "casework/pass_message.html", context, status=400 if form.errors else 200)

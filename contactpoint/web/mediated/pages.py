"""The mediator's pages: who is calling, ring them back, type the code that they read out, end (ACC-6)."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from contactpoint.access.actions.mediating import (
    Caller,
    begin_visit,
    find_callers,
    find_waiting,
    get_caller,
    insist_may_mediate,
    send_code,
)
from contactpoint.access.actions.visiting import end_visit
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages.fields import add_refusal, sent
from contactpoint.web.people.forms import Ask, Needed, Questions


class CallerForm(Questions):
    """Who says that they are calling."""

    words = Needed(named="The caller’s work e-mail address or name", max_length=254, plain=True)
    asks = (
        Ask(
            "words",
            "text",
            "Work e-mail address or name",
            "The whole address, or at least three letters of the name.",
        ),
    )


class RangForm(Questions):
    """That the mediator rang back."""

    rang = forms.BooleanField(
        error_messages={"required": "Ring the number first, then tick that you reached the person on it"}
    )
    asks = (Ask("rang", "tick", "I rang this number myself, and was put through to this person"),)


class CodeForm(Questions):
    """What the caller read out."""

    code = Needed(named="The code", max_length=20, plain=True)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def find(request: ViewerRequest) -> HttpResponse:
    """Who is calling? And the code that waits, or the visit that goes on."""
    insist_may_mediate(by=request.viewer, at=request.at)
    form = CallerForm(sent(request))
    found: tuple[Caller, ...] | None = None
    waiting = find_waiting(by=request.viewer, at=request.at)
    try:
        if form.is_valid():
            found = find_callers(words=form.cleaned_data["words"], by=request.viewer, at=request.at)
    except Invalid as refusal:
        add_refusal(form, refusal)
    context = {"form": form, "found": found, "waiting": waiting}
    return render(request, "mediated/find.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def ring_back(request: ViewerRequest, entry: int) -> HttpResponse:
    """The number held, what to say, and the code to be sent."""
    caller = get_caller(account_id=entry, by=request.viewer, at=request.at)
    form = RangForm(sent(request))
    if form.is_valid():
        send_code(account_id=entry, by=request.viewer, at=request.at)
        return redirect("mediated_code")
    context = {"form": form, "caller": caller}
    return render(request, "mediated/ring_back.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def take_code(request: ViewerRequest) -> HttpResponse:
    """The code that the caller reads out; right, it begins the visit."""
    insist_may_mediate(by=request.viewer, at=request.at)
    form = CodeForm(sent(request))
    if form.is_valid():
        try:
            begin_visit(code=form.cleaned_data["code"], by=request.viewer, at=request.at)
            return redirect("find_child")
        except Invalid as refusal:
            add_refusal(form, refusal)
    waiting = find_waiting(by=request.viewer, at=request.at)
    if waiting is None:
        return redirect("mediated")
    context = {"form": form, "caller": waiting}
    return render(request, "mediated/code.html", context, status=400 if form.errors else 200)


@require_POST
@for_viewer
def end(request: ViewerRequest) -> HttpResponse:
    """The call is over."""
    insist_may_mediate(by=request.viewer, at=request.at)
    end_visit(by=request.viewer, at=request.at)
    messages.success(request, "The visit has ended. The person you served is told so by e-mail.")
    return redirect("mediated")

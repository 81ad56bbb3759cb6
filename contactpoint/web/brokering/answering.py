"""What brokers ask of our service, and our answers (SEN-5)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.access.queries import find_team_contact
from contactpoint.casework.brokering import answering
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.brokering.forms import AcceptForm
from contactpoint.web.pages.fields import sent


@require_safe
@for_viewer
def list_questions(request: ViewerRequest) -> HttpResponse:
    """All that waits for an answer of ours."""
    questions = answering.list_questions(by=request.viewer, at=request.at)
    return render(request, "brokering/questions.html", {"questions": questions})


@require_safe
@for_viewer
def show(request: ViewerRequest, entry: int) -> HttpResponse:
    """Who asks about whom, and why."""
    question = answering.read_question(by=request.viewer, question=entry, at=request.at)
    return render(request, "brokering/question.html", {"question": question})


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def accept(request: ViewerRequest, entry: int) -> HttpResponse:
    """How are we reached?"""
    question = answering.read_question(by=request.viewer, question=entry, at=request.at)
    telephone, email = find_team_contact(account_id=request.viewer.account_id)
    form = AcceptForm(sent(request), ask_for=request.viewer.name, telephone=telephone, email=email)
    if form.is_valid():
        answering.accept_contact(by=request.viewer, question=entry, at=request.at, **form.cleaned_data)
        messages.success(request, "The contact is given to the person who asked, for two weeks.")
        return redirect("contact_questions")
    context = {"form": form, "question": question}
    return render(request, "brokering/accept.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def decline(request: ViewerRequest, entry: int) -> HttpResponse:
    """Asks first; then no contact is given."""
    if request.method == "POST":
        answering.decline_contact(by=request.viewer, question=entry, at=request.at)
        messages.success(request, "Declined. Nobody but the broker is told, and nobody is told why.")
        return redirect("contact_questions")
    question = answering.read_question(by=request.viewer, question=entry, at=request.at)
    return render(request, "brokering/decline.html", {"question": question})

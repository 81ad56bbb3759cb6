"""We work with this child: one question a page, then all answers to check, then it is recorded (SEN-2)."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contactpoint.directory.sensitive.actions import (
    check_consent,
    check_work,
    insist_provider,
    record_sensitive_involvement,
)
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import add_refusal, sent, to_date
from contactpoint.web.sensitive.draft import (
    Answers,
    find_missing,
    forget_answers,
    keep_answers,
    load_answers,
    to_consent,
)
from contactpoint.web.sensitive.forms import (
    AnswerForm,
    BasisForm,
    GiverForm,
    ReceiptForm,
    WorkForm,
    offered_review,
)
from contactpoint.web.sensitive.words import say_answers

Judge = Callable[[AnswerForm, Answers], None]


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def ask_basis(request: ViewerRequest, token: str) -> HttpResponse:
    """Consent, or significant harm?"""
    return _ask(request, token, BasisForm, "basis")


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def ask_giver(request: ViewerRequest, token: str) -> HttpResponse:
    """Who gave consent?"""
    return _ask(request, token, GiverForm, "giver")


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def ask_receipt(request: ViewerRequest, token: str) -> HttpResponse:
    """Who obtained it, when, and until when does it count?"""

    def judge(form: AnswerForm, answers: Answers) -> None:
        if isinstance(form, ReceiptForm):
            check_consent(consent=form.to_consent(given_by=answers.get("given_by", "")), at=request.at)

    return _ask(
        request, token, ReceiptForm, "receipt", judge=judge, offered=offered_review(request.at.date())
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def ask_work(request: ViewerRequest, token: str) -> HttpResponse:
    """Your role, and since when?"""

    def judge(form: AnswerForm, _: Answers) -> None:
        given = form.cleaned_data
        check_work(role=given["role"], started_on=to_date(given["started_on"]), at=request.at)

    return _ask(request, token, WorkForm, "work", judge=judge)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def check(request: ViewerRequest, token: str) -> HttpResponse:
    """All answers; sending them records the involvement."""
    insist_provider(by=request.viewer, at=request.at)
    known = visit.get_child(request.session, token=token)
    answers = load_answers(request.session, token=token)
    if not known.has_reason(request.at):
        return redirect("reason", token=token)
    if missing := find_missing(answers):
        return redirect(missing, token=token)
    if request.method != "POST":
        return _show_check(request, token, known, answers)
    try:
        entry = record_sensitive_involvement(
            by=request.viewer,
            child=known.number,
            role=answers["role"],
            started_on=to_date(answers["started_on"]),
            basis=answers["basis"],
            consent=to_consent(answers),
            at=request.at,
        )
    except Invalid as refusal:  # a date that was right when it was typed, and is not any more
        return _show_check(request, token, known, answers, problem=str(refusal))
    forget_answers(request.session)
    messages.success(request, "Your service’s involvement is recorded. Nobody else sees who you are.")
    return redirect("sensitive_entry", entry=entry)


def _show_check(
    request: ViewerRequest, token: str, known: visit.Known, answers: Answers, problem: str = ""
) -> HttpResponse:
    context = {"known": known, "token": token, "answered": say_answers(answers), "problem": problem}
    return render(request, "sensitive/check.html", context, status=400 if problem else 200)


def _ask(
    request: ViewerRequest,
    token: str,
    kind: type[AnswerForm],
    question: str,
    *,
    judge: Judge = lambda form, answers: None,
    offered: Answers | None = None,
) -> HttpResponse:
    """One question; the answer is kept sealed, and the next question without an answer follows."""
    insist_provider(by=request.viewer, at=request.at)
    known = visit.get_child(request.session, token=token)
    if not known.has_reason(request.at):
        return redirect("reason", token=token)
    answers = load_answers(request.session, token=token)
    form = kind(sent(request), offered={**(offered or {}), **answers})
    if form.is_valid() and _is_usable(form, answers, judge):
        keep_answers(request.session, token=token, answers=form.cleaned_data)
        missing = find_missing(load_answers(request.session, token=token))
        return redirect(missing or "sensitive_check", token=token)
    context = {"form": form, "known": known, "token": token}
    return render(request, f"sensitive/{question}.html", context, status=400 if form.errors else 200)


def _is_usable(form: AnswerForm, answers: Answers, judge: Judge) -> bool:
    try:
        judge(form, answers)
    except Invalid as refusal:
        add_refusal(form, refusal)
    return form.is_valid()

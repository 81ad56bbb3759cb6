"""The training, for whoever is signed in: what they passed, what to read, and the questions (ACC-3, ACC-11).

Open to those whose access is not complete, since it is one of the parts that may be missing.
"""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.access.actions.training import Unanswered, answer_quiz
from contactpoint.access.models import Account
from contactpoint.access.queries import NotCleared, get_viewer
from contactpoint.access.queries.training import OwnModule, draw_quiz, get_module, list_own_training
from contactpoint.access.sign_in import actor_of


@login_required
@require_safe
def own_training(request: HttpRequest) -> HttpResponse:
    """Every module, and how far one is."""
    account, at = _who(request)
    modules = list_own_training(account_id=account.pk, at=at)
    context = {"account": account, "modules": modules, "is_incomplete": _is_incomplete(account, at)}
    return render(request, "account/own_training.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take_training(request: HttpRequest, module: str) -> HttpResponse:
    """What to read, then five questions; the answer says which were missed, and why."""
    account, at = _who(request)
    own = _own(account, module, at)
    if request.method != "POST" and not own.may_try:
        return redirect("own_training")
    quiz = draw_quiz(account_id=account.pk, module=own.module)
    context = {"account": account, "own": own, "quiz": quiz, "is_incomplete": _is_incomplete(account, at)}
    if request.method != "POST":
        return render(request, "account/training_quiz.html", context)
    answers = {key: str(value) for key, value in request.POST.items()}
    attempt = answers.get("attempt", "")
    try:
        outcome = answer_quiz(
            account_id=account.pk,
            module=own.module,
            attempt=int(attempt) if attempt.isascii() and attempt.isdigit() and len(attempt) < 6 else 0,
            answers=answers,
            actor=actor_of(request, account),
            at=at,
        )
    except Unanswered as refusal:
        context |= {"errors": dict(refusal.parts), "answers": answers}
        return render(request, "account/training_quiz.html", context, status=400)
    context |= {"own": _own(account, module, at), "outcome": outcome}
    context |= {"is_incomplete": _is_incomplete(account, at)}
    return render(request, "account/training_outcome.html", context)


def _own(account: Account, key: str, at: datetime) -> OwnModule:
    module = get_module(key=key)
    return next(each for each in list_own_training(account_id=account.pk, at=at) if each.module == module)


def _who(request: HttpRequest) -> tuple[Account, datetime]:
    assert isinstance(request.user, Account)  # noqa: S101  login_required saw to it
    return request.user, request.at  # type: ignore[attr-defined]


def _is_incomplete(account: Account, at: datetime) -> bool:
    """Then the page has no navigation."""
    try:
        get_viewer(account_id=account.pk, at=at)
    except NotCleared:
        return True
    return False

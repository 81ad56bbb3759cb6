"""Passing the training, module by module (ACC-3, ACC-11): in the quiz here, or from a provider's file.

The training counts once every module is passed, and lapses with the first that does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from contactpoint.access.models import Clearance, QuizAttempt, TrainingResult
from contactpoint.access.policies import ENGLAND
from contactpoint.access.queries.training import Asked, draw_quiz, find_best, list_own_training
from contactpoint.access.training.modules import MODULES, PASS_MARK, YEARS, Module
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict, Invalid


class Unanswered(Invalid):
    """A question has no answer; the attempt does not count."""


class MayNotTry(Conflict):
    """No attempt is left for now, or none is needed, or this one was sent before."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`missed` are the questions to learn from; `is_complete`: every module is passed now."""

    right: int
    passed: bool
    missed: tuple[Asked, ...]
    is_complete: bool


def answer_quiz(
    *, account_id: int, module: Module, attempt: int, answers: Mapping[str, str], actor: Actor, at: datetime
) -> Outcome:
    """Judge one attempt of whoever is signed in; answers by the question's key.

    Raises Unanswered (nothing counts then) and MayNotTry (logged).
    """
    with transaction.atomic(durable=True):
        Clearance.objects.select_for_update().get(account=account_id)  # two windows wait for each other
        quiz = draw_quiz(account_id=account_id, module=module)
        own = next(each for each in list_own_training(account_id=account_id, at=at) if each.module == module)
        refusal = "" if own.may_try else "retry-limit"
        refusal = refusal if attempt == quiz.attempt else "sent-before"
        outcome = None if refusal else _judge(quiz.asked, answers)
        if outcome is not None:
            outcome = _keep(account_id, module, outcome, at)
        record_event(
            kind=EventKind.TRAINING_ANSWERED,
            actor=actor,
            at=at,
            facts={"module": module.key, "version": module.version, **_facts(outcome, refusal)},
            refused=bool(refusal),
        )
        if outcome is not None and outcome.is_complete:
            facts: dict[str, str | int] = {"account": account_id, "part": "training"}
            record_event(kind=EventKind.ACCOUNT_CHECKED, actor=actor, at=at, facts=facts)
    if outcome is None:
        raise MayNotTry(
            "You cannot answer these questions now: they were sent before, or no attempt is left for today."
        )
    return outcome


def _facts(outcome: Outcome | None, refusal: str) -> dict[str, str | int]:
    if outcome is None:
        return {"why": refusal}
    return {"right": outcome.right, "outcome": "passed" if outcome.passed else "failed"}


def _judge(asked: tuple[Asked, ...], answers: Mapping[str, str]) -> Outcome:
    """An answer that is none of the options is no answer."""
    empty = [
        each for each in asked if answers.get(each.question.key) not in {value for value, _ in each.options}
    ]
    if empty:
        words = "Choose an answer"
        raise Unanswered(words, parts=tuple((each.question.key, words) for each in empty))
    missed = tuple(each for each in asked if answers[each.question.key] != each.right)
    right = len(asked) - len(missed)
    return Outcome(right, right >= PASS_MARK, missed, is_complete=False)


def _keep(account_id: int, module: Module, outcome: Outcome, at: datetime) -> Outcome:
    QuizAttempt.objects.create(
        account_id=account_id,
        module=module.key,
        version=module.version,
        right=outcome.right,
        passed=outcome.passed,
        at=at,
    )
    if not outcome.passed:
        return outcome
    keep_result(
        account_id=account_id,
        module=module,
        version=module.version,
        passed_on=at.astimezone(ENGLAND).date(),
        recorded_by=None,
        at=at,
    )
    return Outcome(outcome.right, True, outcome.missed, count_training(account_id=account_id))


def keep_result(
    *,
    account_id: int,
    module: Module,
    version: str,
    passed_on: date,
    recorded_by: int | None,
    at: datetime,
) -> bool:
    """Keep that a module was passed; False where that is known already. Needs its caller's transaction."""
    _, is_new = TrainingResult.objects.get_or_create(
        account_id=account_id,
        module=module.key,
        version=version,
        passed_on=passed_on,
        defaults={
            "expires_on": ends_on(passed_on=passed_on),
            "recorded_by_id": recorded_by,
            "recorded_at": at,
        },
    )
    return is_new


def ends_on(*, passed_on: date) -> date:
    """The last day on which a module passed that day counts."""
    try:
        return passed_on.replace(year=passed_on.year + YEARS)
    except ValueError:  # 29 February
        return passed_on.replace(year=passed_on.year + YEARS, day=28)


def count_training(*, account_id: int) -> bool:
    """Write the dates that decide, if every module is passed and that counts longer than what stands there.

    Needs the transaction of its caller.
    """
    results = list(TrainingResult.objects.filter(account=account_id))
    best = [find_best(results=results, module=module) for module in MODULES.values()]
    passed = [row for row in best if row is not None]
    if len(passed) < len(best):
        return False
    expires_on = min(row.expires_on for row in passed)
    clearance = Clearance.objects.select_for_update().get(account=account_id)
    if clearance.training_expires_on is not None and clearance.training_expires_on >= expires_on:
        return False
    clearance.training_passed_on = max(row.passed_on for row in passed)
    clearance.training_expires_on = expires_on
    clearance.save(update_fields=["training_passed_on", "training_expires_on"])
    return True

"""What somebody has passed of the training, and the questions of their next attempt (ACC-3, ACC-11).

An attempt's questions follow from its number, so that coming back to the page brings the same ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from contactpoint.access.models import QuizAttempt, TrainingResult
from contactpoint.access.policies import ENGLAND
from contactpoint.access.training.modules import ASKED, MODULES, Module
from contactpoint.access.training.records import Question
from contactpoint.errors import NotFound

TRIES = 3
WITHIN = timedelta(hours=24)
RENEW_BEFORE = timedelta(days=60)


class NoSuchModule(NotFound):
    """The training has no module of that name."""


@dataclass(frozen=True, slots=True)
class OwnModule:
    """How far somebody is with a module. `again_at` is when the next attempt may be, None where now."""

    module: Module
    passed_on: date | None
    expires_on: date | None
    is_current: bool
    is_renewable: bool
    tries_left: int
    again_at: datetime | None

    @property
    def may_try(self) -> bool:
        return self.tries_left > 0 and (not self.is_current or self.is_renewable)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of an attempt; each option is a value to send and its words."""

    question: Question
    options: tuple[tuple[str, str], ...]
    right: str


@dataclass(frozen=True, slots=True)
class Quiz:
    """The questions of one attempt."""

    module: Module
    attempt: int
    asked: tuple[Asked, ...]


def get_module(*, key: str) -> Module:
    """Raises NoSuchModule."""
    if key not in MODULES:
        raise NoSuchModule("The training has no such module.")
    return MODULES[key]


def list_own_training(*, account_id: int, at: datetime) -> tuple[OwnModule, ...]:
    """Every module, in the order in which they are taught."""
    results = list(TrainingResult.objects.filter(account=account_id))
    attempts = list(QuizAttempt.objects.filter(account=account_id, at__gt=at - WITHIN).order_by("at"))
    return tuple(_own(module, results, attempts, at) for module in MODULES.values())


def find_best(*, results: Iterable[TrainingResult], module: Module) -> TrainingResult | None:
    """The result of this module that counts longest, of a version that still counts."""
    counting = [row for row in results if row.module == module.key and row.version in module.versions]
    return max(counting, key=lambda row: (row.expires_on, row.passed_on), default=None)


def draw_quiz(*, account_id: int, module: Module) -> Quiz:
    """The next attempt's questions and the order of their answers, the same until it is answered."""
    attempt = QuizAttempt.objects.filter(account=account_id, module=module.key).count() + 1
    seed = f"{account_id}/{module.key}/{module.version}/{attempt}"
    drawn = sorted(module.questions, key=lambda question: _mark(seed, question.key))[:ASKED]
    return Quiz(module, attempt, tuple(_ask(question, seed) for question in drawn))


def _ask(question: Question, seed: str) -> Asked:
    options = {text: _mark(seed, question.key, text)[:12] for text in (question.right, *question.wrong)}
    ordered = sorted((value, text) for text, value in options.items())
    return Asked(question, tuple(ordered), options[question.right])


def _mark(*parts: str) -> str:
    return sha256("/".join(parts).encode()).hexdigest()


def _own(
    module: Module, results: list[TrainingResult], attempts: list[QuizAttempt], at: datetime
) -> OwnModule:
    best = find_best(results=results, module=module)
    on = at.astimezone(ENGLAND).date()
    failed = [each.at for each in attempts if each.module == module.key and not each.passed]
    left = max(0, TRIES - len(failed))
    return OwnModule(
        module=module,
        passed_on=best.passed_on if best else None,
        expires_on=best.expires_on if best else None,
        is_current=best is not None and best.expires_on >= on,
        is_renewable=best is not None and best.expires_on - on <= RENEW_BEFORE,
        tries_left=left,
        again_at=None if left else failed[-TRIES] + WITHIN,
    )

"""The training: what it takes to pass, how often one may try, and for how long it counts (ACC-3, ACC-11)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

import pytest

from contactpoint.access.actions.importing_training import import_training
from contactpoint.access.actions.inviting_many import UnusableFile
from contactpoint.access.actions.tidying import warn_and_tidy
from contactpoint.access.actions.training import MayNotTry, Outcome, Unanswered, answer_quiz, ends_on
from contactpoint.access.models import Account, Clearance, QuizAttempt, TrainingResult
from contactpoint.access.queries import NotCleared, get_viewer
from contactpoint.access.queries.training import draw_quiz, list_own_training
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.access.training.modules import ASKED, MODULES, PASS_MARK, Module
from contactpoint.audit.queries import find_events_of_account
from contactpoint.audit.records import Actor, Event
from tests.factories import make_cleared_account, make_organisation, make_viewer

DAY = timedelta(days=1)
HEAD = "email,module,version,passed_on\n"
LOOKING = MODULES["looking"]
Answer = Callable[..., Outcome]


@pytest.fixture
def lapsed(db: None, now: datetime) -> Account:
    """Cleared in everything but the training, which ended yesterday."""
    account = make_cleared_account(at=now, email="lee@bridgelane.example", name="Lee Marsh")
    on = now.date()
    Clearance.objects.filter(account=account).update(
        training_passed_on=on - 366 * DAY, training_expires_on=on - DAY
    )
    return account


@pytest.fixture
def answer(lapsed: Account, now: datetime) -> Answer:
    return partial(send, lapsed, at=now)


def send(account: Account, module: Module, *, at: datetime, wrong: int = 0, attempt: int = 0, **changes: str) -> Outcome:  # fmt: skip
    """All right but the first `wrong` ones."""
    quiz = draw_quiz(account_id=account.pk, module=module)
    answers = {each.question.key: each.right for each in quiz.asked}
    for each in quiz.asked[:wrong]:
        answers[each.question.key] = next(value for value, _ in each.options if value != each.right)
    actor = Actor(account.pk, account.organisation_id, "web")
    given = {**answers, **changes}
    return answer_quiz(account_id=account.pk, module=module, attempt=attempt or quiz.attempt, answers=given, actor=actor, at=at)  # fmt: skip


def may_act(account: Account, at: datetime) -> bool:
    try:
        return bool(get_viewer(account_id=account.pk, at=at))
    except NotCleared:
        return False


def log_of(account_id: int, now: datetime, kind: str) -> list[Event]:
    events = find_events_of_account(account_id=account_id, since=now - DAY)
    return [each for each in reversed(events) if each.kind == kind]


def test_the_quiz_asks_what_it_can_and_only_one_answer_is_right() -> None:
    """ACC-11."""
    assert {len(module.questions) > ASKED > PASS_MARK for module in MODULES.values()} == {True}
    questions = [question for module in MODULES.values() for question in module.questions]
    assert len({question.key for question in questions}) == len(questions)
    assert {len({question.right, *question.wrong}) for question in questions} == {4}


@pytest.mark.parametrize(("wrong", "passed"), [(0, True), (1, True), (2, False), (5, False)])
def test_four_of_five_pass(answer: Answer, wrong: int, passed: bool) -> None:
    """ACC-3: and who missed one is told why."""
    outcome = answer(LOOKING, wrong=wrong)
    assert (outcome.passed, outcome.right, len(outcome.missed)) == (passed, 5 - wrong, wrong)
    assert TrainingResult.objects.count() == passed


def test_training_counts_once_every_module_is_passed(answer: Answer, lapsed: Account, now: datetime) -> None:
    """ACC-3: at the next request, for a year."""
    done = []
    for module in MODULES.values():
        assert not may_act(lapsed, now)
        done.append(answer(module).is_complete)
    assert done == [False, False, True]
    assert may_act(lapsed, now)
    last = ends_on(passed_on=now.date())
    assert Clearance.objects.get(account=lapsed).training_expires_on == last
    assert log_of(lapsed.pk, now, "account-checked")[-1].facts == {"account": lapsed.pk, "part": "training"}
    events = log_of(lapsed.pk, now, "training-answered")
    assert [each.facts["outcome"] for each in events if each.facts] == ["passed"] * 3


def test_it_lapses_with_the_first_module_that_does(answer: Answer, lapsed: Account, now: datetime) -> None:
    """ACC-3."""
    early = now - 30 * DAY
    send(lapsed, LOOKING, at=early)
    for module in MODULES.values():
        if module != LOOKING:
            answer(module)
    clearance = Clearance.objects.get(account=lapsed)
    assert clearance.training_expires_on == ends_on(passed_on=early.date())
    assert clearance.training_passed_on == now.date()


def test_a_date_entered_by_hand_is_never_shortened(db: None, now: datetime) -> None:
    """ACC-3."""
    account = make_cleared_account(at=now)
    later = now.date() + 400 * DAY
    Clearance.objects.filter(account=account).update(training_expires_on=later)
    for module in MODULES.values():
        send(account, module, at=now)
    assert Clearance.objects.get(account=account).training_expires_on == later


def test_three_failures_in_a_day_and_then_wait(answer: Answer, lapsed: Account, now: datetime) -> None:
    """ACC-11: refused and logged; another module may still be tried."""
    for hour in range(3):
        answer(LOOKING, wrong=3, at=now + timedelta(hours=hour))
    (own, *others) = list_own_training(account_id=lapsed.pk, at=now + timedelta(hours=3))
    assert (own.tries_left, own.again_at, own.may_try) == (0, now + DAY, False)
    assert {other.may_try for other in others} == {True}
    with pytest.raises(MayNotTry):
        answer(LOOKING, at=now + timedelta(hours=3))
    refused = log_of(lapsed.pk, now, "training-answered")[-1]
    assert (refused.refused, refused.facts and refused.facts["why"]) == (True, "retry-limit")
    assert answer(LOOKING, at=now + DAY).passed


def test_an_attempt_counts_once_and_asks_the_same_until_it_is_sent(answer: Answer, lapsed: Account) -> None:
    """ACC-11: loading the page anew is not another draw; sending it twice is one attempt."""
    first = draw_quiz(account_id=lapsed.pk, module=LOOKING)
    assert draw_quiz(account_id=lapsed.pk, module=LOOKING) == first
    answer(LOOKING, wrong=5)
    with pytest.raises(MayNotTry):
        answer(LOOKING, attempt=1)
    assert draw_quiz(account_id=lapsed.pk, module=LOOKING) != first
    assert QuizAttempt.objects.count() == 1


def test_an_answer_that_is_none_of_the_options_is_no_attempt(answer: Answer, lapsed: Account) -> None:
    """ACC-11."""
    key = draw_quiz(account_id=lapsed.pk, module=LOOKING).asked[0].question.key
    for value in ("", "0", "<script>"):
        with pytest.raises(Unanswered) as refusal:
            answer(LOOKING, **{key: value})
        assert [about for about, _ in refusal.value.parts] == [key]
    assert not QuizAttempt.objects.exists()


def test_a_passed_module_is_renewed_only_near_its_end(answer: Answer, now: datetime) -> None:
    """ACC-3."""
    answer(LOOKING)
    with pytest.raises(MayNotTry):
        answer(LOOKING, at=now + 300 * DAY)
    answer(LOOKING, at=now + 310 * DAY)
    assert TrainingResult.objects.count() == 2


def test_attempts_are_forgotten_after_a_year_and_results_are_not(answer: Answer, now: datetime) -> None:
    """AUD-8: nothing is kept of how often somebody failed years ago."""
    answer(LOOKING)
    warn_and_tidy(by=Actor(None, None, "worker"), at=now + 366 * DAY)
    assert (QuizAttempt.objects.count(), TrainingResult.objects.count()) == (0, 1)


@pytest.fixture
def rowan(db: None, now: datetime) -> Viewer:
    return make_viewer(at=now, roles=(Role.ACCOUNT_MANAGER,), name="Rowan Hale", email="rowan@bridgelane.example")  # fmt: skip


def test_every_module_by_file_lets_somebody_in(rowan: Viewer, lapsed: Account, now: datetime) -> None:
    """ACC-3: in either way of writing a date; sending it again changes nothing."""
    on = now.date() - 10 * DAY
    rows = [f"Lee@bridgelane.example,{key},2026-1,{on:%d/%m/%Y}\n" for key in ("looking", "Hidden")]
    rows.append(f"lee@bridgelane.example,recording,2026-1,{on.isoformat()}\n")
    receipts = import_training(text=HEAD + "".join(rows), by=rowan, at=now)
    assert [(each.row, each.outcome) for each in receipts] == [(2, "Recorded"), (3, "Recorded"), (4, "Recorded")]  # fmt: skip
    assert may_act(lapsed, now)
    assert Clearance.objects.get(account=lapsed).training_expires_on == ends_on(passed_on=on)
    again = import_training(text="\ufeff" + HEAD + "".join(rows), by=rowan, at=now)
    assert {each.outcome for each in again} == {"Recorded already; nothing was changed."}
    assert TrainingResult.objects.count() == 3
    imported = log_of(rowan.account_id, now, "training-imported")
    assert [each.facts for each in imported] == [{"rows": 3, "recorded": 3}, {"rows": 3, "recorded": 0}]


GOOD = ("lee@bridgelane.example", "looking", "2026-1", "2026-09-01")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("lee@bridgelane.example,looking,2026-1,", "Missing: passed on"),
        (",,2026-1,2026-09-01", "Missing: email, module"),
        ("=HYPERLINK(1),looking,2026-1,2026-09-01", "like a formula"),
        ("lee@bridgelane.example,looking,2026-1,@SUM(1)", "like a formula"),
        ("lee@bridgelane.example,look\u0007ing,2026-1,2026-09-01", "cannot be shown"),
        ("l" * 300 + "@x,looking,2026-1,2026-09-01", "too long"),
        ("lee,looking,2026-1,2026-09-01", "is not one"),
        ("lee@bridgelane.example,cooking,2026-1,2026-09-01", "no such module"),
        ("lee@bridgelane.example,looking,2009-1,2026-09-01", "does not count"),
        ("lee@bridgelane.example,looking,2026-1,31/02/2026", "must be like"),
        ("lee@bridgelane.example,looking,2026-1,9/1/26", "must be like"),
        ("lee@bridgelane.example,looking,2026-1,٢٠٢٦-٠٩-٠١", "must be like"),
        ("lee@bridgelane.example,looking,2026-1,2999-01-01", "future"),
        ("lee@bridgelane.example,looking,2026-1,2020-01-01", "so long ago"),
        ("nobody@bridgelane.example,looking,2026-1,2026-09-01", "you answer for"),
        ("rowan@bridgelane.example,looking,2026-1,2026-09-01", "your own checks"),
        ("lee@bridgelane.example,looking,2026-1", "3 cells instead of 4"),
        ("lee@bridgelane.example,looking,2026-1,2026-09-01,more", "5 cells instead of 4"),
        (",".join(GOOD).upper(), "in the file before"),
    ],
    ids=str,
)
def test_a_row_that_is_wrong_is_told_so_and_the_others_are_recorded(rowan: Viewer, lapsed: Account, now: datetime, row: str, words: str) -> None:  # fmt: skip
    """ACC-3: nothing is lost, and each receipt has the line of the file."""
    after = "lee@bridgelane.example,hidden,2026-1,2026-09-01"
    receipts = import_training(text="\n".join([HEAD + ",".join(GOOD), "", row, after]), by=rowan, at=now)
    assert [each.row for each in receipts] == [2, 4, 5]
    assert [each.is_recorded for each in receipts] == [True, False, True]
    assert words in receipts[1].outcome
    assert TrainingResult.objects.count() == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEAD,
        "email;module;version;passed_on\na;b;c;d\n",
        "email,module,version\na,b,c\n",
        "email,email,module,version,passed_on\na,a,b,c,d\n",
        HEAD.encode("utf-16-le").decode(),
        HEAD + 'a,"b,c,d\n',
        HEAD + "a,b,c,d\n" * 501,
    ],
    ids=["empty", "no rows", "semicolons", "no dates", "twice", "utf-16", "an open quote", "too many"],
)
def test_a_file_that_cannot_be_read_changes_nothing(rowan: Viewer, now: datetime, text: str) -> None:
    """ACC-3."""
    with pytest.raises(UnusableFile):
        import_training(text=text, by=rowan, at=now)
    assert not log_of(rowan.account_id, now, "training-imported")


def test_somebody_elses_people_look_like_nobody_and_the_log_has_the_refusal(rowan: Viewer, now: datetime) -> None:  # fmt: skip
    """ACC-1, SEA-6."""
    elsewhere = make_organisation(at=now, authority="301")
    make_cleared_account(at=now, organisation=elsewhere, email="far@bridgelane.example")
    rows = "far@bridgelane.example,looking,2026-1,2026-09-01\nnobody@bridgelane.example,looking,2026-1,2026-09-01\n"
    receipts = import_training(text=HEAD + rows, by=rowan, at=now)
    assert len({each.outcome for each in receipts}) == 1
    assert not TrainingResult.objects.exists()
    assert len(log_of(rowan.account_id, now, "action-refused")) == 1


def test_a_leap_day_counts_until_the_last_of_february() -> None:
    """ACC-3."""
    assert ends_on(passed_on=date(2028, 2, 29)) == date(2029, 2, 28)

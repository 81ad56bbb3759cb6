"""Training through the pages: whose has lapsed takes it here and goes on; a file brings many (ACC-3)."""

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contactpoint.access.models import Account, Clearance, TrainingResult
from contactpoint.access.queries.training import draw_quiz
from contactpoint.access.roles import Role
from contactpoint.access.training.modules import MODULES, Module
from tests.factories import make_cleared_account
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db
UPLOAD = "/people/training/upload/"


def lapse(account: Account, now: datetime) -> None:
    ended = now.date() - timedelta(days=1)
    Clearance.objects.filter(account=account).update(training_expires_on=ended)


def answers(account: Account, module: Module, *, wrong: int = 0) -> dict[str, str]:
    quiz = draw_quiz(account_id=account.pk, module=module)
    given = {each.question.key: each.right for each in quiz.asked}
    for each in quiz.asked[:wrong]:
        given[each.question.key] = next(value for value, _ in each.options if value != each.right)
    return {**given, "attempt": str(quiz.attempt)}


def send(walker: Walker, content: bytes) -> tuple[int, str]:
    file = SimpleUploadedFile("training.csv", content, content_type="text/csv")
    answer = walker.client.post(UPLOAD, {"file": file}, follow=True)
    return answer.status_code, answer.content.decode()


def test_who_is_kept_out_by_training_takes_it_and_goes_on(now: datetime, walk: MakeWalker) -> None:
    lee = walk(name="Lee Marsh")
    lapse(lee.account, now)
    assert lee.status("/") == 403
    assert "/accounts/training/" in lee.client.get("/").content.decode()
    for module in MODULES.values():
        page = lee.get(f"/accounts/training/{module.key}/")
        assert page.count('type="radio"') == 20
        status, page = lee.post(f"/accounts/training/{module.key}/", answers(lee.account, module))
        assert (status, "You passed" in page) == (200, True)
    assert "your training is complete" in page
    assert lee.status("/") == 200
    assert "You have passed every module" in lee.get("/accounts/training/")
    kinds = [kind for kind in lee.kinds() if not kind.startswith("access-refused")]
    assert kinds == ["training-answered"] * 3 + ["account-checked"]


def test_three_failures_end_it_for_today_and_the_log_has_the_refusal(now: datetime, walk: MakeWalker) -> None:
    lee = walk(name="Lee Marsh")
    module = MODULES["hidden"]
    address = f"/accounts/training/{module.key}/"
    for left in (2, 1, 0):
        status, page = lee.post(address, answers(lee.account, module, wrong=2))
        assert (status, "You did not pass" in page) == (200, True)
        assert (f"{left} more time" in page) is (left > 0)
    assert "tried three times" in lee.get(address)  # back at the list
    assert lee.post(address, answers(lee.account, module))[0] == 409
    assert lee.kinds() == ["training-answered"] * 3 + ["training-answered refused"]
    assert not TrainingResult.objects.exists()


@pytest.mark.parametrize("attempt", ["", "0", "2", "-1", "1e3", "٣", "9" * 400])
def test_what_no_page_sends_changes_nothing(now: datetime, walk: MakeWalker, attempt: str) -> None:
    lee = walk(name="Lee Marsh")
    module = MODULES["looking"]
    address = f"/accounts/training/{module.key}/"
    assert lee.status("/accounts/training/cooking/") == 404
    status, page = lee.post(address, {"attempt": "1"})
    assert (status, page.count("Choose an answer to question")) == (400, 5)
    assert lee.post(address, {**answers(lee.account, module), "attempt": attempt})[0] == 409
    assert not TrainingResult.objects.exists()


def test_a_file_from_a_provider_and_its_receipts(now: datetime, walk: MakeWalker) -> None:
    rowan = walk(name="Rowan Hale", roles=(Role.ACCOUNT_MANAGER,))
    lee = make_cleared_account(at=now, name="Lee Marsh", email="lee@bridgelane.example")
    rows = ["email,module,version,passed_on", "lee@bridgelane.example,looking,2026-1,01/09/2026"]
    rows.append('"=1+1",looking,2026-1,2026-09-01')
    status, page = send(rowan, "\r\n".join(rows).encode("utf-8-sig"))
    assert (status, "1 of 2 is recorded" in page, "like a formula" in page) == (200, True, True)
    receipts = rowan.client.get("/people/training/receipts/?as=csv").content.decode()
    assert "'=1+1,looking" in receipts
    assert TrainingResult.objects.get().account == lee
    person = rowan.get(f"/people/{lee.pk}/")
    assert "Looking a child up: passed 1 September 2026, counts until 1 September 2027" in person
    assert rowan.kinds() == ["account-checked", "training-imported"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        ("email,module,version,passed_on\nlee@bridgelane.example,looking".encode("utf-16"), "UTF-8"),
        ("email,module,version,passed_on\nzoë@x.example,looking,1,2".encode("cp1252"), "UTF-8"),
        (b"PK\x03\x04\xff\xfe", "UTF-8"),
        (b"a,b\n1,2\n", "first line"),
        (b"x" * 300_000, "larger"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_so(walk: MakeWalker, content: bytes, words: str) -> None:
    status, page = send(walk(roles=(Role.ACCOUNT_MANAGER,)), content)
    assert (status, words in page) == (400, True)


def test_a_practitioner_may_send_none_and_the_log_has_the_refusal(walk: MakeWalker) -> None:
    """ACC-8."""
    sam = walk(name="Sam Okafor")
    assert sam.status(UPLOAD) == 403
    assert send(sam, b"email,module,version,passed_on\nx@y.example,looking,2026-1,2026-09-01")[0] == 403
    assert sam.kinds() == ["action-refused refused"] * 2

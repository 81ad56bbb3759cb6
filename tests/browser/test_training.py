"""The training in the browser: read, answer, fail, pass, and a file with its receipts (ACC-3, ACC-11)."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from contactpoint.access.models import Account, Clearance
from contactpoint.access.queries.training import draw_quiz
from contactpoint.access.roles import Role
from contactpoint.access.training.modules import MODULES, Module
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.factories import PASSWORD, SECRET, make_cleared_account


def answer(page: Page, account: Account, module: Module, *, wrong: int) -> None:
    for number, each in enumerate(draw_quiz(account_id=account.pk, module=module).asked):
        words = each.question.wrong[0] if number < wrong else each.question.right
        page.get_by_label(words, exact=True).check()
    page.get_by_role("button", name="Send my answers").click()


@pytest.mark.parametrize("width", ["page", "phone_page"])
def test_training_taken_here(
    request: pytest.FixtureRequest,
    width: str,
    practitioner: Account,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: SignIn,
) -> None:
    page: Page = request.getfixturevalue(width)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    Clearance.objects.filter(account=practitioner).update(training_expires_on=yesterday)

    def look(name: str) -> None:
        check_accessible(page)
        screenshot(page, f"training-{name}-{page.viewport_size['width'] if page.viewport_size else 0}")

    sign_in(page, practitioner)
    look("kept-out")
    page.get_by_role("link", name="Take the training here").click()
    look("list")
    page.get_by_role("link", name="Begin").first.click()
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose an answer to question 5")
    look("quiz-errors")
    answer(page, practitioner, MODULES["looking"], wrong=2)
    expect(page.get_by_role("heading", level=1)).to_have_text("You did not pass this time")
    look("failed")
    for number, module in enumerate(MODULES.values()):
        page.goto(f"/accounts/training/{module.key}/")
        answer(page, practitioner, module, wrong=number % 2)
        expect(page.get_by_role("heading", level=1)).to_have_text("You passed")
    look("passed")
    page.get_by_role("button", name="Continue to ContactPoint").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Find a child")
    page.goto("/accounts/training/")
    look("all-passed")


@pytest.mark.parametrize("width", ["page", "phone_page"])
def test_training_from_a_file(
    request: pytest.FixtureRequest,
    width: str,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: SignIn,
) -> None:
    page: Page = request.getfixturevalue(width)
    now = datetime.now(UTC)
    who = {"password": PASSWORD, "totp_secret": SECRET}
    rowan = make_cleared_account(at=now, name="Rowan Hale", roles=(Role.ACCOUNT_MANAGER,), **who)
    lee = make_cleared_account(at=now, name="Lee Marsh")

    def look(name: str) -> None:
        check_accessible(page)
        screenshot(page, f"training-{name}-{page.viewport_size['width'] if page.viewport_size else 0}")

    sign_in(page, rowan)
    page.goto("/people/")
    page.get_by_role("link", name="Record training from a file").click()
    look("file")
    rows = ["email,module,version,passed_on", f"{lee.email},looking,2026-1,{now:%d/%m/%Y}"]
    rows += ["nobody@bridgelane.example,hidden,2026-1,01/02/2026", f"{lee.email},cooking,2026-1,01/02/2026"]
    page.get_by_label("The file").set_input_files(
        {"name": "training.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}
    )
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("1 of 3 is recorded")).to_be_visible()
    look("receipts")

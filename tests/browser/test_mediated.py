"""Mediated access in the browser, at both widths: find the caller, ring back, code, look, end (ACC-6)."""

import re
from datetime import UTC, datetime

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from contactpoint.access.roles import Role
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.children import AMINA, make_child
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_organisation


@pytest.mark.parametrize("width", ["page", "phone_page"])
def test_a_mediated_visit(
    request: pytest.FixtureRequest,
    width: str,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: SignIn,
) -> None:
    page: Page = request.getfixturevalue(width)
    now = datetime.now(UTC)
    make_child(AMINA, at=now)
    helpdesk = make_organisation(at=now, name="Helpdesk of the authority")
    who = {"password": PASSWORD, "totp_secret": SECRET, "roles": [Role.MEDIATOR], "organisation": helpdesk}
    mel = make_cleared_account(at=now, name="Mel Stone", **who)  # type: ignore[arg-type]
    make_cleared_account(at=now, name="Priya Shah", email="priya@bridgelane.example")

    def look(name: str) -> None:
        check_accessible(page)
        screenshot(page, f"mediated-{name}-{page.viewport_size['width'] if page.viewport_size else 0}")

    sign_in(page, mel)
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is calling?")
    page.get_by_role("button", name="Find the caller").click()
    look("find-errors")
    page.get_by_label("Work e-mail address or name").fill("priya")
    page.get_by_role("button", name="Find the caller").click()
    look("found")
    page.get_by_role("link", name="Ring back").click()
    page.get_by_role("button", name="Send the code").click()
    look("ring-back-errors")
    page.get_by_label("I rang this number myself").check()
    page.get_by_role("button", name="Send the code").click()
    page.get_by_label("Code", exact=True).fill("1")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("alert")).to_contain_text("4 more times")
    look("code-error")
    found = re.search(r"(\d{4} \d{4})", mail.outbox[-1].body)
    assert found
    page.get_by_label("Code", exact=True).fill(found[1])
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("region", name="Mediated access")).to_contain_text("For Priya Shah")
    look("search")
    page.get_by_label("Family name").fill("Khan")
    page.get_by_label("Given name").fill("Amina")
    page.get_by_label("Year", exact=True).first.fill("2016")
    page.get_by_role("button", name="Search").first.click()
    look("results")
    page.get_by_role("link", name=re.compile("Amina")).first.click()
    page.get_by_role("radio").first.check()
    look("reason")
    page.get_by_role("button", name="Open the record").click()
    expect(page.get_by_role("heading", name="What to read out")).to_be_visible()
    look("record")
    page.get_by_role("button", name="End the visit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is calling?")
    look("ended")

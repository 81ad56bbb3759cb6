"""Deciding doubtful matches in a real Chromium: wide, narrow, without JavaScript, by keyboard."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from contactpoint.access.models import Account
from contactpoint.access.roles import Role, Sector
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn, wait_for_next
from tests.children import AMINA, make_child
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_organisation
from tests.reviews import make_across, work


@pytest.fixture
def dana(live_server: object) -> Account:
    now = datetime.now(UTC)
    home = make_organisation(
        at=now, code="T", name="ContactPoint team", sector=Sector.AUTHORITY, authority="352"
    )
    return make_cleared_account(
        at=now, name="Dana Kowalska", organisation=home, roles=[Role.DATA_MANAGER], password=PASSWORD,
        totp_secret=SECRET,
    )  # fmt: skip


@pytest.mark.parametrize("width", ["page", "phone_page", "plain_page"])
def test_deciding_a_match(
    width: str, request: pytest.FixtureRequest, tmp_path: Path, dana: Account, sign_in: SignIn,
    check_accessible: CheckAccessible, screenshot: Screenshot,
) -> None:  # fmt: skip
    page: Page = request.getfixturevalue(width)
    has_scripts = width != "plain_page"

    def look(name: str) -> None:
        if has_scripts:
            check_accessible(page)
        screenshot(page, f"review-{name}-{width}")

    make_across(tmp_path, at=datetime.now(UTC))
    sign_in(page, dana)
    page.goto("/matches/")
    look("counts")
    page.get_by_role("button", name="Start with the oldest").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this the same child?")
    page.get_by_text("The same as a table").click()
    look("question")
    button = page.get_by_role("button", name="The same child")
    assert button.get_attribute("accesskey") == "s"
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Matches to decide")
    work(at=datetime.now(UTC))
    page.goto("/matches/decided/")
    look("decisions")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("Undone. The question is in the queue again")).to_be_visible()


@pytest.mark.parametrize("width", ["page", "phone_page"])
def test_joining_and_parting(
    width: str, request: pytest.FixtureRequest, sign_in: SignIn, check_accessible: CheckAccessible,
    screenshot: Screenshot,
) -> None:  # fmt: skip
    page: Page = request.getfixturevalue(width)
    now = datetime.now(UTC)
    dana = make_cleared_account(
        at=now, name="Dana Kowalska", roles=[Role.DATA_MANAGER], password=PASSWORD, totp_secret=SECRET
    )
    make_child(at=now)
    second = make_child(replace(AMINA, given_names="Zainab", nhs=""), at=now, supplier="pds")

    def look(name: str, heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        check_accessible(page)
        screenshot(page, f"review-{name}-{width}")

    sign_in(page, dana)
    page.goto("/")
    for name, value in (("given_name", "Amina"), ("family_name", "Khan"), ("birth_date", "24"),
                        ("birth_date-month", "5"), ("birth_date-year", "2016")):  # fmt: skip
        page.locator(f"#{name}").fill(value)
    page.get_by_role("main").get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Open record").first.click()
    page.get_by_label("I am worried about the child's safety or welfare").check()
    page.get_by_role("main").get_by_role("button").click()
    page.get_by_role("link", name="History of values").click()
    look("history", "History of values")
    page.get_by_role("link", name="The record", exact=True).click()
    page.get_by_role("link", name="Say which value is wrong").click()
    look("wrong", "Which value is wrong?")
    page.get_by_label("Address").first.check()
    page.get_by_role("button", name="Ask the supplier").click()
    wait_for_next(page)
    page.goto("/corrections/")
    look("corrections", "Corrections")
    page.get_by_role("link", name="the list for School census").click()
    look("corrections-one", "Corrections: School census")
    page.go_back()
    page.go_back()
    page.get_by_role("link", name="Part this record").click()
    look("part", "What is another child’s?")
    page.get_by_role("link", name="The record", exact=True).click()
    page.get_by_role("link", name="Join with another record").click()
    look("join", "Which record is the same child’s?")
    page.get_by_label("ContactPoint number of the other record").fill(str(second))
    page.get_by_role("button", name="Compare").click()
    look("two", "Are these one child?")
    page.get_by_label("We checked with people who know the child").check()
    page.get_by_role("button", name="Join them").click()
    look("changes", "Records joined and parted")

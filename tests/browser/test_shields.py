"""Shields in a real Chromium, wide and narrow: who asks, who decides; each page looked at and checked."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from contactpoint.access.models import Account
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.casework import asking
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.browser.test_journey import REASON, Walk
from tests.browser.test_sensitive import AMARA
from tests.children import make_child
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_viewer

TYPED = ("Amara", "Okafor-Lindqvist", "24", "5", "2012")


@pytest.fixture
def sam(live_server: object) -> Account:
    now = datetime.now(UTC)
    make_child(AMARA, at=now, supplier="nhs_demographics")
    return make_cleared_account(at=now, name="Sam Okafor", password=PASSWORD, totp_secret=SECRET)


@pytest.fixture
def sol(live_server: object) -> Account:
    """There is an urgent request, and a message."""
    now = datetime.now(UTC)
    child = make_child(AMARA, at=now, supplier="nhs_demographics")
    asks: Viewer = make_viewer(at=now, name="Priya Shah", job_title="Designated safeguarding lead")
    text = "They moved last night.\nThe father asks around."
    asking.request_shield(by=asks, child=child, ground="refuge", text=text, urgent=True, at=now)
    text, reply_to = "Her lunch money is short.", "0121 496 0200"
    asking.pass_message(by=asks, child=child, text=text, reply_to=reply_to, at=now)
    roles = [Role.SHIELDING_OFFICER]
    return make_cleared_account(at=now, name="Sol Hughes", roles=roles, password=PASSWORD, totp_secret=SECRET)


@pytest.fixture(params=["page", "phone_page"])
def opened(request: pytest.FixtureRequest, check_accessible: CheckAccessible, screenshot: Screenshot) -> Walk:
    page: Page = request.getfixturevalue(request.param)
    return Walk(page, check_accessible, lambda page, name: screenshot(page, f"shields-{name}"))


def test_ask_for_a_shield_and_pass_a_message(opened: Walk, sam: Account, sign_in: SignIn) -> None:
    walk, page = opened, opened.page
    sign_in(page, sam)
    walk.search(*TYPED)
    walk.follow("Open record (Amara Grace Okafor-Lindqvist)")
    page.get_by_label(REASON).check()
    walk.press("Open the record")
    walk.follow("Request a shield")
    walk.press("Send the request")
    walk.look("request-errors", "Request a shield")
    page.get_by_label("refuge or at an address").check()
    page.get_by_label("What must somebody else know").fill("They moved last night.")
    page.get_by_label("Yes: shield the record now").check()
    walk.press("Send the request")
    walk.look("record-shielded", "Amara Grace Okafor-Lindqvist")
    expect(page.get_by_role("main")).not_to_contain_text("Lime Grove")
    walk.press("Pass a message")
    walk.press("Pass the message on")
    walk.look("message-errors", "Pass a message")
    page.get_by_label("Your message").fill("She missed her appointment.")
    page.get_by_label("How is your office reached").fill("0121 496 0000")
    walk.press("Pass the message on")
    expect(page.get_by_text("Your message was passed on")).to_be_visible()


def test_an_officer_decides_reviews_and_lifts(opened: Walk, sol: Account, sign_in: SignIn) -> None:
    walk, page = opened, opened.page
    sign_in(page, sol)
    page.goto("/shielding/")
    walk.look("queue", "Shielding")
    walk.follow("Read message")
    walk.look("message", "Message about a shielded child")
    walk.press("Mark as answered")
    walk.follow("Decide")
    walk.look("request", "Request for a shield")
    page.get_by_role("button", name="Refuse").click()
    walk.look("refuse", "Refuse this request?")
    page.go_back()
    page.get_by_role("button", name="Shield the record").click()
    walk.look("confirm", "Shield this record?")
    walk.press("Shield the record")
    walk.look("queue-none", "Shielding")
    page.goto("/shielding/shields/")
    walk.look("list", "Shields")
    walk.follow("Review")
    walk.look("review", "Review this shield")
    walk.follow("Lift the shield")
    walk.look("lift", "Why is the shield lifted?")
    page.get_by_label("The danger is over").check()
    walk.press("Continue")
    walk.look("lift-check", "Lift this shield?")
    walk.press("Lift the shield")
    expect(page.get_by_text("will be lifted within a minute")).to_be_visible()
    page.goto("/shielding/apply/")
    walk.look("choose", "Which child?")

"""Shields in a real Chromium, wide and narrow: who asks, who decides; each page looked at and checked."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from contactpoint.access.models import Account
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.casework import asking
from contactpoint.directory.queries import search_children
from contactpoint.directory.records import SearchQuery
from contactpoint.intake.entries import process_entry
from contactpoint.intake.receiving import receive_entry
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.browser.test_journey import REASON, Walk
from tests.browser.test_sensitive import AMARA
from tests.children import make_child
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_viewer

BO = replace(AMARA, given_names="Bo", family_name="Tatlock", birth_date="2011-02-03")
TYPED = ("Amara", "Okafor-Lindqvist", "24", "5", "2012")


@pytest.fixture
def sam(live_server: object) -> Account:
    now = datetime.now(UTC)
    make_child(AMARA, at=now, supplier="nhs_demographics")
    return make_cleared_account(at=now, name="Sam Okafor", password=PASSWORD, totp_secret=SECRET)


@pytest.fixture
def sol(live_server: object) -> Account:
    """There is an urgent request, a message, and a row that may be about the same child."""
    now = datetime.now(UTC)
    child = make_child(AMARA, at=now, supplier="nhs_demographics")
    asks: Viewer = make_viewer(at=now, name="Priya Shah", job_title="Designated safeguarding lead")
    text = "They moved last night.\nThe father asks around."
    asking.request_shield(by=asks, child=child, ground="refuge", text=text, urgent=True, at=now)
    text, reply_to = "Her lunch money is short.", "0121 496 0200"
    asking.pass_message(by=asks, child=child, text=text, reply_to=reply_to, at=now)
    query = SearchQuery(given_name="Amara", family_name=AMARA.family_name, birth_date=AMARA.birth_date)
    search_children(viewer=asks, query=query, at=now)
    address = replace(AMARA.addresses[0], lines=("9 Elm Row",), postcode="")
    values = replace(
        AMARA,
        given_names="Amar",
        birth_date="2012-05",
        gender="",
        addresses=(address,),
        carers=(),
        school=None,
    )
    process_entry(entry_id=receive_entry(by=asks, values=values, at=now), by=asks.actor, at=now)
    roles = [Role.SHIELDING_OFFICER]
    return make_cleared_account(at=now, name="Sol Hughes", roles=roles, password=PASSWORD, totp_secret=SECRET)


@pytest.fixture(params=["page", "phone_page"])
def opened(request: pytest.FixtureRequest, check_accessible: CheckAccessible, screenshot: Screenshot) -> Walk:
    page: Page = request.getfixturevalue(request.param)
    return Walk(page, check_accessible, lambda page, name: screenshot(page, f"shields-{name}"))


def test_ask_for_a_shield_and_pass_a_message(opened: Walk, sam: Account, sign_in: SignIn) -> None:
    walk, page = opened, opened.page
    sign_in(page, sam)
    walk.follow("request a shield")
    walk.press("Continue")
    walk.look("by-number-errors", "Request a shield")
    page.goto("/")
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
    page.goto("/shielding/")
    walk.follow("Compare")
    walk.press("Continue")
    walk.look("held-row-errors", "Whose row is this?")
    page.get_by_label("It belongs to Amara").check()
    walk.press("Continue")
    expect(page.get_by_text("Your decision is kept")).to_be_visible()
    walk.follow("Shield a child without a request")
    walk.press("Continue")
    walk.look("choose-errors", "Which child?")


def test_an_officer_shields_without_a_request(opened: Walk, sol: Account, sign_in: SignIn) -> None:
    walk, page = opened, opened.page
    other = make_child(BO, at=datetime.now(UTC), supplier="nhs_demographics")
    sign_in(page, sol)
    page.goto("/shielding/apply/")
    page.get_by_label("ContactPoint number").fill(str(other))
    walk.press("Continue")
    walk.press("Shield the record")
    walk.look("apply-errors", "Shield this child?")
    page.get_by_label("could be traced").check()
    walk.press("Shield the record")
    expect(page.get_by_text("The record is shielded.")).to_be_visible()


def test_an_officer_shields_a_child_whom_nobody_else_finds_yet(
    opened: Walk, sol: Account, sign_in: SignIn
) -> None:
    """SHI-10."""
    walk, page = opened, opened.page
    make_child(BO, at=datetime.now(UTC), supplier="nhs_demographics", is_open=False)
    sign_in(page, sol)
    page.goto("/shielding/apply/")
    walk.follow("search by name and date of birth")
    walk.press("Search")
    walk.look("find-to-shield-errors", "Find a child to shield")
    page.get_by_label("Given name").fill(BO.given_names)
    page.get_by_label("Family name").fill(BO.family_name)
    year, month, day = BO.birth_date.split("-")
    for label, part in (("Day", day), ("Month", month), ("Year", year)):
        page.get_by_label(label, exact=True).fill(part)
    walk.press("Search")
    walk.look("find-to-shield", "1 possible child")
    walk.follow("Shield this child")
    page.get_by_label("could be traced").check()
    walk.press("Shield the record")
    expect(page.get_by_text("The record is shielded.")).to_be_visible()

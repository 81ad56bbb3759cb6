"""A sensitive service's own people in a real Chromium: wide, narrow, without JavaScript; pages checked."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from contactpoint.access.models import Account
from contactpoint.access.roles import Sector
from contactpoint.directory.values import Address, Carer, Place, SuppliedValues
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.browser.test_journey import REASON, Walk
from tests.children import make_child
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_organisation

NAME = "Amara Grace Okafor-Lindqvist"
AMARA = SuppliedValues(
    given_names="Amara Grace",
    family_name="Okafor-Lindqvist",
    birth_date="2012-05-24",
    gender="F",
    addresses=(Address(lines=("Flat 2", "14 Lime Grove"), town="Birmingham", postcode="B1 1AA"),),
    carers=(Carer(name="Ngozi Okafor", relationship="mother", telephone="0121 496 0999"),),
    school=Place(code="BRIDGE", started_on="2020-09-01"),
)


@pytest.fixture
def noor(live_server: object) -> Account:
    """Of a service that is sensitive; there is one child to be found."""
    now = datetime.now(UTC)
    clinic = make_organisation(
        at=now, name="Lantern House", sector=Sector.HEALTH, kind="team", sensitive_service="camhs"
    )
    make_organisation(at=now, code="BRIDGE", name="Bridge Lane School")
    make_child(AMARA, at=now, supplier="nhs_demographics")
    return make_cleared_account(
        at=now, name="Noor Ahmed", organisation=clinic, password=PASSWORD, totp_secret=SECRET
    )


@pytest.fixture(params=["wide", "narrow", "plain"])
def walk(
    request: pytest.FixtureRequest,
    noor: Account,
    sign_in: SignIn,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
) -> Walk:
    """Signed in at both widths; and without JavaScript, so without axe, which is a script."""
    name = {"wide": "page", "narrow": "phone_page", "plain": "plain_page"}[request.param]
    page: Page = request.getfixturevalue(name)
    sign_in(page, noor)
    if request.param == "plain":
        return Walk(page, lambda page: None, lambda page, name: None)
    return Walk(page, check_accessible, lambda page, name: screenshot(page, f"sensitive-{name}"))


def test_from_consent_to_receipt_review_and_withdrawal(walk: Walk) -> None:
    record(walk)
    page = walk.page
    page.get_by_role("link", name="Our service’s entries").first.click()
    walk.look("entries", "Our service’s entries")
    expect(page.get_by_text("1 consent is due for review.")).to_be_visible()
    walk.follow("See and manage")
    walk.follow("Renew: consent was given again")
    walk.press("Save the new consent")
    walk.look("renew-errors", "The new consent")
    page.go_back()
    page.go_back()
    walk.follow("We no longer work with this child")
    walk.look("end", "When did your service’s work end?")
    page.go_back()
    walk.follow("Withdraw: consent was taken back")
    walk.look("withdraw", "Withdraw this consent?")
    walk.press("Withdraw and delete")
    walk.look("entries-none", "Our service’s entries")
    expect(page.get_by_text("The entry is deleted")).to_be_visible()


def record(walk: Walk) -> None:
    """From the search to the entry, by way of the mistakes that people make."""
    page = walk.page
    today = datetime.now(UTC).date()
    given, review = today - timedelta(days=14), today + timedelta(days=20)
    walk.search("Amara", "Okafor-Lindqvist", "24", "5", "2012")
    walk.follow(f"Open record ({NAME})")
    page.get_by_label(REASON).check()
    walk.press("Open the record")
    walk.look("record", NAME)
    walk.follow("What others would see")
    walk.look("preview", "What other people would see about you")
    expect(page.get_by_role("main")).not_to_contain_text("Lantern House")
    page.go_back()
    walk.follow("Record our involvement")
    walk.press("Continue")
    walk.look("basis-errors", "On what basis do you record this?")
    page.get_by_label("Consent: the child").check()
    walk.press("Continue")
    walk.look("giver", "Who gave consent?")
    page.get_by_label("The child or young person", exact=True).check()
    walk.press("Continue")
    walk.look("receipt", "The consent receipt")
    page.get_by_label("Role of whoever obtained consent").select_option(label="Mental health practitioner")
    tomorrow = today + timedelta(days=1)
    walk.fill(
        obtained_on=str(tomorrow.day),
        obtained_on__month=str(tomorrow.month),
        obtained_on__year=str(tomorrow.year),
    )
    walk.press("Continue")
    walk.look("receipt-errors", "The consent receipt")
    expect(page.get_by_role("alert")).to_contain_text("must not be in the future")
    for name, day in (("obtained_on", given), ("review_on", review)):
        walk.fill(**{name: str(day.day), f"{name}__month": str(day.month), f"{name}__year": str(day.year)})
    walk.press("Continue")
    page.get_by_label("Your role").select_option(label="Mental health practitioner")
    walk.fill(started_on=str(given.day), started_on__month=str(given.month), started_on__year=str(given.year))
    walk.look("work", "Your work with the child")
    walk.press("Continue")
    walk.look("check", "Check your answers")
    walk.press("Record our involvement")
    walk.look("entry", "Consent receipt")

"""A new identity in a real Chromium, wide and narrow: the officer's pages and the custodian's (SHI-7)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from contactpoint.access.models import Account
from contactpoint.access.roles import Role
from contactpoint.casework.identity.carrying_out import tend
from contactpoint.casework.identity.giving import give_identity
from contactpoint.casework.identity.records import NewIdentity
from contactpoint.codes.child_number import ChildNumber
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.browser.test_journey import Walk
from tests.browser.test_sensitive import AMARA
from tests.children import US, make_child
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_viewer
from tests.feeds import NHS, load_rows
from tests.journeys.test_identity import FRESH


@pytest.fixture(params=["page", "phone_page"])
def opened(request: pytest.FixtureRequest, check_accessible: CheckAccessible, screenshot: Screenshot) -> Walk:
    page: Page = request.getfixturevalue(request.param)
    return Walk(page, check_accessible, lambda page, name: screenshot(page, f"identity-{name}"))


def account(name: str, role: Role) -> Account:
    now = datetime.now(UTC)
    return make_cleared_account(at=now, name=name, roles=[role], password=PASSWORD, totp_secret=SECRET)


@pytest.fixture
def child(live_server: object) -> ChildNumber:
    return make_child(AMARA, at=datetime.now(UTC), supplier="nhs_demographics")


def test_an_officer_gives_a_new_identity(opened: Walk, child: ChildNumber, sign_in: SignIn) -> None:
    walk, page = opened, opened.page
    sign_in(page, account("Sol Hughes", Role.SHIELDING_OFFICER))
    page.goto("/shielding/")
    walk.follow("Give a child a new identity")
    walk.look("choose", "Who gets a new identity?")
    page.get_by_label("ContactPoint number").fill("1")
    walk.press("Continue")
    walk.look("choose-error", "Who gets a new identity?")
    page.get_by_label("ContactPoint number").fill(str(child))
    walk.press("Continue")
    walk.press("Continue")
    walk.look("give-errors", "Who is the child from now on?")
    page.get_by_label("The child is adopted").check()
    page.get_by_label("Given names").fill("Amara")
    page.get_by_label("Family name").fill("Lindqvist")
    page.get_by_label("Day").fill("24")
    page.get_by_label("Month").fill("5")
    page.get_by_label("Year").fill("2012")
    page.get_by_label("Female").check()
    page.get_by_label("NHS number").fill("900 000 0001")
    page.get_by_label("No: it is a record like any other").check()
    walk.press("Continue")
    walk.look("give-refused", "Who is the child from now on?")
    page.get_by_label("NHS number").fill("900 000 0009")
    walk.press("Continue")
    walk.look("check", "Give this new identity?")
    walk.press("Seal the record and start afresh")
    walk.look("given", "Shielding")
    expect(page.get_by_text("The former record is sealed")).to_be_visible()
    page.goto("/shielding/apply/")
    page.get_by_label("ContactPoint number").fill(str(child))


def test_the_custodian_decides_and_opens_a_link(
    opened: Walk, live_server: object, sign_in: SignIn, tmp_path: Path, settings: LazySettings
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    now = datetime.now(UTC)
    number = make_child(AMARA, at=now, supplier="nhs_demographics")
    officer = make_viewer(at=now, name="Sol Hughes", roles=[Role.SHIELDING_OFFICER])
    give_identity(by=officer, child=number, identity=NewIdentity(FRESH, False), ground="adoption", at=now)
    tend(by=US, at=now)
    tend(by=US, at=now + timedelta(days=4))
    row = {
        **NHS, "GIVEN_NAMES": "Amara", "FAMILY_NAME": "Lindgren", "PREVIOUS_FAMILY_NAME": AMARA.family_name,
        "BIRTH_DATE": AMARA.birth_date,
    }  # fmt: skip
    load_rows(tmp_path, [row], at=now, supplier="nhs_demographics")
    walk, page = opened, opened.page
    sign_in(page, account("Cass Keeper", Role.SEALED_CUSTODIAN))
    page.goto("/sealed/")
    walk.look("sealed", "Sealed identities")
    walk.press("Show the other number")
    walk.look("sealed-errors", "Sealed identities")
    page.get_by_role("link", name="received").click()
    walk.press("Continue")
    walk.look("row-errors", "Whose row is this?")
    page.get_by_label("The new identity, or not known").check()
    walk.press("Continue")
    expect(page.get_by_text("Your decision is kept")).to_be_visible()
    page.get_by_label("ContactPoint number").fill(str(number))
    page.get_by_label("A court has ordered it").check()
    page.get_by_label("Reference of your case").fill("FD 26/118")
    walk.press("Show the other number")
    walk.look("link", "One child, two numbers")

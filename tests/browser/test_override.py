"""Break-glass and its investigation in a real Chromium, wide and narrow; each page looked at and checked."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from contactpoint.access.models import Account
from contactpoint.access.roles import Role
from contactpoint.casework.override.opening import override_shield
from contactpoint.directory.records import Purpose
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.browser.test_journey import REASON, Walk
from tests.browser.test_sensitive import AMARA
from tests.children import make_child
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_viewer

NAME = "Amara Grace Okafor-Lindqvist"


@pytest.fixture(params=["page", "phone_page"])
def opened(request: pytest.FixtureRequest, check_accessible: CheckAccessible, screenshot: Screenshot) -> Walk:
    page: Page = request.getfixturevalue(request.param)
    return Walk(page, check_accessible, lambda page, name: screenshot(page, f"override-{name}"))


@pytest.fixture
def dara(live_server: object) -> Account:
    now = datetime.now(UTC)
    make_child(AMARA, at=now, supplier="nhs_demographics", restricted=True)
    roles = [Role.PRACTITIONER, Role.SHIELD_OVERRIDE]
    return make_cleared_account(at=now, name="Dara Quinn", roles=roles, password=PASSWORD, totp_secret=SECRET)


@pytest.fixture
def ines(live_server: object) -> Account:
    """One case waits."""
    now = datetime.now(UTC)
    child = make_child(AMARA, at=now, supplier="nhs_demographics", restricted=True)
    who = make_viewer(at=now, name="Dara Quinn", roles=[Role.PRACTITIONER, Role.SHIELD_OVERRIDE])
    text = "She rang and hung up.\nNobody answers at school."
    override_shield(by=who, child=child, purpose=Purpose.SAFEGUARDING, text=text, at=now)
    roles = [Role.INVESTIGATOR]
    return make_cleared_account(
        at=now, name="Ines Romero", roles=roles, password=PASSWORD, totp_secret=SECRET
    )


def test_warned_then_shown_once(opened: Walk, dara: Account, sign_in: SignIn) -> None:
    walk, page = opened, opened.page
    sign_in(page, dara)
    walk.search("Amara", "Okafor-Lindqvist", "24", "5", "2012")
    walk.follow(f"Open record ({NAME})")
    page.get_by_label(REASON).check()
    walk.press("Open the record")
    walk.look("shielded", NAME)
    walk.follow("open the shielded record")
    walk.press("Open the shielded record")
    walk.look("errors", "Open a shielded record")
    page.get_by_label(REASON).check()
    page.get_by_label("Why can it not wait").fill("She rang and hung up.")
    page.get_by_label("I know that an investigation begins").check()
    walk.press("Open the shielded record")
    walk.look("record", NAME)
    expect(page.get_by_role("main")).to_contain_text("14 Lime Grove")
    page.get_by_role("link", name="Leave this record").click()
    expect(page.get_by_role("main")).not_to_contain_text("14 Lime Grove")


def test_investigated_and_closed(opened: Walk, ines: Account, sign_in: SignIn) -> None:
    walk, page = opened, opened.page
    sign_in(page, ines)
    page.goto("/investigations/")
    walk.look("cases", "Investigations")
    walk.follow("Investigate")
    expect(page.get_by_text("Nobody answers at school.")).to_be_visible()
    walk.press("Tell their line manager")
    walk.press("Suspend the account now")
    page.get_by_role("button", name="Close this case").click()
    walk.press("Close the case")
    walk.look("close-errors", "How did it end?")
    page.get_by_label("It was not justified").check()
    walk.press("Close the case")
    walk.look("cases-closed", "Investigations")

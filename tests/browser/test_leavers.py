"""Left England, died, or stays after 18, in a real Chromium, wide and narrow (REC-1, REC-9)."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from contactpoint.access.roles import Role
from contactpoint.casework.leavers.carrying_out import publish_endings
from contactpoint.casework.leavers.records import Kind, Statement
from contactpoint.casework.leavers.stating import state_ending
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.browser.test_journey import REASON, Walk
from tests.browser.test_sensitive import AMARA
from tests.children import US, make_child
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_viewer

NAME = "Amara Grace Okafor-Lindqvist"


@pytest.fixture(params=["page", "phone_page"])
def opened(request: pytest.FixtureRequest, check_accessible: CheckAccessible, screenshot: Screenshot) -> Walk:
    page: Page = request.getfixturevalue(request.param)
    return Walk(page, check_accessible, lambda page, name: screenshot(page, f"leavers-{name}"))


def test_a_death_is_confirmed_and_a_departure_recorded(
    opened: Walk, live_server: object, sign_in: SignIn
) -> None:
    now = datetime.now(UTC)
    child, other = make_child(AMARA, at=now), make_child(at=now)
    colleague = make_viewer(at=now, name="Dan Reid", roles=[Role.DATA_MANAGER])
    yesterday = (now - timedelta(days=1)).date()
    heard = Statement(Kind.DIED, yesterday, source="service")
    state_ending(by=colleague, child=other, said=heard, at=now)
    dana = make_cleared_account(
        at=now, name="Dana Kowalska", roles=[Role.DATA_MANAGER], password=PASSWORD, totp_secret=SECRET
    )
    walk, page = opened, opened.page
    sign_in(page, dana)
    page.goto("/leavers/")
    walk.look("waiting", "Left, died, or stays after 18")
    walk.press("I have seen the registration of")
    expect(page.get_by_text("The death is confirmed")).to_be_visible()
    walk.press("Record one")
    walk.press("Continue")
    walk.look("which-errors", "Left, died, or stays after 18: which child?")
    page.get_by_label("ContactPoint number").fill(str(child))
    page.get_by_label("The young person wants their record to stay").check()
    walk.press("Continue")
    walk.press("Record it")
    walk.look("stays-errors", "The young person wants their record to stay after 18")
    walk.search("Amara", "Okafor-Lindqvist", "24", "5", "2012")
    walk.follow(f"Open record ({NAME})")
    page.get_by_label(REASON).check()
    walk.press("Open the record")
    walk.follow("Record that the child has left, died")
    walk.look("choose", "What has happened?")
    page.get_by_label("The child has left England").check()
    walk.press("Continue")
    walk.press("Record it")
    walk.look("left-errors", "The child has left England")
    for label, value in (("Day", yesterday.day), ("Month", yesterday.month), ("Year", yesterday.year)):
        page.get_by_label(label, exact=True).fill(str(value))
    page.get_by_label("Intends to return within three years").check()
    walk.press("Record it")
    expect(page.get_by_text("It is recorded")).to_be_visible()
    walk.look("recorded", "Left, died, or stays after 18")
    publish_endings(by=US, at=now)
    walk.search("Amara", "Okafor-Lindqvist", "24", "5", "2012")
    walk.follow(f"Open record ({NAME})")
    page.get_by_label(REASON).check()
    walk.press("Open the record")
    expect(page.get_by_text("and intends to return within three years")).to_be_visible()
    walk.look("record", NAME)

"""A move between authorities in a real Chromium, wide and narrow (REC-6)."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from contactpoint.access.roles import Role
from contactpoint.casework.moves.deciding import propose_move
from contactpoint.directory.opening_up import open_authorities
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.browser.test_journey import Walk
from tests.browser.test_sensitive import AMARA
from tests.children import US, make_child
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_organisation, make_viewer

OTHER = "352"  # Manchester


@pytest.fixture(params=["page", "phone_page"])
def opened(request: pytest.FixtureRequest, check_accessible: CheckAccessible, screenshot: Screenshot) -> Walk:
    page: Page = request.getfixturevalue(request.param)
    return Walk(page, check_accessible, lambda page, name: screenshot(page, f"moves-{name}"))


def test_one_is_proposed_and_another_decided(opened: Walk, live_server: object, sign_in: SignIn) -> None:
    now = datetime.now(UTC)
    open_authorities(codes=[OTHER], on=now.date() - timedelta(days=30), by=US, at=now)
    mine, theirs = make_child(AMARA, at=now), make_child(at=now)
    elsewhere = make_organisation(at=now, authority=OTHER)
    dan = make_viewer(at=now, name="Dan Reid", roles=[Role.DATA_MANAGER], organisation=elsewhere)
    propose_move(by=dan, child=theirs, to=OTHER, at=now)
    dana = make_cleared_account(
        at=now, name="Dana Kowalska", roles=[Role.DATA_MANAGER], password=PASSWORD, totp_secret=SECRET
    )
    walk, page = opened, opened.page
    sign_in(page, dana)
    page.goto("/moves/")
    walk.look("list", "Moves between authorities")
    walk.press("Propose a move")
    walk.press("Propose the move")
    walk.look("propose-errors", "Propose a move")
    page.get_by_label("ContactPoint number").fill(str(mine))
    page.get_by_label("Which authority becomes responsible?").select_option("Manchester")
    walk.press("Propose the move")
    expect(page.get_by_text("The move is proposed")).to_be_visible()
    walk.look("proposed", "Moves between authorities")
    walk.press("Decide on Amina Rose Khan")
    walk.press("Continue")
    walk.look("decide-errors", "Does Amina Rose Khan move to Manchester?")
    page.get_by_label("Accept").check()
    walk.press("Continue")
    expect(page.get_by_text("Manchester is now responsible")).to_be_visible()
    walk.press("Withdraw the move of")
    expect(page.get_by_text("The proposal is withdrawn")).to_be_visible()
    walk.look("done", "Moves between authorities")

"""My profile in the browser, and what whoever opens the record sees of it (INV-2)."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from contactpoint.access.queries import get_viewer
from contactpoint.directory.actions import record_involvement
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.children import make_child
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_organisation

WHO = {"password": PASSWORD, "totp_secret": SECRET}


@pytest.mark.parametrize("width", ["page", "phone_page"])
def test_away_and_who_instead(
    request: pytest.FixtureRequest,
    width: str,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: SignIn,
) -> None:
    page: Page = request.getfixturevalue(width)
    now = datetime.now(UTC)
    child = make_child(at=now)
    home = make_organisation(at=now, name="Children’s Services, North Team", kind="team")
    sam = make_cleared_account(at=now, name="Sam Okafor", organisation=home, **WHO)
    morag = make_cleared_account(at=now, name="Morag Lane", organisation=home, job_title="Social worker")
    lee = make_cleared_account(at=now, name="Lee Marsh", **WHO)
    record_involvement(
        by=get_viewer(account_id=sam.pk, at=now),
        child=child,
        service="social_care",
        role="social_worker",
        started_on=now.date(),
        team_telephone="0121 496 0100",
        team_email="",
        at=now,
    )

    def look(name: str) -> None:
        check_accessible(page)
        screenshot(page, f"profile-{name}-{page.viewport_size['width'] if page.viewport_size else 0}")

    sign_in(page, sam)
    page.goto("/accounts/")
    page.get_by_role("link", name="My profile").click()
    look("none")
    page.get_by_role("link", name="Change (As others see you)").click()
    page.get_by_label("Team telephone number").fill("ring me")
    page.get_by_label("Team e-mail address").fill("sam@gmail.com")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("@bridgelane.example")
    look("contact-errors")
    page.get_by_label("Team telephone number").fill("0121 496 0777 ext 12")
    page.get_by_label("Team e-mail address").fill("north.duty@bridgelane.example")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Say who to ring instead").click()
    page.get_by_role("button", name="Save").click()
    look("away-errors")
    for name, day in (("First day away", now), ("Last day away", now + timedelta(days=9))):
        group = page.get_by_role("group", name=name)
        for part in ("day", "month", "year"):
            group.get_by_label(part.capitalize(), exact=True).fill(str(getattr(day, part)))
    page.get_by_label("Whom should people ring instead?").fill(morag.email)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Morag Lane, Social worker")).to_be_visible()
    look("away")
    page.context.clear_cookies()
    sign_in(page, lee)
    open_amina(page)
    expect(page.get_by_text("Ring instead: Morag Lane, Social worker").first).to_be_visible()
    look("record")


def open_amina(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Given name").fill("Amina")
    page.get_by_label("Family name").fill("Khan")
    for part, said in (("Day", "24"), ("Month", "5"), ("Year", "2016")):
        page.get_by_label(part, exact=True).fill(said)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Open record").first.click()
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Open the record").click()

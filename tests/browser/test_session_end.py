"""The warning before a session ends, in a real browser: put off, let pass, and without scripts (ACC-5)."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from contactpoint.access.models import Account, SignIn
from tests.browser.conftest import CheckAccessible, Screenshot
from tests.browser.conftest import SignIn as GoIn


def keep(screenshot: Screenshot, page: Page, name: str) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    screenshot(page, f"session-{name}-{width}")


def idle_for(account: Account, minutes: float) -> None:
    """As the server has it: last used so long ago."""
    SignIn.objects.filter(account=account).update(last_seen_at=datetime.now(UTC) - timedelta(minutes=minutes))


@pytest.mark.parametrize("width", ["page", "phone_page"])
def test_somebody_is_warned_and_stays(
    request: pytest.FixtureRequest,
    width: str,
    practitioner: Account,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: GoIn,
) -> None:
    page: Page = request.getfixturevalue(width)
    sign_in(page, practitioner)
    page.clock.install()
    page.goto("/")
    page.get_by_label("Family name").fill("Kahn")
    warning = page.get_by_role("dialog", name="You will be signed out soon")
    expect(warning).to_have_count(0)
    keep(screenshot, page, "line")
    idle_for(practitioner, 12.5)
    page.clock.fast_forward("12:30")
    expect(warning).to_contain_text("You will be signed out in 3 minutes")
    expect(warning.get_by_role("button", name="Stay signed in")).to_be_focused()
    check_accessible(page)
    keep(screenshot, page, "warning")
    warning.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_have_count(0)
    expect(page.get_by_label("Family name")).to_have_value("Kahn")
    idle_for(practitioner, 12.5)
    page.clock.fast_forward("12:30")
    expect(warning).to_be_visible()
    page.keyboard.press("Escape")
    expect(warning).to_have_count(0)
    used = SignIn.objects.get(account=practitioner).last_seen_at
    assert datetime.now(UTC) - used < timedelta(minutes=1)


def test_what_was_on_the_page_goes_when_the_session_ends(
    page: Page,
    practitioner: Account,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: GoIn,
) -> None:
    sign_in(page, practitioner)
    page.clock.install()
    page.goto("/accounts/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    idle_for(practitioner, 15.1)
    page.clock.fast_forward("15:05")
    expect(page.get_by_text("because you did nothing for 15 minutes")).to_be_visible()
    check_accessible(page)
    keep(screenshot, page, "ended")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_text(practitioner.name)).to_have_count(0)


def test_another_window_that_is_used_keeps_this_one_open(
    page: Page, practitioner: Account, sign_in: GoIn
) -> None:
    sign_in(page, practitioner)
    page.clock.install()
    page.goto("/accounts/")
    page.clock.fast_forward("15:05")
    page.clock.run_for(1500)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_without_scripts_the_page_goes_by_itself(
    plain_page: Page,
    practitioner: Account,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: GoIn,
) -> None:
    sign_in(plain_page, practitioner)
    plain_page.goto("/accounts/")
    expect(plain_page.locator("#session-line")).to_contain_text(
        "If you do nothing, you will be signed out at"
    )
    expect(plain_page.locator("dialog")).to_be_hidden()
    SignIn.objects.filter(account=practitioner).update(
        last_seen_at=datetime.now(UTC) - timedelta(minutes=14, seconds=58.5)
    )
    plain_page.goto("/accounts/session/over/")
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("This page was closed")
    keep(screenshot, plain_page, "closed")
    idle_for(practitioner, 15.1)
    plain_page.goto("/accounts/session/over/")
    expect(plain_page.get_by_text("because you did nothing for 15 minutes")).to_be_visible()


@pytest.mark.parametrize("width", ["page", "phone_page"])
def test_where_somebody_is_signed_in(
    request: pytest.FixtureRequest,
    width: str,
    plain_page: Page,
    practitioner: Account,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: GoIn,
) -> None:
    page: Page = request.getfixturevalue(width)
    sign_in(plain_page, practitioner)
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("Find a child")
    sign_in(page, practitioner)
    expect(page.get_by_text("You were still signed in elsewhere (Chrome on Linux)")).to_be_visible()
    check_accessible(page)
    keep(screenshot, page, "told")
    page.goto("/accounts/")
    page.get_by_role("link", name="Where you are signed in").click()
    expect(page.get_by_role("heading", name="Here, now")).to_be_visible()
    expect(page.get_by_text("you signed in somewhere else")).to_be_visible()
    check_accessible(page)
    keep(screenshot, page, "places")
    plain_page.goto("/")
    expect(plain_page.get_by_text("your account signed in somewhere else")).to_be_visible()
    keep(screenshot, plain_page, "elsewhere")

"""Signing in with a real browser, wide and narrow, with and without JavaScript."""

from datetime import UTC, datetime

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Page, expect

from contactpoint.access.models import Account
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.factories import PASSWORD, SECRET, make_cleared_account

PAGES_OF_AN_ACCOUNT = {
    "account": "/accounts/",
    "password": "/accounts/password/change/",
    "sign-out": "/accounts/logout/",
    "prove-by-password": "/accounts/reauthenticate/",
    "prove-by-code": "/accounts/2fa/reauthenticate/",
}
PAGES_FOR_EVERYBODY = {
    "privacy": "/privacy/",
    "who-can-see-what": "/who-can-see-what/",
    "accessibility": "/accessibility/",
    "not-found": "/nowhere/",
}


@pytest.fixture(params=["wide", "narrow"])
def any_page(request: pytest.FixtureRequest) -> Page:
    """The same at both widths."""
    return request.getfixturevalue("page" if request.param == "wide" else "phone_page")  # type: ignore[no-any-return]


def keep(screenshot: Screenshot, page: Page, name: str) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    screenshot(page, f"sign-in-{name}-{width}")


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1])))


def test_both_factors_and_what_goes_wrong(
    any_page: Page,
    practitioner: Account,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: SignIn,
) -> None:
    page = any_page
    page.goto("/accounts/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_text("Computer Misuse Act 1990")).to_be_visible()
    check_accessible(page)
    keep(screenshot, page, "password")
    page.get_by_label("E-mail address").fill(practitioner.email)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("is not correct")
    check_accessible(page)
    keep(screenshot, page, "password-wrong")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_title("Error: Enter your code – ContactPoint")
    check_accessible(page)
    keep(screenshot, page, "code-wrong")
    sign_in(page, practitioner)
    page.goto("/accounts/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def test_pages_of_ones_own_account(
    any_page: Page,
    practitioner: Account,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: SignIn,
) -> None:
    sign_in(any_page, practitioner)
    for name, address in PAGES_OF_AN_ACCOUNT.items():
        any_page.goto(address)
        check_accessible(any_page)
        keep(screenshot, any_page, name)


def test_recovery_codes_and_a_new_telephone(
    any_page: Page,
    practitioner: Account,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: SignIn,
) -> None:
    page = any_page
    sign_in(page, practitioner)
    page.goto("/accounts/2fa/recovery-codes/")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    check_accessible(page)
    keep(screenshot, page, "codes")
    page.get_by_role("button", name="Get new codes").click()
    check_accessible(page)
    keep(screenshot, page, "codes-new")
    page.goto("/accounts/2fa/replace/")
    check_accessible(page)
    page.get_by_label("Code", exact=True).fill(code_of(page.locator("#secret").inner_text().replace(" ", "")))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep your recovery codes")
    check_accessible(page)


def test_the_first_sign_in_enrols_an_authenticator(
    any_page: Page, live_server: object, check_accessible: CheckAccessible, screenshot: Screenshot
) -> None:
    page = any_page
    account = make_cleared_account(at=datetime.now(UTC), name="New Person", password=PASSWORD)
    page.goto("/accounts/login/?next=/accounts/")
    page.get_by_label("E-mail address").fill(account.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your authenticator app")
    check_accessible(page)
    keep(screenshot, page, "enrol")
    page.get_by_label("Code", exact=True).fill(code_of(page.locator("#secret").inner_text().replace(" ", "")))
    page.get_by_role("button", name="Continue").click()
    check_accessible(page)
    keep(screenshot, page, "enrol-codes")
    page.get_by_role("button", name="I have kept my codes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def test_without_javascript(plain_page: Page, practitioner: Account, sign_in: SignIn) -> None:
    sign_in(plain_page, practitioner)
    plain_page.goto("/accounts/")
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("Your account")
    plain_page.get_by_role("button", name="Sign out").click()
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_charlie_is_told_what_is_missing(
    any_page: Page,
    live_server: object,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: SignIn,
) -> None:
    charlie = make_cleared_account(
        at=datetime.now(UTC), name="Charlie", roles=(), password=PASSWORD, totp_secret=SECRET
    )
    sign_in(any_page, charlie)
    expect(any_page.get_by_role("heading", level=1)).to_have_text("Your access is not complete")
    expect(any_page.locator("#missing-parts")).to_have_text("Your account has not been given a role.")
    check_accessible(any_page)
    keep(screenshot, any_page, "not-complete")


def test_a_second_browser_ends_the_first(
    page: Page, phone_page: Page, practitioner: Account, check_accessible: CheckAccessible, sign_in: SignIn
) -> None:
    sign_in(page, practitioner)
    sign_in(phone_page, practitioner)
    page.goto("/accounts/")
    expect(page.get_by_text("your account signed in somewhere else")).to_be_visible()
    check_accessible(page)
    phone_page.goto("/accounts/")
    expect(phone_page.get_by_role("heading", level=1)).to_have_text("Your account")


def test_pages_for_everybody(
    any_page: Page, live_server: object, check_accessible: CheckAccessible, screenshot: Screenshot
) -> None:
    for name, address in PAGES_FOR_EVERYBODY.items():
        any_page.goto(address)
        check_accessible(any_page)
        keep(screenshot, any_page, name)


def test_nothing_useful_is_printed(page: Page, live_server: object) -> None:
    page.goto("/privacy/")
    page.emulate_media(media="print")
    assert not page.get_by_role("heading", level=1).is_visible()

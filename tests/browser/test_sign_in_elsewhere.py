"""Signing in by a provider in the browser: another site, a real OpenID provider, real cookies (ACC-4)."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from contactpoint.access import actions
from contactpoint.access.actions.provider_links import find_links
from contactpoint.access.factors import find_current_code
from contactpoint.access.models import Account
from contactpoint.access.queries import get_viewer
from contactpoint.access.roles import Role
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.factories import PASSWORD, SECRET, make_cleared_account

# The provider's own package and the library under it.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
FAR = re.compile(r"^https?://(?!localhost|127\.0\.0\.1)")  # the provider's style sheet
CONFIG = """
[dfe]
name = "DfE Sign-in"
issuer = "{issuer}"
client_id = "contactpoint"
client_secret = "any"

[cis2]
name = "NHS CIS2"
issuer = "https://127.0.0.1:9"
client_id = "contactpoint"
client_secret = "any"
"""


@pytest.fixture
def provider(tmp_path: Path, settings: Any) -> Iterator[str]:
    """Reached as 127.0.0.1, which to the browser is another site than our localhost."""
    from oidc_provider_mock import run_server_in_thread

    cache.clear()
    with run_server_in_thread(require_nonce=True) as server:
        issuer = f"http://127.0.0.1:{server.server_port}"
        path = tmp_path / "providers.toml"
        path.write_text(CONFIG.format(issuer=issuer))
        settings.SIGN_IN_PROVIDERS = str(path)
        yield issuer


@pytest.fixture(params=["wide", "narrow"])
def any_page(request: pytest.FixtureRequest) -> Page:
    """The same at both widths."""
    return request.getfixturevalue("page" if request.param == "wide" else "phone_page")  # type: ignore[no-any-return]


def there(page: Page, subject: str) -> None:
    """What the person does at the provider."""
    expect(page).to_have_url(re.compile("authorize"))
    page.get_by_placeholder("sub").fill(subject)
    page.get_by_role("button", name="Authorize").click()


def test_jo_links_signs_in_and_takes_it_back(
    page: Page,
    practitioner: Account,
    provider: str,
    sign_in: SignIn,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
) -> None:
    page.route(FAR, lambda route: route.fulfill(body="", content_type="text/css"))
    sign_in(page, practitioner)
    page.goto("/accounts/")
    check_accessible(page)
    screenshot(page, "elsewhere-account-1280")
    page.get_by_role("link", name="Link DfE Sign-in").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    check_accessible(page)
    screenshot(page, "elsewhere-link-1280")
    page.get_by_role("button", name="Continue to DfE Sign-in").click()
    there(page, "jo-at-dfe")
    expect(page.get_by_text("You can sign in with DfE Sign-in from now on")).to_be_visible()
    assert find_links(account_id=practitioner.pk) == (("dfe", "jo-at-dfe"),)
    page.get_by_role("button", name="Sign out").click()
    check_accessible(page)
    screenshot(page, "elsewhere-sign-in-1280")
    page.get_by_role("button", name="Sign in with DfE Sign-in").click()
    there(page, "jo-at-dfe")
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter your code")  # no word of two factors
    page.get_by_label("Code", exact=True).fill(find_current_code(account_id=practitioner.pk))
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.goto("/accounts/with/dfe/unlink/")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    check_accessible(page)
    screenshot(page, "elsewhere-unlink-1280")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("DfE Sign-in is not linked any more")).to_be_visible()


def test_whoever_invites_says_who_somebody_is_there(
    any_page: Page,
    provider: str,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: SignIn,
) -> None:
    now = datetime.now(UTC)
    manager = make_cleared_account(
        at=now, name="Ada Moss", roles=(Role.ACCOUNT_MANAGER,), password=PASSWORD, totp_secret=SECRET
    )
    viewer = get_viewer(account_id=manager.pk, at=now)
    invited = actions.invite_account(
        email="new@bridgelane.example",
        name="New Comer",
        organisation_id=manager.organisation_id,
        by=viewer,
        at=now,
    )
    sign_in(any_page, manager)
    any_page.goto(f"/people/{invited}/")
    any_page.get_by_role("link", name="Say who they are at a sign-in provider").click()
    any_page.get_by_role("button", name="Link").click()
    expect(any_page.get_by_role("alert").first).to_contain_text("Choose the provider")
    any_page.get_by_label("DfE Sign-in").check()
    any_page.get_by_label("Their identifier there").fill("someone@school.example")
    any_page.get_by_role("button", name="Link").click()
    expect(any_page.get_by_role("alert").first).to_contain_text("not an e-mail address")
    check_accessible(any_page)
    screenshot(any_page, f"elsewhere-say-who-{any_page.viewport_size['width']}")  # type: ignore[index]
    any_page.get_by_label("Their identifier there").fill("newcomer-at-dfe")
    any_page.get_by_role("button", name="Link").click()
    expect(any_page.get_by_text("DfE Sign-in, as newcomer-at-dfe")).to_be_visible()
    check_accessible(any_page)
    screenshot(any_page, f"elsewhere-person-{any_page.viewport_size['width']}")  # type: ignore[index]


def test_without_scripts_on_the_way_there_and_back(
    plain_page: Page, provider: str, check_accessible: CheckAccessible
) -> None:
    plain_page.route(FAR, lambda route: route.fulfill(body="", content_type="text/css"))
    plain_page.goto("/accounts/login/")
    plain_page.get_by_role("button", name="Sign in with DfE Sign-in").click()
    there(plain_page, "nobody-we-know")
    expect(plain_page.get_by_text("is not linked to a ContactPoint account")).to_be_visible()


def test_on_a_phone_somebody_unknown_and_a_provider_that_is_down(
    phone_page: Page, provider: str, check_accessible: CheckAccessible, screenshot: Screenshot
) -> None:
    phone_page.route(FAR, lambda route: route.fulfill(body="", content_type="text/css"))
    phone_page.goto("/accounts/login/")
    check_accessible(phone_page)
    screenshot(phone_page, "elsewhere-sign-in-390")
    phone_page.get_by_role("button", name="Sign in with DfE Sign-in").click()
    there(phone_page, "nobody-we-know")
    expect(phone_page.get_by_text("is not linked to a ContactPoint account")).to_be_visible()
    check_accessible(phone_page)
    screenshot(phone_page, "elsewhere-unknown-390")
    phone_page.get_by_role("button", name="Other ways to sign in").click()
    phone_page.get_by_role("button", name="Sign in with NHS CIS2").click()
    expect(phone_page.get_by_text("NHS CIS2 does not answer at the moment")).to_be_visible()
    check_accessible(phone_page)
    screenshot(phone_page, "elsewhere-down-390")

"""A real Chromium on the real service: what every browser test is given.

`page` (1280 wide), `phone_page` (390), `plain_page` (without JavaScript): each a browser of its own.
`sign_in(page, account)` goes through both factors; `check_accessible(page)` insists on WCAG 2.2 AA;
`screenshot(page, name)` keeps a picture in the folder named by CONTACTPOINT_SHOTS, if it is set.
A page that reports an error of its own or breaks the content policy fails its test.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from contactpoint.access.factors import find_current_code
from contactpoint.access.models import Account
from tests.browser.find_chromium import HOW, find_chromium
from tests.factories import PASSWORD, SECRET, make_cleared_account

HERE = Path(__file__).parent
AXE = HERE.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# A click returns before its navigation has begun: this marks the page that somebody is about to leave.
MARK_LEAVING = """{
const leave = isLeaving => isLeaving && document.documentElement.setAttribute("data-is-being-left", "");
addEventListener("submit", event => leave(!event.defaultPrevented));
addEventListener("click", event => {
    const link = event.target.closest?.("a[href]:not([download])");
    leave(link && !event.defaultPrevented && link.href.split("#")[0] !== location.href.split("#")[0]);
});
}"""

SignIn = Callable[[Page, Account], None]
CheckAccessible = Callable[[Page], None]
Screenshot = Callable[[Page, str], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the browser, and real commits, since the server is another thread."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True, databases=["default", "match", "owner"]))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all."""
    path = find_chromium()
    if path is None:
        pytest.fail(HOW)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@contextmanager
def opened_page(browser: Browser, url: str, *, width: int, has_scripts: bool = True) -> Iterator[Page]:
    """A page in a profile of its own. Ends with an error if the page complained."""
    context = browser.new_context(
        base_url=url, viewport={"width": width, "height": 900}, java_script_enabled=has_scripts
    )
    context.set_default_timeout(10_000)
    context.add_init_script(MARK_LEAVING)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: _note(complaints, message))
    yield page
    context.close()
    assert not complaints, complaints


def wait_for_next(page: Page) -> None:
    """What the last click led to is here, as a whole. Without JavaScript nobody can tell: expect its text."""
    expect(page.locator("html:not([data-is-being-left])")).to_be_attached(timeout=10_000)
    page.wait_for_load_state()


def _note(complaints: list[str], message: ConsoleMessage) -> None:
    """A refused or missing page is a test's business; a broken policy or script never is."""
    if message.type == "error" and "the server responded with a status of" not in message.text:
        complaints.append(message.text)


@pytest.fixture
def page(browser: Browser, live_server: object) -> Iterator[Page]:
    with opened_page(browser, str(live_server), width=1280) as opened:
        yield opened


@pytest.fixture
def phone_page(browser: Browser, live_server: object) -> Iterator[Page]:
    with opened_page(browser, str(live_server), width=390) as opened:
        yield opened


@pytest.fixture
def plain_page(browser: Browser, live_server: object) -> Iterator[Page]:
    with opened_page(browser, str(live_server), width=1280, has_scripts=False) as opened:
        yield opened


@pytest.fixture
def practitioner(live_server: object) -> Account:
    """Cleared now, with password and authenticator."""
    return make_cleared_account(at=datetime.now(UTC), name="Jo Bloggs", password=PASSWORD, totp_secret=SECRET)


@pytest.fixture
def sign_in() -> SignIn:
    """Through both factors, from wherever the page is."""

    def go_in(page: Page, account: Account) -> None:
        wait_for_next(page)
        page.goto("/accounts/login/")
        page.get_by_label("E-mail address").fill(account.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Code", exact=True).fill(find_current_code(account_id=account.pk))
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page).not_to_have_url(re.compile("/2fa/authenticate/"))

    return go_in


@pytest.fixture
def check_accessible() -> CheckAccessible:
    """No violation of WCAG 2.2 AA, no sideways scrolling, one main heading, where the last click led to."""

    def check(page: Page) -> None:
        wait_for_next(page)
        page.evaluate(AXE.read_text())
        found = page.evaluate("tags => axe.run(document, {runOnly: tags})", WCAG)["violations"]
        told = [(item["id"], [node["html"][:160] for node in item["nodes"][:3]]) for item in found]
        assert not told, f"{page.url}: {told}"
        assert page.locator("h1").count() == 1, page.url
        too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert too_wide <= 0, f"{page.url} is {too_wide} px too wide"

    return check


@pytest.fixture
def screenshot() -> Screenshot:
    """For people who look at every screen."""

    def keep(page: Page, name: str) -> None:
        folder = os.environ.get("CONTACTPOINT_SHOTS")
        if folder:
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return keep

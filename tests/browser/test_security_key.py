"""A security key with PIN: enrolled, used, refused without its PIN, found when copied, removed (ACC-4)."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import CDPSession, Page, expect

from contactpoint.access.models import Account
from contactpoint.audit.models import Event
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn, wait_for_next
from tests.factories import PASSWORD, make_cleared_account

SEND = """answer => {
    const field = document.querySelector("input[name=credential]");
    field.value = answer;
    HTMLFormElement.prototype.submit.call(field.form);
}"""


def plug_in(page: Page, *, has_pin: bool = True) -> tuple[CDPSession, str]:
    """Chromium's own virtual key."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options: dict[str, Any] = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasUserVerification": has_pin,
        "isUserVerified": has_pin,
        "automaticPresenceSimulation": True,
    }
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return cdp, str(made["authenticatorId"])


def give_password(page: Page, account: Account) -> None:
    wait_for_next(page)
    page.goto("/accounts/login/?next=/accounts/")
    page.get_by_label("E-mail address").fill(account.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Continue").click()


@pytest.fixture
def newcomer(live_server: object) -> Account:
    """Cleared, with a password and no second factor yet."""
    return make_cleared_account(at=datetime.now(UTC), name="Key Holder", password=PASSWORD)


def enrol(page: Page, account: Account) -> None:
    give_password(page, account)
    page.get_by_role("link", name="use it instead of an app").click()
    page.get_by_label("A name for the key").fill("Blue key")
    page.get_by_role("button", name="Set up this key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep your recovery codes")
    page.get_by_role("button", name="I have kept my codes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def test_a_key_enrols_and_signs_in(
    page: Page, newcomer: Account, check_accessible: CheckAccessible, screenshot: Screenshot
) -> None:
    plug_in(page)
    give_password(page, newcomer)
    page.goto("/accounts/2fa/enrol/key/")
    check_accessible(page)
    screenshot(page, "key-enrol-1280")
    enrol(page, newcomer)
    expect(page.get_by_role("link", name="Remove")).to_be_visible()
    check_accessible(page)
    screenshot(page, "key-account-1280")
    page.get_by_role("button", name="Sign out").click()
    give_password(page, newcomer)
    check_accessible(page)
    screenshot(page, "key-sign-in-1280")
    page.get_by_role("button", name="Use my security key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    with page.expect_navigation():
        page.get_by_role("link", name="Remove").click()
    page.goto("/accounts/2fa/reauthenticate/key/")
    check_accessible(page)
    screenshot(page, "key-again-1280")
    with page.expect_navigation():
        page.get_by_role("button", name="Use my security key").click()
    page.goto("/accounts/")
    page.get_by_role("link", name="Remove").click()
    check_accessible(page)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("This is your only second factor")).to_be_visible()
    assert Event.objects.filter(kind="factor-enrolled", account_id=newcomer.pk).count() == 1


def test_a_key_without_pin_is_refused(page: Page, newcomer: Account) -> None:
    plug_in(page, has_pin=False)
    give_password(page, newcomer)
    page.goto("/accounts/2fa/enrol/key/")
    expect(page.get_by_text("has no PIN")).to_be_hidden()
    page.get_by_role("button", name="Set up this key").click()
    expect(page.get_by_text("has no PIN")).to_be_visible()
    assert not Authenticator.objects.filter(user=newcomer).exists()


def test_a_wrong_pin_and_a_copied_key_are_refused_and_logged(
    page: Page, newcomer: Account, check_accessible: CheckAccessible, screenshot: Screenshot
) -> None:
    cdp, key = plug_in(page)
    enrol(page, newcomer)
    page.get_by_role("button", name="Sign out").click()
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    give_password(page, newcomer)
    expect(page.get_by_text("its PIN was wrong")).to_be_hidden()
    page.get_by_role("button", name="Use my security key").click()
    expect(page.get_by_text("its PIN was wrong")).to_be_visible()
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
    held = Authenticator.objects.get(user=newcomer, type="webauthn")
    held.data["counter"] = 1000  # another copy was used in between
    held.save()
    page.get_by_role("button", name="Use my security key").click()
    expect(page.get_by_role("alert").first).to_contain_text("The security key was not accepted")
    check_accessible(page)
    screenshot(page, "key-refused-1280")
    bodies = [bytes(row.body).decode() for row in Event.objects.filter(kind="sign-in-refused")]
    assert any('"why":"key-copied"' in body for body in bodies)


def test_a_recorded_answer_of_the_key_signs_nobody_in_again(page: Page, newcomer: Account) -> None:
    """Each question is another: who overheard an answer has nothing."""
    plug_in(page)
    enrol(page, newcomer)
    page.get_by_role("button", name="Sign out").click()
    give_password(page, newcomer)
    with page.expect_request(lambda sent: sent.method == "POST" and "/2fa/authenticate/" in sent.url) as sent:
        page.get_by_role("button", name="Use my security key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    (answer,) = parse_qs(sent.value.post_data or "")["credential"]
    page.get_by_role("button", name="Sign out").click()
    give_password(page, newcomer)
    with page.expect_navigation():
        page.evaluate(SEND, answer)
    expect(page.get_by_role("alert").first).to_contain_text("The security key was not accepted")
    bodies = [bytes(row.body).decode() for row in Event.objects.filter(kind="sign-in-refused")]
    assert sum('"why":"key"' in body for body in bodies) == 1


def test_a_key_beside_the_app(
    phone_page: Page,
    practitioner: Account,
    sign_in: SignIn,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
) -> None:
    plug_in(phone_page)
    sign_in(phone_page, practitioner)
    phone_page.goto("/accounts/2fa/keys/add/")
    phone_page.get_by_label("Your password").fill(PASSWORD)
    phone_page.get_by_role("button", name="Continue").click()
    check_accessible(phone_page)
    screenshot(phone_page, "key-add-390")
    phone_page.get_by_role("button", name="Set up this key").click()
    expect(phone_page.get_by_text("The security key is added")).to_be_visible()
    phone_page.get_by_role("link", name="Remove").click()
    phone_page.get_by_role("button", name="Remove").click()
    expect(phone_page.get_by_text("does not work any more")).to_be_visible()

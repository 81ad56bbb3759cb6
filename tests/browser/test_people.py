"""The pages of account managers, and an invited person's own way in, wide and narrow."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from contactpoint.access import actions
from contactpoint.access.actions import Criteria, merging
from contactpoint.access.models import Account
from contactpoint.access.roles import Role
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.factories import (
    PASSWORD,
    SECRET,
    make_account,
    make_cleared_account,
    make_founders,
    make_organisation,
)

NEW_PASSWORD = "violet-anchor-teapot-92"


@pytest.fixture(params=["wide", "narrow"])
def any_page(request: pytest.FixtureRequest) -> Page:
    """The same at both widths."""
    return request.getfixturevalue("page" if request.param == "wide" else "phone_page")  # type: ignore[no-any-return]


@pytest.fixture
def manager(live_server: object) -> Account:
    """An account manager of an authority's team."""
    team = make_organisation(at=datetime.now(UTC), name="ContactPoint team", kind="authority")
    return make_cleared_account(
        at=datetime.now(UTC),
        name="Ada Moss",
        job_title="Account manager",
        organisation=team,
        roles=(Role.ACCOUNT_MANAGER,),
        password=PASSWORD,
        totp_secret=SECRET,
    )


def test_pages_of_an_account_manager(
    any_page: Page,
    manager: Account,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: SignIn,
) -> None:
    now = datetime.now(UTC)
    founder, _ = make_founders(at=now)
    school = make_organisation(at=now, code="123456")
    waiting = make_account(at=now, name="Jo Teacher", organisation=school)
    make_cleared_account(at=now, name="Kit Active", organisation=school)
    bad = make_cleared_account(at=now, name="Lou Suspended", organisation=school)
    actions.suspend_account(account_id=bad.pk, by=founder, at=now)
    criteria = Criteria("Cyber Essentials Plus", now.date() + timedelta(days=200), True, "", ("a.example",))
    actions.enter_application(organisation_id=school.pk, criteria=criteria, by=founder, at=now)
    infants = make_organisation(at=now, name="Brook Infants")
    make_cleared_account(at=now, name="Mo Moving", organisation=infants)
    merging.propose_merger(organisation_id=infants.pk, into_id=school.pk, by=founder, at=now)
    sign_in(any_page, manager)
    expect(any_page.get_by_role("heading", level=1)).to_have_text("Your team’s work")
    width = any_page.viewport_size["width"] if any_page.viewport_size else 0
    for name, address in {
        "team": "/team/",
        "list": "/people/",
        "person": f"/people/{waiting.pk}/",
        "suspended": f"/people/{bad.pk}/",
        "dbs": f"/people/{waiting.pk}/dbs/",
        "role": f"/people/{waiting.pk}/role/",
        "lost-key": f"/people/{waiting.pk}/lost-key/",
        "invite": "/people/invite/",
        "organisations": "/organisations/",
        "organisation": f"/organisations/{school.pk}/",
        "evidence": f"/organisations/{school.pk}/evidence/",
        "merge": f"/organisations/{school.pk}/merge/",
        "merger": f"/organisations/{infants.pk}/",
        "register": "/organisations/new/",
        "switches": "/switches/",
        "switch": "/switches/authority/off/",
        "re-certify": "/team/re-certify/",
    }.items():
        any_page.goto(address)
        check_accessible(any_page)
        screenshot(any_page, f"people-{name}-{width}")
    any_page.goto(f"/people/{waiting.pk}/dbs/")
    any_page.get_by_role("button", name="Record the check").click()
    expect(any_page.get_by_role("alert")).to_contain_text("Choose the level")
    check_accessible(any_page)
    screenshot(any_page, f"people-dbs-wrong-{width}")


def test_an_invited_person_finishes_alone(
    any_page: Page, manager: Account, check_accessible: CheckAccessible, screenshot: Screenshot
) -> None:
    from contactpoint.access.queries import get_viewer
    from tests.browser.test_sign_in import code_of

    now = datetime.now(UTC)
    school = make_organisation(at=now, code="123456")
    by = get_viewer(account_id=manager.pk, at=now)
    made = actions.invite_account(
        email="jo@bridgelane.example", name="Jo Teacher", organisation_id=school.pk, by=by, at=now
    )
    actions.send_invitation(account_id=made, site="", by=by, at=now)
    width = any_page.viewport_size["width"] if any_page.viewport_size else 0
    link = next(line for line in mail.outbox[-1].body.splitlines() if line.startswith("/accounts/welcome/"))
    any_page.goto(link)
    check_accessible(any_page)
    screenshot(any_page, f"people-welcome-{width}")
    any_page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    any_page.get_by_label("Password, again").fill(NEW_PASSWORD)
    any_page.get_by_role("button", name="Set my password").click()
    expect(any_page.get_by_text("Your password is set")).to_be_visible()
    any_page.get_by_label("E-mail address").fill("jo@bridgelane.example")
    any_page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    any_page.get_by_role("button", name="Continue").click()
    secret = any_page.locator("#secret").inner_text().replace(" ", "")
    any_page.get_by_label("Code", exact=True).fill(code_of(secret))
    any_page.get_by_role("button", name="Continue").click()
    any_page.get_by_role("button", name="I have kept my codes").click()
    any_page.get_by_role("link", name="Read and sign the user agreement").click()
    check_accessible(any_page)
    screenshot(any_page, f"people-agreement-{width}")
    any_page.get_by_label("I, Jo Teacher, agree").check()
    any_page.get_by_role("button", name="Sign the agreement").click()
    expect(any_page.get_by_text("You have signed the agreement")).to_be_visible()


def test_a_forgotten_password(
    any_page: Page, live_server: object, check_accessible: CheckAccessible, screenshot: Screenshot
) -> None:
    any_page.goto("/accounts/login/")
    any_page.get_by_role("link", name="I have forgotten my password").click()
    check_accessible(any_page)
    any_page.get_by_label("E-mail address").fill("nobody@nowhere.example")
    any_page.get_by_role("button", name="Send the link").click()
    expect(any_page.get_by_role("heading", level=1)).to_have_text("Look in your e-mail")
    check_accessible(any_page)
    width = any_page.viewport_size["width"] if any_page.viewport_size else 0
    screenshot(any_page, f"people-forgotten-{width}")

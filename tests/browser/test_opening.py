"""The pages on which an authority opens, wide and narrow."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from contactpoint.access.queries import get_viewer
from contactpoint.access.roles import Role
from contactpoint.casework.opening import actions
from contactpoint.casework.opening.policies import Step
from contactpoint.directory.opening_up import open_authorities
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.children import US
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_organisation


@pytest.fixture(params=["wide", "narrow"])
def any_page(request: pytest.FixtureRequest) -> Page:
    """The same at both widths."""
    return request.getfixturevalue("page" if request.param == "wide" else "phone_page")  # type: ignore[no-any-return]


def test_an_authority_takes_its_first_step(
    any_page: Page,
    live_server: object,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: SignIn,
) -> None:
    now = datetime.now(UTC)
    team = make_organisation(at=now, name="ContactPoint team", kind="authority")
    roles = (Role.DATA_MANAGER, Role.BROKER, Role.INVESTIGATOR, Role.AUDITOR, Role.ACCOUNT_MANAGER)
    people = {
        role: make_cleared_account(at=now, name=f"The {role}", organisation=team, roles=(role,))
        for role in (*roles, Role.SHIELDING_OFFICER)
    }
    make_cleared_account(at=now, name="Officer Two", organisation=team, roles=(Role.SHIELDING_OFFICER,))
    ada = make_cleared_account(
        at=now,
        name="Ada Moss",
        job_title="Account manager",
        organisation=team,
        roles=(Role.ACCOUNT_MANAGER,),
        password=PASSWORD,
        totp_secret=SECRET,
    )
    open_authorities(codes=["202"], on=now.date(), by=US, at=now)
    width = any_page.viewport_size["width"] if any_page.viewport_size else 0
    sign_in(any_page, ada)
    any_page.goto("/openings/330/")
    check_accessible(any_page)
    screenshot(any_page, f"opening-ready-{width}")
    any_page.get_by_role("button", name="Propose the next step").click()
    expect(any_page.get_by_text("You proposed it: somebody else has to sign.")).to_be_visible()
    check_accessible(any_page)
    screenshot(any_page, f"opening-proposed-{width}")
    any_page.get_by_role("button", name="Drop it").click()
    officer = get_viewer(account_id=people[Role.SHIELDING_OFFICER].pk, at=now)
    actions.propose_step(code="330", step=Step.TEAM, by=officer, at=now)
    any_page.reload()
    any_page.get_by_role("button", name="Sign", exact=True).click()
    expect(any_page.get_by_text("Signed", exact=True)).to_be_visible()
    check_accessible(any_page)
    screenshot(any_page, f"opening-signed-{width}")
    any_page.get_by_role("link", name="Take a step back").click()
    any_page.get_by_role("button", name="Propose to take it back").click()
    expect(any_page.get_by_role("alert")).to_contain_text("Choose the step")
    check_accessible(any_page)
    screenshot(any_page, f"opening-back-{width}")
    any_page.goto("/openings/")
    check_accessible(any_page)
    screenshot(any_page, f"opening-national-{width}")
    any_page.get_by_label("Part of the authority’s name").fill("birm")
    any_page.get_by_role("button", name="Show").click()
    expect(any_page.get_by_role("status")).to_contain_text("1 authority shown")
    check_accessible(any_page)
    screenshot(any_page, f"opening-filtered-{width}")


def test_a_data_managers_navigation_stands_in_one_line(
    page: Page,
    live_server: object,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
    sign_in: SignIn,
) -> None:
    now = datetime.now(UTC)
    dana = make_cleared_account(
        at=now,
        name="Dana Kowalska",
        organisation=make_organisation(at=now, name="ContactPoint team", kind="authority"),
        roles=(Role.DATA_MANAGER,),
        password=PASSWORD,
        totp_secret=SECRET,
    )
    sign_in(page, dana)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    tops = page.locator(".govuk-service-navigation__item").evaluate_all(
        "items => items.map(item => item.getBoundingClientRect().top)"
    )
    assert len(tops) == 8
    assert max(tops) - min(tops) < 10
    screenshot(page, "navigation-data-manager-1280")
    page.goto("/archive/")
    expect(page.locator("[aria-current=page], [aria-current=true]")).to_have_text("Team")
    check_accessible(page)
    page.goto("/team/")
    expect(page.get_by_role("main").get_by_role("link", name="Openings")).to_be_visible()
    check_accessible(page)
    screenshot(page, "navigation-team-1280")

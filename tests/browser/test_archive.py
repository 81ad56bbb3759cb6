"""The archive and the register of disclosures in a real Chromium, wide and narrow (RET-2, FAM-4)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from contactpoint.access.models import Account
from contactpoint.access.roles import Role
from contactpoint.casework.archive.disclosing import record_disclosure
from contactpoint.casework.archive.opening import ask_for_opening
from contactpoint.casework.archive.records import Told, Whom
from contactpoint.codes.child_number import ChildNumber
from contactpoint.directory.keeping.archive import archive_due
from contactpoint.directory.keeping.policies import years_after
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.browser.test_journey import Walk
from tests.browser.test_sensitive import AMARA
from tests.children import US, make_child
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_viewer


@pytest.fixture(params=["page", "phone_page"])
def opened(request: pytest.FixtureRequest, check_accessible: CheckAccessible, screenshot: Screenshot) -> Walk:
    page: Page = request.getfixturevalue(request.param)
    return Walk(page, check_accessible, lambda page, name: screenshot(page, f"archive-{name}"))


def account(name: str, role: Role) -> Account:
    now = datetime.now(UTC)
    return make_cleared_account(at=now, name=name, roles=[role], password=PASSWORD, totp_secret=SECRET)


@pytest.fixture
def archived(live_server: object) -> ChildNumber:
    """Turned 18 last week."""
    now = datetime.now(UTC)
    born = years_after((now - timedelta(days=7)).date(), -18).isoformat()
    number = make_child(replace(AMARA, birth_date=born), at=now - timedelta(days=30))
    archive_due(by=US, at=now)
    return number


def test_a_data_manager_opens_a_record_and_enters_a_disclosure(
    opened: Walk, archived: ChildNumber, sign_in: SignIn
) -> None:
    walk, page = opened, opened.page
    sign_in(page, account("Dana Kowalska", Role.DATA_MANAGER))
    page.goto("/archive/")
    walk.look("open", "Open an archived record")
    walk.press("Open the record")
    walk.look("open-errors", "Open an archived record")
    page.get_by_label("ContactPoint number, NHS number or UPN").fill("12345")
    page.get_by_label("A section 47 enquiry").check()
    page.get_by_label("Reference of your case").fill("S47/118")
    walk.press("Open the record")
    walk.look("open-refused", "Open an archived record")
    page.get_by_label("ContactPoint number, NHS number or UPN").fill(str(archived))
    walk.press("Open the record")
    expect(page.get_by_text("It was archived on")).to_be_visible()
    walk.look("record", "Amara Grace Okafor-Lindqvist")
    page.goto("/disclosures/")
    walk.look("register-empty", "Register of disclosures")
    walk.press("Enter a disclosure")
    walk.press("Enter in the register")
    walk.look("disclose-errors", "Enter a disclosure")
    page.get_by_label("ContactPoint number").fill(str(archived))
    page.get_by_label("A court ordered it").check()
    today = datetime.now(UTC).date()
    for label, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        page.get_by_label(label, exact=True).fill(str(value))
    page.get_by_label("To whom?").fill("Birmingham Family Court")
    page.get_by_label("What was it about?").fill("Order in case FC 26/0118")
    page.get_by_label("What was released?").fill("Schools and their dates")
    page.get_by_label("Who decided?").fill("Imogen Das, head of service")
    walk.press("Enter in the register")
    expect(page.get_by_text("The disclosure is in the register")).to_be_visible()
    walk.look("register", "Register of disclosures")
    with page.expect_download() as download:
        page.get_by_label("Why do you need a file").fill("Annual report")
        page.get_by_role("button", name="Export as CSV").click()
    assert "FC 26/0118" in download.value.path().read_text()


def test_two_custodians_open_a_record(opened: Walk, archived: ChildNumber, sign_in: SignIn) -> None:
    walk, page = opened, opened.page
    now = datetime.now(UTC)
    grace = make_viewer(at=now, name="Grace Holt", roles=[Role.ARCHIVE_CUSTODIAN])
    whom = Whom(str(archived))
    ask_for_opening(
        by=grace, whom=whom, ground="practice-review", text="The panel's review.\nSpring.", at=now
    )
    sign_in(page, account("Ada Locke", Role.ARCHIVE_CUSTODIAN))
    page.goto("/archive/requests/")
    walk.look("requests", "Archive")
    walk.press("Agree to request")
    expect(page.get_by_text("You agreed")).to_be_visible()
    walk.press("Ask to open a record")
    walk.press("Ask another custodian")
    walk.look("ask-errors", "Ask to open an archived record")
    page.get_by_label("ContactPoint number, NHS number or UPN").fill(str(archived))
    page.get_by_label("A section 47 enquiry").check()
    page.get_by_label("Why is the record needed?").fill("Enquiry 9")
    walk.press("Ask another custodian")
    walk.look("asked", "Archive")


def test_an_auditor_reads_the_register(opened: Walk, archived: ChildNumber, sign_in: SignIn) -> None:
    now = datetime.now(UTC)
    dana = make_viewer(at=now, name="Dana Kowalska", roles=[Role.DATA_MANAGER])
    told = Told("West Midlands Police", "Operation Larch", "Address", "Imogen Das")
    record_disclosure(by=dana, child=archived, ground="crime", disclosed_on=now.date(), told=told, at=now)
    walk, page = opened, opened.page
    sign_in(page, account("Amina Yusuf", Role.AUDITOR))
    page.goto("/disclosures/")
    walk.look("register-auditor", "Register of disclosures")
    expect(page.get_by_role("button", name="Enter a disclosure")).to_have_count(0)

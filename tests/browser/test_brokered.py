"""Brokered contact in a real Chromium, wide and narrow: who asks, the broker, the service; pages checked."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from contactpoint.access.models import Account, Organisation
from contactpoint.access.queries import get_viewer
from contactpoint.access.roles import Role, Sector
from contactpoint.casework import asking
from contactpoint.casework.brokering.answering import accept_contact, list_questions
from contactpoint.casework.brokering.cases import ask_provider, read_case, take_case
from contactpoint.casework.brokering.requesting import request_contact
from contactpoint.codes.child_number import ChildNumber
from contactpoint.directory.sensitive.actions import record_sensitive_involvement
from contactpoint.directory.sensitive.records import Consent
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.browser.test_journey import REASON, Walk
from tests.browser.test_sensitive import AMARA
from tests.children import make_child
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_organisation, make_viewer

NAME = "Amara Grace Okafor-Lindqvist"
WHY = "She has missed three lessons.\nHer form tutor would like to talk with whoever helps her."


@dataclass(frozen=True, slots=True)
class Cast:
    child: ChildNumber
    clinic: Organisation
    sam: Account
    bea: Account
    noor: Account

    def asked(self) -> int:
        now = datetime.now(UTC)
        sam = get_viewer(account_id=self.sam.pk, at=now)
        return request_contact(by=sam, child=self.child, text=WHY, at=now - timedelta(days=3))

    def asked_of_service(self) -> None:
        now = datetime.now(UTC)
        case, bea = self.asked(), get_viewer(account_id=self.bea.pk, at=now)
        take_case(by=bea, case=case, seen=None, at=now)
        (found,) = read_case(by=bea, case=case, at=now).providers
        ask_provider(by=bea, case=case, organisation=found.organisation, service=found.service, at=now)


@pytest.fixture
def cast(live_server: object) -> Cast:
    now = datetime.now(UTC) - timedelta(days=4)
    clinic = make_organisation(
        at=now, name="Lantern House Young People’s Service", sector=Sector.HEALTH, kind="team",
        sensitive_service="camhs",
    )  # fmt: skip
    child = make_child(AMARA, at=now)
    on = now.date()
    consent = Consent("child", "mental_health_practitioner", on, on + timedelta(days=180))
    record_sensitive_involvement(
        by=make_viewer(at=now, name="Una Frost", organisation=clinic), child=child,
        role="mental_health_practitioner", started_on=date(2026, 1, 5), basis="consent", consent=consent,
        at=now,
    )  # fmt: skip

    def account(name: str, **more: object) -> Account:
        return make_cleared_account(at=now, name=name, password=PASSWORD, totp_secret=SECRET, **more)  # type: ignore[arg-type]

    return Cast(
        child=child,
        clinic=clinic,
        sam=account("Sam Okafor"),
        bea=account("Bea Lind", roles=[Role.BROKER], job_title="Broker"),
        noor=account("Noor Ahmed", organisation=clinic),
    )


@pytest.fixture(params=["page", "phone_page"])
def opened(request: pytest.FixtureRequest, check_accessible: CheckAccessible, screenshot: Screenshot) -> Walk:
    page: Page = request.getfixturevalue(request.param)
    return Walk(page, check_accessible, lambda page, name: screenshot(page, f"brokered-{name}"))


def test_ask_from_the_record_and_follow_the_request(opened: Walk, cast: Cast, sign_in: SignIn) -> None:
    walk, page = opened, opened.page
    sign_in(page, cast.sam)
    walk.search("Amara", "Okafor-Lindqvist", "24", "5", "2012")
    walk.follow(f"Open record ({NAME})")
    page.get_by_label(REASON).check()
    walk.press("Open the record")
    expect(page.get_by_text("A sensitive service is involved.")).to_be_visible()
    walk.look("record", NAME)
    walk.follow("Ask for brokered contact")
    walk.press("Send the request")
    walk.look("ask-errors", "Ask for brokered contact")
    page.get_by_label("Why do you need the contact?").fill(WHY)
    walk.press("Send the request")
    walk.look("my-requests", "My requests")
    expect(page.get_by_role("main")).to_contain_text("Received")


def test_the_contact_that_was_accepted(opened: Walk, cast: Cast, sign_in: SignIn) -> None:
    now = datetime.now(UTC)
    cast.asked_of_service()
    noor = get_viewer(account_id=cast.noor.pk, at=now)
    (question,) = list_questions(by=noor, at=now)
    given = {"ask_for": "Una Frost", "telephone": "0121 496 0500", "email": "duty@lanternhouse.example"}
    accept_contact(by=noor, question=question.id, at=now, **given)
    sam = get_viewer(account_id=cast.sam.pk, at=now)
    other = make_child(AMARA, at=now)
    asking.request_shield(by=sam, child=other, ground="refuge", text="They moved.", urgent=True, at=now)
    walk, page = opened, opened.page
    sign_in(page, cast.sam)
    page.goto("/my-requests/")
    walk.look("my-requests-given", "My requests")
    walk.follow("See the contact")
    walk.look("contact", "Brokered contact")
    expect(page.get_by_role("main")).to_contain_text("Lantern House")


def test_the_broker_takes_the_case_asks_and_closes(opened: Walk, cast: Cast, sign_in: SignIn) -> None:
    cast.asked()
    walk, page = opened, opened.page
    sign_in(page, cast.bea)
    page.goto("/brokering/")
    walk.look("cases", "Brokered contact")
    expect(page.get_by_role("main")).to_contain_text("3 days")
    walk.follow("Open")
    walk.press("Take this case")
    expect(page.get_by_text("The case is yours.")).to_be_visible()
    walk.press("Ask Lantern House")
    expect(page.get_by_text("The service is asked.")).to_be_visible()
    heading = page.get_by_role("heading", level=1).inner_text()
    walk.look("case", heading)
    page.get_by_role("button", name="Close this case").click()
    walk.look("close", "Close this case?")
    walk.press("Close the case")
    expect(page.get_by_text("The case is closed.")).to_be_visible()


def test_the_service_declines_or_accepts(opened: Walk, cast: Cast, sign_in: SignIn) -> None:
    cast.asked_of_service()
    walk, page = opened, opened.page
    sign_in(page, cast.noor)
    page.goto("/our-entries/")
    walk.look("entries", "Our service’s entries")
    walk.follow("Questions for our service")
    walk.look("questions", "Questions for our service")
    walk.follow("Answer")
    walk.look("question", page.get_by_role("heading", level=1).inner_text())
    page.get_by_role("button", name="Decline").click()
    walk.look("decline", "Decline contact?")
    page.go_back()
    page.get_by_role("button", name="Accept").click()
    page.get_by_label("Whom to ask for").fill("")
    walk.press("Accept and give this contact")
    walk.look("accept-errors", "How are you reached?")
    page.get_by_label("Whom to ask for").fill("Duty desk")
    walk.press("Accept and give this contact")
    expect(page.get_by_text("The contact is given")).to_be_visible()

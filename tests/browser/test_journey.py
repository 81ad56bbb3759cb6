"""The practitioner's journey in a real Chromium: wide, narrow, without JavaScript; each page checked."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from contactpoint.access.models import Account
from contactpoint.codes.child_number import decode
from contactpoint.directory.values import (
    Address,
    AssessmentEntry,
    Carer,
    FormerName,
    Place,
    ServiceEntry,
    SuppliedValues,
)
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn, wait_for_next
from tests.children import make_child, make_supplier
from tests.factories import make_organisation

BORN = "2016-05-24"
AMARA = SuppliedValues(
    given_names="Amara Grace",
    family_name="Okafor-Lindqvist",
    former_names=(FormerName("Amara", "Okafor"),),
    birth_date=BORN,
    gender="F",
    nhs="9434765919",
    upn="H801200001001",
    addresses=(Address(lines=("Flat 2", "14 Lime Grove"), town="Birmingham", postcode="B1 1AA"),),
    carers=(
        Carer(name="Ngozi Okafor", relationship="mother", responsibility=True, telephone="0121 496 0999"),
        Carer(name="Erik Lindqvist", relationship="father", email="erik.lindqvist@example.org"),
    ),
    school=Place(code="BRIDGE", started_on="2020-09-01"),
    practice=Place(code="RIVER"),
)
REASON = "I am worried about the child's safety or welfare"


class Walk:
    """One page of one person, with a check and a picture at each step."""

    def __init__(self, page: Page, check: CheckAccessible, screenshot: Screenshot) -> None:
        self.page, self.check, self.screenshot = page, check, screenshot

    def look(self, name: str, heading: str) -> None:
        """The page has come; it is accessible; keep a picture."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        self.check(self.page)
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        self.screenshot(self.page, f"journey-{name}-{width}")

    def press(self, name: str) -> None:
        self.page.get_by_role("main").get_by_role("button", name=name).click()

    def follow(self, name: str, *, exact: bool = False) -> None:
        self.page.get_by_role("main").get_by_role("link", name=name, exact=exact).first.click()

    def fill(self, **values: str) -> None:
        """By the ids of the inputs; `__` stands for a hyphen."""
        for name, value in values.items():
            self.page.locator(f"#{name.replace('__', '-')}").fill(value)

    def search(self, given: str, family: str, day: str = "", month: str = "", year: str = "") -> None:
        wait_for_next(self.page)
        self.page.goto("/")
        self.fill(given_name=given, family_name=family, birth_date=day)
        self.fill(birth_date__month=month, birth_date__year=year)
        self.press("Search")


@pytest.fixture
def amara(live_server: object) -> None:
    """On her record: a lead social worker, youth justice gone stale, speech therapy that has ended."""
    now = datetime.now(UTC)
    for code, name, kind in (
        ("BRIDGE", "Bridge Lane Primary School", "school"),
        ("RIVER", "Riverside Surgery", "practice"),
        ("NORTH", "Children’s Services, North Team", "team"),
    ):
        make_organisation(at=now, code=code, name=name, kind=kind)
    make_supplier("pds", name="NHS demographics", precedence=10)
    child = decode(make_child(AMARA, at=now, supplier="pds")) or 0
    year = now.year

    def add(
        supplier: str,
        name: str,
        entry: ServiceEntry,
        *,
        ago: int = 5,
        assessment: AssessmentEntry | None = None,
    ) -> None:
        make_supplier(supplier, name=name)
        values = SuppliedValues(
            given_names="Amara Grace",
            family_name="Okafor-Lindqvist",
            birth_date=BORN,
            involvement=entry,
            assessment=assessment,
        )
        make_child(values, at=now, supplier=supplier, child_id=child, supplied_at=now - timedelta(days=ago))

    add(
        "social_care",
        "Children’s social care, Birmingham",
        ServiceEntry("social_care", "NORTH", "Sam Okafor", "social_worker", f"{year - 1}-11-03", lead=True),
        assessment=AssessmentEntry("family_help", "NORTH", f"{year}-01-12"),
    )
    add(
        "yjs",
        "Youth justice",
        ServiceEntry("youth_justice", "NORTH", "Lee Marsh", "youth_justice_officer"),
        ago=400,
    )
    ended = (now - timedelta(days=40)).date().isoformat()
    add("health", "Community health", ServiceEntry("speech_therapy", "RIVER", ended_on=ended))
    make_child(
        SuppliedValues(given_names="Amarah", family_name="Okafor-Lindqvist", birth_date=BORN, gender="F"),
        at=now,
        supplier="pds",
        restricted=True,
    )


@pytest.fixture(params=["wide", "narrow"])
def walk(
    request: pytest.FixtureRequest,
    practitioner: Account,
    sign_in: SignIn,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
) -> Walk:
    """Signed in; the same at both widths."""
    page: Page = request.getfixturevalue("page" if request.param == "wide" else "phone_page")
    sign_in(page, practitioner)
    return Walk(page, check_accessible, screenshot)


@pytest.fixture
def plain_walk(plain_page: Page, practitioner: Account, sign_in: SignIn) -> Walk:
    """Signed in, without JavaScript; so without axe, which is a script."""
    sign_in(plain_page, practitioner)
    return Walk(plain_page, lambda page: None, lambda page, name: None)


def test_from_a_misspelt_name_to_whom_to_ring(amara: None, walk: Walk) -> None:
    find_and_read(walk)


def test_the_same_without_javascript(amara: None, plain_walk: Walk) -> None:
    find_and_read(plain_walk)


def find_and_read(walk: Walk) -> None:
    page = walk.page
    walk.look("find", "Find a child")
    walk.press("Search")
    walk.look("too-little", "Find a child")
    expect(page.get_by_role("alert")).to_contain_text("Add a family name")
    walk.search("Amarra", "Okafor Lindkvist", "24", "5", "2016")
    walk.look("results", "2 possible matches")
    expect(page.get_by_text("This record is shielded: ask us to pass a message.")).to_have_count(1)
    walk.follow("Open record (Amara Grace Okafor-Lindqvist)")
    walk.look("reason", "Why do you need to open this record?")
    walk.press("Open the record")
    expect(page.get_by_role("alert")).to_contain_text("Choose why")
    walk.look("no-reason", "Why do you need to open this record?")
    page.get_by_label(REASON).check()
    walk.press("Open the record")
    walk.look("record", "Amara Grace Okafor-Lindqvist")
    first = page.get_by_role("region", name="Ring first")
    expect(first).to_contain_text("Sam Okafor")
    expect(first.get_by_role("link").first).to_have_attribute("href", "tel:01214960000")
    page.get_by_text("1 that ended in the last 12 months").click()
    expect(page.get_by_role("heading", name="Speech and language therapy")).to_be_visible()
    page.locator("summary", has_text="Source").first.click()
    expect(page.get_by_text("Children’s social care, Birmingham:").first).to_be_visible()
    walk.look("record-open", "Amara Grace Okafor-Lindqvist")
    walk.follow("Assessments")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Amara Grace Okafor-Lindqvist")
    page.go_back()
    page.goto("/results/")
    walk.look("results-again", "2 possible matches")
    walk.follow("Open record (Amarah Okafor-Lindqvist)")
    page.get_by_label(REASON).check()
    walk.press("Open the record")
    walk.look("shielded", "Amarah Okafor-Lindqvist")
    expect(page.get_by_role("main")).not_to_contain_text("Ring first")


def test_my_own_work_on_a_record(amara: None, walk: Walk) -> None:
    page = walk.page
    walk.search("Amara", "Okafor-Lindqvist", "24", "5", "2016")
    walk.follow("Open record (Amara Grace Okafor-Lindqvist)")
    page.get_by_label(REASON).check()
    walk.press("Open the record")
    walk.follow("I work with this child")
    walk.look("involvement-form", "I work with this child")
    walk.press("Record my involvement")
    walk.look("involvement-errors", "I work with this child")
    page.get_by_label("Your service").select_option(label="Educational psychology")
    page.get_by_label("Your role").select_option(label="Educational psychologist")
    walk.fill(started_on="1", started_on__month="3", started_on__year="2025")
    walk.press("Record my involvement")
    walk.look("record-with-mine", "Amara Grace Okafor-Lindqvist")
    expect(page.get_by_text("Your involvement is recorded.")).to_be_visible()
    walk.follow("Record that an assessment exists")
    walk.look("assessment-form", "Record that an assessment exists")
    page.get_by_label("Early help assessment").check()
    walk.fill(opened_on="1", opened_on__month="3", opened_on__year="2025")
    walk.press("Record it")
    walk.follow("Close (")
    walk.look("assessment-close", "When was the assessment closed?")
    page.go_back()
    walk.follow("Take back (")
    walk.look("assessment-take-back", "Take this assessment back?")
    walk.press("Take it back")
    walk.follow("Manage")
    walk.look("involvement", "Your involvement")
    for link, name, heading in (
        ("I am the lead practitioner", "lead", "Are you the lead practitioner?"),
        ("I no longer work with this child", "end", "When did this involvement end?"),
        ("Take it back", "take-back", "Take this involvement back?"),
    ):
        walk.follow(link)
        walk.look(name, heading)
        page.go_back()
    walk.press("Confirm that it still holds")
    walk.look("my-involvements", "My involvements")
    walk.follow("Manage")
    walk.follow("I no longer work with this child")
    walk.fill(ended_on="31", ended_on__month="2", ended_on__year="2026")
    walk.press("Save")
    walk.look("end-errors", "When did this involvement end?")
    walk.fill(ended_on="1", ended_on__month="4", ended_on__year="2025")
    walk.press("Save")
    expect(page.get_by_text("The involvement has ended.")).to_be_visible()


def test_nobody_found_too_many_and_adding_a_child(amara: None, walk: Walk) -> None:
    page = walk.page
    now = datetime.now(UTC)
    for _ in range(11):
        make_child(SuppliedValues(given_names="Amy", family_name="Smith", birth_date="2016-01-02"), at=now)
    walk.search("Amy", "Smith", "", "", "2016")
    walk.look("too-many", "Too many children match")
    expect(page.get_by_role("main")).not_to_contain_text("2 January")
    page.goto("/add-child/")
    walk.search("Nobody", "Atall", "1", "2", "2019")
    walk.look("none", "No child found")
    walk.follow("add the child")
    walk.look("add", "Add a child")
    expect(page.get_by_label("Family name")).to_have_value("Atall")
    walk.press("Add the child")
    walk.look("add-errors", "Add a child")
    page.get_by_label("Not specified").check()
    walk.press("Add the child")
    walk.look("received", "Received")
    walk.follow("Children I added")
    walk.look("my-entries", "Children I added")
    expect(page.get_by_role("main")).to_contain_text("Nobody Atall")


def test_pages_beside_the_journey(walk: Walk) -> None:
    page = walk.page
    for address, name, heading in (
        ("/help/", "help", "Help"),
        ("/for-children/", "children", "About ContactPoint, for children and young people"),
        ("/my-involvements/", "none-of-mine", "My involvements"),
        ("/children-i-added/", "none-added", "Children I added"),
        ("/add-child/", "search-first", "Search first"),
        ("/record/forged/", "not-found", "Not found"),
        ("/my-involvements/1/", "not-mine", "Not found"),
    ):
        page.goto(address)
        walk.look(name, heading)
    page.goto("/")
    page.get_by_text("Age instead of a date of birth").click()
    page.get_by_text("Search by a number instead").click()
    walk.fill(
        given_name="👩‍👧 <script>", family_name="x" * 10_000, birth_date="99", age_from="-3", number="1"
    )
    walk.press("Search")
    walk.look("errors", "Find a child")
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(4)


def test_the_journey_prints_nothing_and_shows_who_looks(
    amara: None, page: Page, practitioner: Account, sign_in: SignIn
) -> None:
    sign_in(page, practitioner)
    walk = Walk(page, lambda page: None, lambda page, name: None)
    walk.search("Amara", "Okafor-Lindqvist", "24", "5", "2016")
    assert page.locator("img.app-watermark").count() == 1
    page.emulate_media(media="print")
    expect(page.get_by_role("main")).to_be_hidden()

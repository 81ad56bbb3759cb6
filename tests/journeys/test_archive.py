"""Opening the archive, and the register of what was disclosed outside the service (RET-2, FAM-4)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connections, transaction

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.casework.archive import disclosing, opening
from contactpoint.casework.archive.door import NotForThisRole
from contactpoint.casework.archive.opening import NotInReach
from contactpoint.casework.archive.records import Told, Whom
from contactpoint.casework.door import DecidedAlready, NotAnOfficer, NotOfYours
from contactpoint.casework.policies import UnusableCase
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.keeping.archive import archive_due, return_to_live
from contactpoint.directory.keeping.destroying import destroy_due
from contactpoint.directory.publish import SensitivePart
from tests.children import AMINA, DATABASES, US, make_child
from tests.factories import make_organisation, make_viewer
from tests.feeds import ask
from tests.journeys.conftest import MakeWalker

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)

BEFORE = timedelta(days=40)
YOUNG = replace(AMINA, birth_date="2008-10-01")
BY_NAME = Whom(given_name="amina", family_name="KHAN", birth_date="2008-10-01")
TOLD = Told(
    "West Midlands Police", "Operation Larch, 26/118", "Address and school", "Imogen Das, head of service"
)


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def archived(now: datetime, *, shielded: bool = False) -> ChildNumber:
    """A child of authority 330 who turned 18 four days ago."""
    number = make_child(
        YOUNG,
        at=now - BEFORE,
        supplier="nhs_demographics" if shielded else "school_census",
        restricted=shielded,
    )
    assert archive_due(by=US, at=now) == 1
    return number


def manager(at: datetime, *, authority: str = "330") -> Viewer:
    home = make_organisation(at=at, authority=authority)
    return make_viewer(at=at, name="Dana Kowalska", roles=[Role.DATA_MANAGER], organisation=home)


def custodian(at: datetime, name: str = "Ada Locke") -> Viewer:
    return make_viewer(at=at, name=name, roles=[Role.ARCHIVE_CUSTODIAN])


def refusals(viewer: Viewer) -> list[str]:
    rows = ask(
        "SELECT kind FROM audit_event WHERE refused AND account_id = %s ORDER BY id", viewer.account_id
    )
    return [kind for (kind,) in rows]


@pytest.mark.parametrize("how", ["number", "name", "nhs", "upn"])
def test_its_data_manager_opens_a_record_in_its_first_year(now: datetime, how: str) -> None:
    number = archived(now)
    whom = {
        "number": Whom(str(number)),
        "name": BY_NAME,
        "nhs": Whom("943 476 5919"),
        "upn": Whom("H801200001001"),
    }
    dana = manager(now)
    opened = opening.open_in_first_year(by=dana, whom=whom[how], ground="section-47", case="S47/9", at=now)
    assert (opened.record.number, opened.leaving, opened.archived_on) == (number, "eighteen", now.date())
    assert opened.record.addresses[0].lines == ("12 Canal Street",)
    assert opened.record.carers[0].name == "Sara Khan"
    assert opened.destroy_on == date(2032, 10, 5)
    kinds = [
        kind
        for (kind,) in ask("SELECT kind FROM audit_event WHERE account_id = %s ORDER BY id", dana.account_id)
    ]
    assert kinds[-2:] == ["hidden-opened", "archive-opened"]


def test_after_a_year_of_another_authority_or_shielded_nothing_is_told_to_a_data_manager(
    now: datetime,
) -> None:
    archived(now)
    later = now + timedelta(days=366)
    dana, other = manager(now), manager(now, authority="333")
    told = set()
    for viewer, at in ((dana, later), (other, now)):
        with pytest.raises(NotInReach) as refused:
            opening.open_in_first_year(by=viewer, whom=BY_NAME, ground="section-47", case="1", at=at)
        told.add(str(refused.value))
        assert refusals(viewer) == ["archive-opened"]
    nobody = replace(BY_NAME, given_name="Zelda")
    with pytest.raises(NotInReach) as nothing:
        opening.open_in_first_year(by=dana, whom=nobody, ground="section-47", case="1", at=later)
    assert told == {str(nothing.value)}


def test_what_was_shielded_opens_for_two_custodians_alone(now: datetime) -> None:
    number = archived(now, shielded=True)
    with pytest.raises(NotInReach):
        opening.open_in_first_year(by=manager(now), whom=BY_NAME, ground="section-47", case="1", at=now)
    ada, grace = custodian(now), custodian(now, "Grace Holt")
    request = opening.ask_for_opening(by=ada, whom=BY_NAME, ground="practice-review", text="Review 7", at=now)
    for too_early in (ada, grace):
        with pytest.raises(NotInReach):
            opening.open_agreed(by=too_early, request=request, at=now)
    (waiting,) = opening.list_archive_requests(by=grace, at=now)
    assert (waiting.child, waiting.text, waiting.is_own, waiting.waits) == (number, "Review 7", False, True)
    with pytest.raises(NotAnOfficer):
        opening.decide_opening(by=ada, request=request, agreed=True, at=now)
    opening.decide_opening(by=grace, request=request, agreed=True, at=now)
    with pytest.raises(DecidedAlready):
        opening.decide_opening(by=custodian(now, "Third Locke"), request=request, agreed=False, at=now)
    opened = opening.open_agreed(by=ada, request=request, at=now)
    assert opened.was_shielded
    assert opened.record.addresses[0].lines == ("12 Canal Street",)
    with pytest.raises(NotInReach):  # who agreed does not read
        opening.open_agreed(by=grace, request=request, at=now)
    with pytest.raises(NotInReach):
        opening.open_agreed(by=ada, request=request, at=now + timedelta(days=8))
    assert refusals(ada) == ["archive-opened", "archive-decided", "archive-opened"]


def test_a_declined_request_opens_nothing(now: datetime) -> None:
    archived(now)
    ada, grace = custodian(now), custodian(now, "Grace Holt")
    request = opening.ask_for_opening(by=ada, whom=BY_NAME, ground="death-review", text="Panel", at=now)
    opening.decide_opening(by=grace, request=request, agreed=False, at=now)
    with pytest.raises(NotInReach):
        opening.open_agreed(by=ada, request=request, at=now)


def test_nobody_else_reaches_the_archive_and_the_attempt_is_logged(now: datetime) -> None:
    archived(now)
    sam, noor = make_viewer(at=now), make_viewer(at=now, roles=[Role.NATIONAL_AUDITOR])
    for viewer in (sam, noor):
        with pytest.raises(NotForThisRole):
            opening.open_in_first_year(by=viewer, whom=BY_NAME, ground="section-47", case="1", at=now)
        assert refusals(viewer) == ["archive-opened"]
    with pytest.raises(NotAnOfficer):
        opening.list_archive_requests(by=manager(now), at=now)
    with pytest.raises(NotAnOfficer):
        opening.open_in_first_year(by=custodian(now), whom=BY_NAME, ground="section-47", case="1", at=now)


@pytest.mark.parametrize(
    ("whom", "ground", "case"),
    [
        (Whom("12345"), "section-47", "1"),
        (replace(BY_NAME, birth_date="2008"), "section-47", "1"),
        (BY_NAME, "curiosity", "1"),
        (BY_NAME, "section-47", " "),
    ],
)
def test_what_is_unusable_is_told_and_logged(now: datetime, whom: Whom, ground: str, case: str) -> None:
    archived(now)
    dana = manager(now)
    with pytest.raises(UnusableCase):
        opening.open_in_first_year(by=dana, whom=whom, ground=ground, case=case, at=now)
    assert refusals(dana) == ["archive-opened"]


def test_no_sensitive_service_is_read_in_the_archive(now: datetime) -> None:
    """SEN-4."""
    number = make_child(YOUNG, at=now - BEFORE)
    make_child(
        replace(YOUNG, addresses=(), carers=()),
        at=now - BEFORE,
        child_id=decode(number),
        supplier="camhs",
        sensitive=SensitivePart("camhs", "LANTERN", "significant-harm"),
    )
    archive_due(by=US, at=now)
    opened = opening.open_in_first_year(by=manager(now), whom=BY_NAME, ground="own-data", case="1", at=now)
    assert opened.record.addresses
    for word in ("camhs", "lantern"):
        assert word not in str(opened).casefold()


def test_a_record_that_came_back_or_was_destroyed_is_not_found(now: datetime) -> None:
    number = archived(now)
    return_to_live(child=decode(number) or 0, by=US, at=now)
    dana = manager(now)
    with pytest.raises(NotInReach):
        opening.open_in_first_year(by=dana, whom=Whom(str(number)), ground="mistake", case="1", at=now)
    assert ask("SELECT count(*) FROM hidden.archived_mark") == [(0,)]
    archive_due(by=US, at=now)
    entry = disclosing.record_disclosure(
        by=dana, child=number, ground="crime", disclosed_on=now.date(), told=TOLD, at=now
    )
    long_after = now.replace(year=2032) + timedelta(days=2)
    assert destroy_due(by=US, at=long_after) == 1
    assert ask("SELECT count(*) FROM hidden.archived_mark") == [(0,)]
    (held,) = disclosing.read_disclosures(by=dana, at=long_after)
    assert (held.id, held.child, held.told) == (entry, number, None)  # the fact stays, its words are gone


def test_the_register_is_read_by_whose_business_it_is(now: datetime) -> None:
    """FAM-4, AUD-4."""
    number = make_child(at=now)
    dana = manager(now)
    disclosing.record_disclosure(
        by=dana, child=number, ground="crime", disclosed_on=now.date(), told=TOLD, at=now
    )
    for role in (Role.DATA_MANAGER, Role.AUDITOR, Role.NATIONAL_AUDITOR):
        (held,) = disclosing.read_disclosures(by=make_viewer(at=now, roles=[role]), at=now)
        assert held.told == TOLD
    assert disclosing.read_disclosures(by=manager(now, authority="333"), at=now) == ()
    sam = make_viewer(at=now)
    with pytest.raises(NotForThisRole):
        disclosing.read_disclosures(by=sam, at=now)
    auditor = make_viewer(at=now, roles=[Role.AUDITOR])
    with pytest.raises(NotForThisRole):
        disclosing.record_disclosure(
            by=auditor, child=number, ground="crime", disclosed_on=now.date(), told=TOLD, at=now
        )
    assert refusals(sam) == ["disclosures-read"]
    kept = ask("SELECT encode(sealed, 'escape') FROM hidden.disclosure")[0][0]
    assert "Larch" not in kept


def test_another_authoritys_child_or_a_day_to_come_is_refused(now: datetime) -> None:
    number = make_child(at=now)
    given = {"child": number, "ground": "crime", "told": TOLD, "at": now}
    with pytest.raises(NotOfYours):
        disclosing.record_disclosure(by=manager(now, authority="333"), disclosed_on=now.date(), **given)  # type: ignore[arg-type]
    with pytest.raises(UnusableCase):
        disclosing.record_disclosure(by=manager(now), disclosed_on=date(2027, 1, 1), **given)  # type: ignore[arg-type]
    assert ask("SELECT count(*) FROM hidden.disclosure") == [(0,)]


def test_the_export_has_its_reason_in_the_log_and_no_formula(now: datetime) -> None:
    number = make_child(at=now)
    dana = manager(now)
    told = replace(TOLD, to="=HYPERLINK(1)")
    disclosing.record_disclosure(
        by=dana, child=number, ground="crime", disclosed_on=now.date(), told=told, at=now
    )
    text = disclosing.export_disclosures(by=dana, reason="Annual report", at=now)
    assert "'=HYPERLINK(1)" in text
    assert str(number) in text
    with pytest.raises(UnusableCase):
        disclosing.export_disclosures(by=dana, reason=" ", at=now)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hidden.disclosure SET ground = 'court-order'",
        "DELETE FROM hidden.disclosure",
        "UPDATE hidden.archive_request SET decided_by = requested_by, decided_at = now()",
        "UPDATE hidden.archive_request SET open_until = now()",
    ],
)
def test_the_database_refuses(now: datetime, statement: str) -> None:
    """RET-2, FAM-4: a register that only grows; nobody agrees to what they asked for."""
    number = archived(now)
    dana = manager(now)
    disclosing.record_disclosure(
        by=dana, child=number, ground="crime", disclosed_on=now.date(), told=TOLD, at=now
    )
    opening.ask_for_opening(by=custodian(now), whom=BY_NAME, ground="death-review", text="Panel", at=now)
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(using="owner"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_pages_lead_through_both_ways(now: datetime, walk: MakeWalker) -> None:
    number = archived(now)
    dana = walk(name="Dana Kowalska", roles=[Role.DATA_MANAGER])
    status, page = dana.post("/archive/", {"number": "1"})
    assert status == 400
    assert "Choose the ground" in page
    given = {"number": str(number), "ground": "own-data", "case": "SAR-4"}
    status, page = dana.post("/archive/", given)
    assert status == 200
    assert "12 Canal Street" in page
    assert "It is destroyed on 5 October 2032" in page
    assert "archive-opened" in dana.kinds()
    ada = walk(name="Ada Locke", roles=[Role.ARCHIVE_CUSTODIAN])
    grace = walk(name="Grace Holt", roles=[Role.ARCHIVE_CUSTODIAN])
    status, page = ada.post(
        "/archive/requests/new/", {"number": str(number), "ground": "section-47", "text": "Enquiry 9"}
    )
    assert "Another custodian must agree" in page
    ((request,),) = ask("SELECT id FROM hidden.archive_request")
    assert ada.post(f"/archive/requests/{request}/open/")[0] == 404
    assert ada.post(f"/archive/requests/{request}/decide/", {"decision": "agree"})[0] == 403
    assert "Enquiry 9" in grace.get("/archive/requests/")
    grace.post(f"/archive/requests/{request}/decide/", {"decision": "agree"})
    assert f"Open the record of request {request}" in ada.get("/archive/requests/")
    status, page = ada.post(f"/archive/requests/{request}/open/")
    assert (status, "12 Canal Street" in page) == (200, True)
    sam = walk(name="Sam Okafor")
    for address in ("/archive/requests/", "/archive/requests/new/", "/disclosures/", "/disclosures/new/"):
        assert sam.status(address) == 403
    assert sam.post("/archive/", given)[0] == 403
    assert "archive-opened refused" in sam.kinds()


def test_a_disclosure_is_entered_and_exported_by_page(now: datetime, walk: MakeWalker) -> None:
    number = make_child(at=now)
    dana = walk(name="Dana Kowalska", roles=[Role.DATA_MANAGER])
    assert "Nothing was disclosed" in dana.get("/disclosures/")
    entry = {
        "number": str(number), "ground": "court-order", "to": "Family Court", "scope": "Order 12",
        "released": "School", "decided_by": "Imogen Das",
        "disclosed_on-day": "1", "disclosed_on-month": "10", "disclosed_on-year": "2026",
    }  # fmt: skip
    assert dana.post("/disclosures/new/", {**entry, "number": "7"})[0] == 400
    status, page = dana.post("/disclosures/new/", entry)
    assert (status, "Family Court" in page) == (200, True)
    assert dana.post("/disclosures/export/", {"reason": ""})[0] == 400
    status, text = dana.post("/disclosures/export/", {"reason": "Annual report"})
    assert (status, "Order 12" in text) == (200, True)
    assert "disclosures-exported" in dana.kinds()

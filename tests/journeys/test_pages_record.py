"""The record through the pages: its address, its reason, what stands on it (SEA-1, REC, INV)."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.db import OperationalError

from contactpoint.codes.child_number import decode, encode
from contactpoint.directory.values import (
    Address,
    AssessmentEntry,
    FormerName,
    Place,
    ServiceEntry,
    SuppliedValues,
)
from tests.children import AMINA, DATABASES, make_child
from tests.factories import make_organisation
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import AMINA_TYPED, REASON, Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
NOT_FOUND = "The address of a record works only in the session that found it"


def service(service: str, **details: object) -> SuppliedValues:
    """One feed's row about an involvement of Amina."""
    entry = ServiceEntry(service=service, organisation="TEAM1", practitioner="Lee Marsh", **details)  # type: ignore[arg-type]
    return SuppliedValues(
        given_names="Amina Rose", family_name="Khan", birth_date="2016-05-24", involvement=entry
    )


def test_forged_old_and_foreign_addresses_are_one_and_the_same_page(now: datetime, walk: MakeWalker) -> None:
    child = make_child(at=now)
    sam, lee = walk(), walk(name="Lee")
    old, _ = sam.open()
    sam.search()
    foreign = lee.choose()
    pages = set()
    for token in (old, foreign, "AAAAAAAAAAAAAAAA", child, str(decode(child)), "%F0%9F%92%A9", "a" * 3000):
        for rest in ("", "reason/", "involvement/", "assessment/"):
            answer = sam.client.get(f"/record/{token}/{rest}")
            assert answer.status_code == 404, (token, rest)
            pages.add(answer.content.split(b"<main")[1].split(b"</main>")[0])
    assert len(pages) == 1
    assert NOT_FOUND in pages.pop().decode()
    assert sam.kinds().count("record-opened") == 1


def test_every_look_at_the_record_is_logged_with_the_same_reason(now: datetime, walk: MakeWalker) -> None:
    make_child(at=now)
    sam = walk()
    token, _ = sam.open()
    sam.get(f"/record/{token}/")
    sam.get(f"/record/{token}/")
    opened = [event for event in sam.log(typed=True) if event.kind == "record-opened"]
    assert [(event.purpose, event.typed) for event in opened] == [
        ("coordinating", {"reference": "CASE-7"})
    ] * 3


def test_a_reason_lasts_fifteen_minutes_and_a_new_search_ends_it(
    now: datetime, walk: MakeWalker, stopped_clock: time_machine.Traveller
) -> None:
    make_child(at=now)
    sam = walk()
    token, _ = sam.open()
    stopped_clock.move_to(now + timedelta(minutes=14))
    assert sam.status(f"/record/{token}/") == 200
    stopped_clock.move_to(now + timedelta(minutes=15))
    assert "A reason lasts 15 minutes" in sam.get(f"/record/{token}/")
    assert sam.post(f"/record/{token}/reason/", REASON)[0] == 200
    sam.post("/", AMINA_TYPED)
    assert sam.status(f"/record/{token}/") == 404


def test_the_record_says_who_works_with_the_child_and_whom_to_ring_first(
    now: datetime, walk: MakeWalker
) -> None:
    make_organisation(at=now, code="TEAM1", name="North Team", kind="team")
    child = decode(make_child(at=now)) or 0
    make_child(
        service("youth_justice", role="youth_justice_officer", lead=True),
        at=now,
        supplier="yjs",
        child_id=child,
    )
    make_child(service("speech_therapy", ended_on="2026-08-01"), at=now, supplier="health", child_id=child)
    long_ago = now - timedelta(days=400)
    make_child(service("early_help"), at=now, supplier="old feed", child_id=child, supplied_at=long_ago)
    moved = SuppliedValues(
        given_names="Amina Rose",
        family_name="Khan",
        birth_date="2016-05-24",
        former_names=(FormerName("Amina", "Malik"),),
        addresses=(
            Address(lines=("3 Old Road",), town="Coventry", postcode="CV1 2GT", valid_to="2024-01-01"),
        ),
        practice=Place(code="M85001"),
        assessment=AssessmentEntry(kind="family_help", organisation="TEAM1", opened_on="2026-02-03"),
    )
    make_child(moved, at=now, supplier="pds", child_id=child)
    page = walk().open()[1]
    first = page.split('id="ring-first"')[1].split("</section>")[0]
    assert "Lead practitioner" in first
    assert 'href="tel:01214960000"' in first
    assert 'href="mailto:office@bridgelane.example"' in first
    for said in (
        "Youth justice service",
        "(was: Youth offending team)",
        "Lee Marsh, Youth justice officer",
        "Not confirmed for a year",
        "1 that ended in the last 12 months",
        "Speech and language therapy",
        "Amina Malik",
        "Family help assessment",
        "Unique pupil number (UPN)",
        "Birmingham",
        "does not prove that nobody is involved",
        "M85001",
    ):
        assert said in page, said
    assert page.count("(was: Youth offending team)") == 1
    assert "943 476 5919" not in page  # an NHS number is not for a school


def test_nothing_held_is_said_as_none_known(now: datetime, walk: MakeWalker) -> None:
    make_child(SuppliedValues(given_names="Amina", family_name="Khan", birth_date="2016-05"), at=now)
    page = walk().open()[1]
    for said in (
        "School or other education: none known.",
        "GP practice: none known.",
        "Lead practitioner: none known.",
        "Nobody on this record has a telephone number.",
        "Born May 2016",
        "does not prove that nobody is involved",
    ):
        assert said in page, said
    assert page.count("None known") >= 5


def test_what_suppliers_wrote_is_text_and_never_markup(now: datetime, walk: MakeWalker) -> None:
    bad = "<script>alert(1)</script>"
    values = SuppliedValues(
        given_names=f"Amina {bad}",
        family_name="Khan",
        birth_date="2016-05-24",
        addresses=(Address(lines=(bad,), town=bad, postcode="B1 1AA"),),
        carers=(AMINA.carers[0].__class__(name=bad, relationship=bad, telephone=bad, email=f'"{bad}'),),
        involvement=ServiceEntry(service="early_help", organisation=bad, practitioner=bad, role=bad),
    )
    make_child(values, at=now)
    sam = walk()
    results = sam.search()
    page = sam.open()[1]
    assert "<script>alert" not in results + page
    assert "&lt;script&gt;" in results
    assert page.count("&lt;script&gt;") >= 6


def test_a_record_that_is_no_longer_live_is_not_found_and_logged(
    now: datetime, walk: MakeWalker, stopped_clock: time_machine.Traveller
) -> None:
    values = SuppliedValues(given_names="Amina", family_name="Khan", birth_date="2008-10-06")
    make_child(values, at=now)
    eve = datetime.combine(date(2026, 10, 5), now.timetz()).replace(hour=22, minute=55)
    stopped_clock.move_to(eve)
    sam = Walker(walk().account, at=eve)
    token, _ = sam.open(
        **{**AMINA_TYPED, "birth_date-day": "6", "birth_date-month": "10", "birth_date-year": "2008"}
    )
    stopped_clock.move_to(eve + timedelta(minutes=10))  # past midnight in England
    assert sam.status(f"/record/{token}/") == 404
    assert sam.kinds()[-1] == "record-refused refused"


def test_a_database_that_is_down_is_a_page_that_says_so(now: datetime, walk: MakeWalker) -> None:
    make_child(at=now)
    sam = walk()
    token, _ = sam.open()
    trouble = OperationalError("could not connect to 10.0.0.1")
    for door, address in (
        ("contactpoint.web.pages.opening.open_record", f"/record/{token}/"),
        ("contactpoint.web.pages.finding.search_children", "/results/"),
    ):
        with patch(door, side_effect=trouble):
            answer = sam.client.get(address)
        assert answer.status_code == 503
        assert "service is not available" in answer.content.decode()
        assert "10.0.0.1" not in answer.content.decode()


def test_pages_with_children_are_not_kept_by_browsers_and_carry_who_looks(
    now: datetime, walk: MakeWalker
) -> None:
    make_child(at=now)
    sam = walk()
    token, _ = sam.open()
    for address in ("/", "/results/", f"/record/{token}/reason/", f"/record/{token}/", "/my-involvements/"):
        answer = sam.client.get(address)
        assert "no-store" in answer["Cache-Control"], address
        assert "default-src 'none'" in answer["Content-Security-Policy"], address
        assert "app-watermark" in answer.content.decode(), address


def test_an_unknown_number_in_the_session_opens_nothing(now: datetime, walk: MakeWalker) -> None:
    sam = walk()
    from contactpoint.web.pages import visit

    session = sam.client.session
    tokens = visit.name_children(session, [(encode(1), "Nobody")])
    session.save()
    status, page = sam.post(f"/record/{tokens[encode(1)]}/reason/", REASON)
    assert (status, "There is no record" in page) == (404, True)
    assert sam.kinds() == ["record-refused refused"]

"""Shields page by page: asked for, decided, renewed, lifted; messages; held rows (SHI-1 to SHI-5)."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from contactpoint.access.roles import Role
from contactpoint.audit.records import Actor
from contactpoint.casework.carrying_out import carry_out
from tests.children import AMINA, DATABASES, make_child
from tests.factories import make_organisation
from tests.feeds import AMY, NHS, ask, load_rows, open_everywhere
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
WORKER = Actor(account_id=None, organisation_id=None, door="worker")
URGENT = {"ground": "refuge", "text": "They moved last night.", "urgent": "yes"}
CALM = {**URGENT, "urgent": "no"}
REVIEW = {"review_on-day": "1", "review_on-month": "3", "review_on-year": "2027"}


@pytest.fixture
def sam(walk: MakeWalker) -> Walker:
    return walk(name="Sam Okafor")


@pytest.fixture
def sol(walk: MakeWalker) -> Walker:
    return walk(name="Sol Hughes", roles=[Role.SHIELDING_OFFICER])


@pytest.fixture
def charlie(walk: MakeWalker) -> Walker:
    """Must always be refused."""
    return walk(name="Charlie", roles=[Role.AUDITOR])


def request(sam: Walker, given: dict[str, str]) -> str:
    token, _ = sam.open()
    status, page = sam.post(f"/record/{token}/shield/", given)
    assert (status, "Your request was received" in page) == (200, True), page
    return token


def only(sol: Walker, kind: str) -> str:
    (address,) = set(re.findall(rf'href="(/shielding/{kind}/\d+/)"', sol.get("/shielding/")))
    return str(address)


def carry_out_all(at: datetime) -> None:
    waiting = ask("SELECT id FROM hidden.shield_decision WHERE kind IN ('lift', 'belongs', 'another')")
    for (decision,) in waiting:
        carry_out(decision=decision, by=WORKER, at=at)


def test_an_urgent_request_shields_at_once_and_an_officer_confirms(
    now: datetime, sam: Walker, sol: Walker
) -> None:
    """SHI-1, SHI-2, SHI-4."""
    make_child(at=now)
    token = request(sam, URGENT)
    page = sam.get(f"/record/{token}/")
    assert "This record is shielded" in page
    assert "12 Canal Street" not in page
    asked = only(sol, "requests")
    page = sol.get(asked)
    assert "They moved last night." in page
    assert "Provisionally shielded by this request" in page
    status, page = sol.post(f"{asked}confirm/", {"ground": "refuge", **REVIEW})
    assert (status, "The shield is confirmed." in page) == (200, True), page
    assert ask("SELECT provisional, ground FROM hidden.shield") == [(False, "refuge")]
    assert "shield-request-decided" in sol.kinds()
    assert {"shield-requested", "shield-applied"} <= set(sam.kinds())


def test_a_calm_request_waits_and_a_refusal_changes_nothing(now: datetime, sam: Walker, sol: Walker) -> None:
    """SHI-4."""
    make_child(at=now)
    token = request(sam, CALM)
    assert "12 Canal Street" in sam.get(f"/record/{token}/")
    asked = only(sol, "requests")
    status, page = sol.post(f"{asked}refuse/", {"ground": "no-harm"})
    assert (status, "The request is refused." in page) == (200, True)
    assert ask("SELECT count(*) FROM hidden.shield") == [(0,)]
    status, page = sol.post(f"{asked}refuse/", {"ground": "no-harm"})
    assert status == 409  # once only


def test_a_shield_takes_effect_on_a_record_that_lies_open(now: datetime, sam: Walker, sol: Walker) -> None:
    """SHI-2: at the next request of whoever has the page open, and for what they write."""
    number = make_child(at=now)
    token, page = sam.open()
    assert "12 Canal Street" in page
    mine = sol.client.post("/shielding/apply/", {"number": f"{number[:5]}-{number[5:]}"})["Location"]
    status, page = sol.post(mine, {"ground": "refuge", **REVIEW})
    assert (status, "The record is shielded." in page) == (200, True), page
    page = sam.get(f"/record/{token}/")
    assert "12 Canal Street" not in page
    assert sam.post(f"/record/{token}/assessment/", {"kind": "early_help"})[0] != 200
    assert (
        "Nothing was recorded"
        in sam.post(
            f"/record/{token}/involvement/",
            {
                "service": "early_help",
                "role": "family_support_worker",
                "team_telephone": "0121 496 0000",
                "started_on-day": "1",
                "started_on-month": "10",
                "started_on-year": "2026",
            },
        )[1]
    )


def test_renew_then_lift_with_a_second_look(
    now: datetime, sam: Walker, sol: Walker, stopped_clock: time_machine.Traveller
) -> None:
    """SHI-4: it never lapses by itself; an overdue review stands at the top."""
    make_child(at=now)
    token = request(sam, URGENT)
    sol.post(f"{only(sol, 'requests')}confirm/", {"ground": "refuge", **REVIEW})
    (shield,) = set(re.findall(r'href="(/shielding/shields/\d+/)"', sol.get("/shielding/shields/")))
    status, page = sol.post(shield, {"ground": "witness", **REVIEW, "seen": seen(sol.get(shield))})
    assert (status, "kept until its next review" in page) == (200, True), page
    status, page = sol.post(f"{shield}lift/", {"ground": "over", "seen": seen(sol.get(shield))})
    assert "Lift this shield?" in page  # the second look; nothing has happened
    assert ask("SELECT count(*) FROM hidden.shield_decision WHERE kind = 'lift'") == [(0,)]
    status, page = sol.post(f"{shield}lift/", {"ground": "over", "sure": "yes", "seen": seen(page)})
    assert "will be lifted within a minute" in page
    assert "This record is shielded" in sam.get(f"/record/{token}/")
    carry_out_all(now)
    assert "12 Canal Street" in sam.get(f"/record/{token}/")


def seen(page: str) -> str:
    (found,) = re.findall(r'name="seen" value="(\d+)"', page)
    return str(found)


def test_an_overdue_review_escalates_and_nothing_is_lifted(
    now: datetime, sol: Walker, stopped_clock: time_machine.Traveller
) -> None:
    """SHI-4."""
    number = make_child(at=now)
    address = sol.client.post("/shielding/apply/", {"number": str(number)})["Location"]
    soon = {"review_on-day": "20", "review_on-month": "10", "review_on-year": "2026"}
    sol.post(address, {"ground": "refuge", **soon})
    later = now + timedelta(days=20)
    assert "overdue" not in sol.get("/shielding/")
    stopped_clock.move_to(later)
    dawn = Walker(sol.account, at=later)
    page = " ".join(dawn.get("/shielding/").split())
    assert "1 shield is overdue for review" in page
    assert page.index("decide whether to keep it") < page.index("Requests (")
    assert "Overdue" in dawn.get("/shielding/shields/")
    assert ask("SELECT count(*) FROM hidden.shield") == [(1,)]


def test_two_officers_at_once(now: datetime, sam: Walker, sol: Walker, walk: MakeWalker) -> None:
    """The second is told, and decides anew on what there is now."""
    ada = walk(name="Ada", roles=[Role.SHIELDING_OFFICER])
    make_child(at=now)
    request(sam, URGENT)
    asked = only(sol, "requests")
    assert only(ada, "requests") == asked
    sol.post(f"{asked}confirm/", {"ground": "refuge", **REVIEW})
    status, page = ada.post(f"{asked}refuse/", {"ground": "no-harm"})
    assert (status, "colleague has decided" in page) == (409, True)
    assert ask("SELECT count(*) FROM hidden.shield") == [(1,)]
    assert ada.kinds()[-1] == "change-refused refused"


def test_the_wrong_twin_is_set_right(now: datetime, sam: Walker, sol: Walker) -> None:
    """A shield on the wrong child is lifted by the officer, and the right one shielded."""
    make_child(at=now)
    right = make_child(replace(AMINA, given_names="Aisha", nhs="", upn=""), at=now)
    request(sam, URGENT)
    asked = only(sol, "requests")
    sol.post(f"{asked}refuse/", {"ground": "wrong-child"})
    carry_out_all(now)
    address = sol.client.post("/shielding/apply/", {"number": str(right)})["Location"]
    sol.post(address, {"ground": "refuge", **REVIEW})
    assert ask("SELECT given_names FROM directory_child WHERE shielded") == [("Aisha",)]


def test_a_message_reaches_the_officer_and_tells_the_sender_nothing(
    now: datetime, sam: Walker, sol: Walker
) -> None:
    """SHI-2."""
    make_child(at=now, restricted=True)
    token, page = sam.open()
    assert "Pass a message" in page
    assert "Birmingham" not in page
    sent = {"text": "She missed her appointment.", "reply_to": "0121 496 0000"}
    status, page = sam.post(f"/record/{token}/message/", sent)
    assert (status, "Your message was passed on" in page, "Birmingham" in page) == (200, True, False)
    message = only(sol, "messages")
    page = sol.get(message)
    assert "She missed her appointment." in page
    assert "0121 496 0000" in page
    assert "marked as answered" in sol.post(message)[1]
    assert "message-answered" in sol.kinds()


def test_a_row_near_a_shield_waits_for_the_officer(now: datetime, walk: MakeWalker, tmp_path: Path) -> None:
    """SHI-5: held, cleared by the officer, and only then published."""
    manchester = make_organisation(at=now, authority="352", kind="authority", name="Manchester")
    sol = walk(name="Sol", roles=[Role.SHIELDING_OFFICER], organisation=manchester)
    open_everywhere(at=now)
    load_rows(tmp_path, [{**NHS, "CONFIDENTIALITY": "R"}], supplier="nhs_demographics", at=now)
    moved = {"pername1": "AMIE", "enumcap": "9 ELM ROW", "enumpc": ""}  # too little to be sure
    load_rows(tmp_path, [{**AMY, **moved}], at=now)
    assert ask("SELECT why FROM hidden.waiting_row") == [("near-shield",)]
    held = only(sol, "rows")
    page = sol.get(held)
    assert "AMIE" in page
    assert "Manchester" not in page  # the hidden part of the shielded child is not shown here
    (belongs,) = re.findall(r'name="whose"[^>]* value="(\w{10})"', page)
    assert "Your decision is kept" in sol.post(held, {"whose": belongs})[1]
    carry_out_all(now)
    assert ask("SELECT count(*) FROM hidden.supplied_row") == [(2,)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(0,)]


def test_by_number_from_the_first_page(now: datetime, sam: Walker, sol: Walker) -> None:
    """SHI-4: one need not open a record to ask that it be shielded."""
    number = make_child(at=now)
    assert 'href="/request-shield/"' in sam.get("/")
    answer = sam.client.post("/request-shield/", {"number": f"{number[:5]}-{number[5:]}"})
    status, page = sam.post(answer["Location"], CALM)
    assert (status, "the record stays as it is" in page) == (200, True), page
    assert "They moved last night." in sol.get(only(sol, "requests"))
    assert sam.kinds()[:2] == ["searched", "shield-requested"]


def test_whoever_may_not_look_may_not_ask_either(now: datetime, sam: Walker, charlie: Walker) -> None:
    """SHI-4: the refusal is in the log, and no request is kept."""
    number = make_child(at=now)
    token, _ = sam.open()
    charlie.post("/request-shield/", {"number": str(number)})
    assert charlie.kinds()[-1] == "search-refused refused"
    assert charlie.post(f"/record/{token}/shield/", URGENT)[0] in (403, 404)
    assert ask("SELECT count(*) FROM hidden.shield_request") == [(0,)]


def test_nobody_decides_on_what_they_asked_for(now: datetime, walk: MakeWalker) -> None:
    """SHI-1: a second pair of eyes; the database holds it."""
    both = walk(name="Both", roles=[Role.PRACTITIONER, Role.SHIELDING_OFFICER])
    make_child(at=now)
    request(both, URGENT)
    asked = only(both, "requests")
    assert "A colleague must decide" in both.get(asked)
    assert both.post(f"{asked}confirm/", {"ground": "refuge", **REVIEW})[0] == 403
    assert both.kinds()[-1] == "change-refused refused"
    assert ask("SELECT provisional FROM hidden.shield") == [(True,)]


@pytest.mark.parametrize(
    "address",
    [
        "/shielding/",
        "/shielding/shields/",
        "/shielding/requests/1/",
        "/shielding/shields/1/lift/",
        "/shielding/rows/1/",
    ],
)
def test_nobody_else_sees_the_queue(now: datetime, charlie: Walker, sam: Walker, address: str) -> None:
    """SHI-9, ACC-8."""
    for walker in (charlie, sam):
        assert walker.status(address) == 403
        assert walker.kinds()[-1] == "hidden-opened refused"


def test_an_officer_of_another_authority_finds_nothing(now: datetime, sam: Walker, walk: MakeWalker) -> None:
    """SHI-1: decided by the responsible authority."""
    elsewhere = make_organisation(at=now, authority="201", kind="authority", name="City of London")
    far = walk(name="Far", roles=[Role.SHIELDING_OFFICER], organisation=elsewhere)
    make_child(at=now)
    request(sam, URGENT)
    assert "None waits" in far.get("/shielding/")
    assert far.status("/shielding/requests/1/") == 404


def test_what_cannot_be_kept_is_said_field_by_field(now: datetime, sam: Walker) -> None:
    make_child(at=now)
    token, _ = sam.open()
    status, page = sam.post(f"/record/{token}/shield/", {})
    assert status == 400
    for words in ("Choose why the record must be shielded", "Choose whether the record must be shielded now"):
        assert words in page
    assert sam.post(f"/record/{token}/shield/", {**CALM, "text": "x" * 2001})[0] == 400
    request(sam, CALM)
    token, _ = sam.open()
    status, page = sam.post(f"/record/{token}/shield/", CALM)
    assert (status, "asked for this child already" in page) == (409, True)
    assert sam.post("/request-shield/", {"number": "00000-00000"})[0] == 400

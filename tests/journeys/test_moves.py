"""Moves between authorities: one proposes, the other decides, exactly one is responsible (REC-6)."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connections, transaction

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.casework import actions as officers
from contactpoint.casework import queries
from contactpoint.casework.door import DecidedAlready, NotAnOfficer, NotOfYours
from contactpoint.casework.moves.deciding import (
    MayNotMove,
    ProposedAlready,
    accept_move,
    propose_move,
    read_moves,
    reject_move,
    withdraw_move,
)
from contactpoint.casework.policies import UnusableCase
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.locks import change_openings
from contactpoint.directory.opening_up import open_authorities
from contactpoint.directory.values import Address
from tests.children import AMINA, DATABASES, US, make_child
from tests.factories import make_organisation, make_viewer
from tests.feeds import ask
from tests.journeys.conftest import MakeWalker

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)

HOME, OTHER, THIRD = "330", "352", "333"  # Birmingham, Manchester, Sandwell
IN_MANCHESTER = Address(
    lines=("1 York Road",), town="Manchester", postcode="M19 2EQ", valid_from="2026-09-20"
)


@pytest.fixture(autouse=True)
def opened(now: datetime, settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"
    open_authorities(codes=[HOME, OTHER], on=now.date() - timedelta(days=30), by=US, at=now)


def team(at: datetime, authority: str, role: Role = Role.DATA_MANAGER, name: str = "") -> Viewer:
    home = make_organisation(at=at, authority=authority)
    return make_viewer(at=at, name=name or f"Of {authority}", roles=[role], organisation=home)


def responsible() -> list[str]:
    rows = ask(
        "SELECT coalesce(s.authority, c.authority) FROM directory_child c"
        " LEFT JOIN hidden.shield s ON s.child_id = c.id"
    )
    return [authority for (authority,) in rows]


def refusals(viewer: Viewer) -> list[str]:
    rows = ask(
        "SELECT kind FROM audit_event WHERE refused AND account_id = %s ORDER BY id", viewer.account_id
    )
    return [kind for (kind,) in rows]


@pytest.mark.parametrize(("proposing", "deciding"), [(HOME, OTHER), (OTHER, HOME)])
def test_one_side_proposes_and_the_other_accepts(now: datetime, proposing: str, deciding: str) -> None:
    child = make_child(at=now)
    one, other = team(now, proposing), team(now, deciding)
    move = propose_move(by=one, child=child, to=OTHER, at=now)
    assert responsible() == [HOME]
    with pytest.raises(NotOfYours):  # nobody decides on their own side's proposal
        accept_move(by=one, move=move, at=now)
    (waiting,) = read_moves(by=other, at=now).to_decide
    assert (waiting.child.number, waiting.moves_from, waiting.moves_to) == (child, "Birmingham", "Manchester")
    accept_move(by=other, move=move, at=now)
    assert responsible() == [OTHER]
    with pytest.raises(DecidedAlready):
        accept_move(by=other, move=move, at=now)
    assert refusals(one) == ["move-decided"]
    assert [each.outcome for each in read_moves(by=one, at=now).decided] == ["accepted"]


def test_a_decision_waits_for_an_opening_that_is_under_way(now: datetime) -> None:
    """Read before and written after it, the child would stay unfound in an authority that is open."""
    child = make_child(AMINA, at=now)
    move = propose_move(by=team(now, HOME), child=child, to=OTHER, at=now)
    theirs = team(now, OTHER)

    def decide() -> None:
        try:
            accept_move(by=theirs, move=move, at=now)
        finally:
            connections.close_all()

    thread = threading.Thread(target=decide)
    with transaction.atomic(using="match"), connections["match"].cursor() as cursor:
        change_openings(cursor)
        thread.start()
        thread.join(0.6)
        assert thread.is_alive()
        assert responsible() == [HOME]
    thread.join(60)
    assert responsible() == [OTHER]


def test_a_rejection_says_why_and_changes_nothing(now: datetime) -> None:
    child = make_child(at=now)
    one, other = team(now, HOME), team(now, OTHER)
    move = propose_move(by=one, child=child, to=OTHER, at=now)
    with pytest.raises(UnusableCase):
        reject_move(by=other, move=move, why="because", at=now)
    reject_move(by=other, move=move, why="not-yet", at=now)
    assert responsible() == [HOME]
    assert [(each.outcome, each.why) for each in read_moves(by=one, at=now).decided] == [
        ("rejected", "not-yet")
    ]
    propose_move(by=one, child=child, to=OTHER, at=now)  # and may be proposed again


def test_proposed_twice_withdrawn_and_proposed_again(now: datetime) -> None:
    child = make_child(at=now)
    one, other = team(now, HOME), team(now, OTHER)
    move = propose_move(by=one, child=child, to=OTHER, at=now)
    for by in (one, other):
        with pytest.raises(ProposedAlready):
            propose_move(by=by, child=child, to=OTHER, at=now)
    with pytest.raises(NotOfYours):
        withdraw_move(by=other, move=move, at=now)
    withdraw_move(by=one, move=move, at=now)
    with pytest.raises(DecidedAlready):
        accept_move(by=other, move=move, at=now)
    assert responsible() == [HOME]
    assert propose_move(by=other, child=child, to=OTHER, at=now) != move


def test_what_is_no_business_of_theirs_is_refused_and_logged(now: datetime) -> None:
    child = make_child(at=now)
    stranger = team(now, THIRD)
    for to in (OTHER, THIRD, HOME):  # neither side's, to one that is not open, to where it is
        with pytest.raises(NotOfYours):
            propose_move(by=stranger if to != HOME else team(now, HOME), child=child, to=to, at=now)
    with pytest.raises(NotOfYours):
        propose_move(by=team(now, HOME), child=child, to=THIRD, at=now)
    sam = make_viewer(at=now)
    with pytest.raises(MayNotMove):
        propose_move(by=sam, child=child, to=OTHER, at=now)
    assert refusals(sam) == ["move-proposed"]
    assert refusals(stranger) == ["move-proposed", "move-proposed"]
    move = propose_move(by=team(now, HOME), child=child, to=OTHER, at=now)
    with pytest.raises(NotOfYours):
        accept_move(by=stranger, move=move, at=now)
    assert read_moves(by=stranger, at=now).moves == ()


def test_a_shielded_childs_move_is_the_officers_and_the_shield_goes_along(now: datetime) -> None:
    """SHI-2, SHI-5."""
    child = make_child(at=now, supplier="nhs_demographics", restricted=True)
    dana, dan = team(now, HOME), team(now, OTHER)
    for by in (dana, dan):
        with pytest.raises(NotAnOfficer):
            propose_move(by=by, child=child, to=OTHER, at=now)
    sol = team(now, HOME, Role.SHIELDING_OFFICER, "Sol Hughes")
    ola = team(now, OTHER, Role.SHIELDING_OFFICER, "Ola Berg")
    with pytest.raises(NotOfYours):  # whose it is must not be learnt by asking
        propose_move(by=ola, child=child, to=OTHER, at=now)
    move = propose_move(by=sol, child=child, to=OTHER, at=now)
    for by in (dana, dan):
        assert read_moves(by=by, at=now).moves == ()
        with pytest.raises(NotAnOfficer):
            accept_move(by=by, move=move, at=now)
    before = ask("SELECT ground, review_on, provisional FROM hidden.shield")
    accept_move(by=ola, move=move, at=now)
    assert responsible() == [OTHER]
    assert ask("SELECT ground, review_on, provisional FROM hidden.shield") == before
    assert ask("SELECT shielded, authority FROM directory_child") == [(True, None)]
    assert [each.child.number for each in queries.read_shields(by=ola, at=now)] == [child]
    assert queries.read_shields(by=sol, at=now) == ()


def test_a_new_address_elsewhere_proposes_and_the_other_side_decides(now: datetime) -> None:
    child = make_child(at=now - timedelta(days=10), reference="A1")
    moved = replace(AMINA, addresses=(IN_MANCHESTER,))
    make_child(moved, at=now, child_id=decode(child), reference="A1")
    one, other = team(now, HOME), team(now, OTHER)
    (move,) = read_moves(by=other, at=now).to_decide
    assert (move.is_by_address, move.moves_to) == (True, "Manchester")
    assert responsible() == [HOME]
    assert [each.id for each in read_moves(by=one, at=now).proposed] == [move.id]
    reject_move(by=other, move=move.id, why="not-here", at=now)
    make_child(moved, at=now + timedelta(days=1), child_id=decode(child), reference="A1")
    assert read_moves(by=other, at=now).to_decide == ()  # the same address does not ask twice


def test_an_address_that_comes_back_withdraws_its_proposal(now: datetime) -> None:
    child = make_child(at=now - timedelta(days=10), reference="A1")
    make_child(replace(AMINA, addresses=(IN_MANCHESTER,)), at=now, child_id=decode(child), reference="A1")
    make_child(at=now + timedelta(days=1), child_id=decode(child), reference="A1")
    moves = read_moves(by=team(now, OTHER), at=now + timedelta(days=1))
    assert (moves.to_decide, [each.outcome for each in moves.decided]) == ((), ["withdrawn"])


def test_a_new_address_of_a_shielded_child_is_told_to_officers_alone(now: datetime) -> None:
    child = make_child(
        at=now - timedelta(days=10), reference="A1", supplier="nhs_demographics", restricted=True
    )
    moved = replace(AMINA, addresses=(IN_MANCHESTER,))
    make_child(
        moved, at=now, child_id=decode(child), reference="A1", supplier="nhs_demographics", restricted=True
    )
    assert read_moves(by=team(now, OTHER), at=now).moves == ()
    ola = team(now, OTHER, Role.SHIELDING_OFFICER)
    assert [each.child.number for each in read_moves(by=ola, at=now).to_decide] == [child]


def test_a_shield_that_comes_meanwhile_takes_the_proposal_out_of_the_managers_hands(now: datetime) -> None:
    child = make_child(at=now)
    other = team(now, OTHER)
    move = propose_move(by=team(now, HOME), child=child, to=OTHER, at=now)
    sol = team(now, HOME, Role.SHIELDING_OFFICER)
    review = (now + timedelta(days=90)).date()
    officers.apply_shield(by=sol, child=child, ground="refuge", review_on=review, at=now)
    with pytest.raises(NotAnOfficer):
        accept_move(by=other, move=move, at=now)
    assert read_moves(by=other, at=now).moves == ()
    assert responsible() == [HOME]
    withdraw_move(by=sol, move=move, at=now)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hidden.move SET to_authority = from_authority",
        "UPDATE hidden.move SET outcome = 'accepted', decided_at = now(), decided_by = proposed_by",
        "UPDATE hidden.move SET outcome = 'rejected', decided_at = now()",
        "INSERT INTO hidden.move (child_id, from_authority, to_authority, proposed_for, proposed_at)"
        " SELECT child_id, from_authority, to_authority, proposed_for, now() FROM hidden.move",
    ],
)
def test_the_database_refuses(now: datetime, statement: str) -> None:
    """REC-6: a move elsewhere, decided by another, for a reason, and one at a time."""
    propose_move(by=team(now, HOME), child=make_child(at=now), to=OTHER, at=now)
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(using="owner"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_pages_lead_from_a_record_to_the_other_sides_decision(now: datetime, walk: MakeWalker) -> None:
    child: ChildNumber = make_child(at=now)
    dana = walk(
        name="Dana Kowalska",
        roles=[Role.DATA_MANAGER],
        organisation=make_organisation(at=now, authority=HOME),
    )
    dan = walk(
        name="Dan Reid", roles=[Role.DATA_MANAGER], organisation=make_organisation(at=now, authority=OTHER)
    )
    token, page = dana.open()
    assert f"/record/{token}/move/" in page
    assert str(child)[:5] in dana.get(f"/record/{token}/move/")
    assert dana.post(f"/record/{token}/move/", {"number": str(child), "to": ""})[0] == 400
    assert dana.post("/moves/new/", {"number": "1", "to": OTHER})[0] == 400
    status, page = dana.post(f"/record/{token}/move/", {"number": str(child), "to": OTHER})
    assert (status, "The move is proposed" in page) == (200, True)
    ((move,),) = ask("SELECT id FROM hidden.move")
    assert dana.status(f"/moves/{move}/") == 404
    assert "Does Amina Rose Khan move to Manchester?" in dan.get(f"/moves/{move}/")
    assert dan.post(f"/moves/{move}/", {})[0] == 400
    status, page = dan.post(f"/moves/{move}/", {"decision": "accept"})
    assert (status, "Manchester is now responsible" in page) == (200, True)
    assert responsible() == [OTHER]
    sam = walk(name="Sam Okafor")
    for address in ("/moves/", "/moves/new/", f"/moves/{move}/"):
        assert sam.status(address) == 403
    assert sam.kinds() == ["moves-listed refused"] * 3

"""SHI-1, SHI-4, SHI-5: who may ask for, decide on and lift a shield, and what the database itself refuses."""

import json
from datetime import date, datetime, timedelta

import pytest

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.audit.actions import RULES
from contactpoint.audit.canonical import canonical_bytes, digest
from contactpoint.audit.records import Actor
from contactpoint.casework import actions, asking, queries
from contactpoint.casework.carrying_out import carry_out
from contactpoint.casework.records import Verdict
from contactpoint.codes.child_number import ChildNumber, decode
from tests.children import DATABASES, make_child
from tests.factories import make_viewer
from tests.feeds import ask

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
WORKER = Actor(account_id=None, organisation_id=None, door="worker")
REVIEW = date(2027, 3, 1)


@pytest.fixture
def officer(now: datetime) -> Viewer:
    return make_viewer(at=now, name="Sol Hughes", roles=[Role.SHIELDING_OFFICER])


def request(by: Viewer, child: ChildNumber, at: datetime, *, urgent: bool = False) -> None:
    asking.request_shield(
        by=by, child=child, ground="refuge", text="They moved last night.", urgent=urgent, at=at
    )


def only_request(officer: Viewer, at: datetime) -> int:
    (found,) = queries.read_queue(by=officer, at=at).requests
    return found.id


def carry_out_all(at: datetime) -> None:
    for (decision,) in ask(
        "SELECT id FROM hidden.shield_decision WHERE done_at IS NULL AND NOT void ORDER BY id"
    ):
        carry_out(decision=decision, by=WORKER, at=at)


def test_a_request_waits_for_the_officer_and_changes_nothing_yet(now: datetime, officer: Viewer) -> None:
    child = make_child(at=now)
    request(make_viewer(at=now), child, now)
    assert ask("SELECT shielded FROM directory_child") == [(False,)]
    (found,) = queries.read_queue(by=officer, at=now).requests
    assert (found.ground, found.urgent, found.text) == ("refuge", False, "")
    assert queries.read_request(by=officer, request=found.id, at=now).text == "They moved last night."


def test_what_the_door_hands_out_it_logs_in_the_same_bytes_as_we_do(now: datetime, officer: Viewer) -> None:
    child = make_child(at=now)
    request(make_viewer(at=now), child, now)
    queries.read_request(by=officer, request=only_request(officer, now), at=now)
    logged = ask("SELECT body, digest FROM audit_event WHERE kind = 'hidden-opened' ORDER BY id")
    assert len(logged) == 2
    for body, kept in logged:
        said = json.loads(bytes(body))
        ours = canonical_bytes(
            kind="hidden-opened", at=datetime.fromisoformat(said["at"]), actor=officer.actor, purpose="",
            children=(decode(child) or 0,), facts=said["facts"], refused=False, sealed=b"", rules=RULES,
        )  # fmt: skip
        assert bytes(body) == ours
        assert bytes(kept) == digest(ours)
    assert ask(
        "SELECT count(*) FROM audit_event_child c JOIN audit_event e ON e.id = c.event_id"
        " WHERE e.kind = 'hidden-opened' AND c.child_id = %s",
        decode(child),
    ) == [(2,)]


def test_confirm_renew_and_lift(now: datetime, officer: Viewer) -> None:
    child = make_child(at=now)
    before = (
        ask("SELECT to_jsonb(c) FROM directory_child c"),
        ask("SELECT to_jsonb(s) - 'given_id' - 'family_id' FROM directory_searchname s"),
        sorted(ask("SELECT kind, value FROM directory_searchnumber")),
        ask("SELECT content FROM directory_suppliedrow"),
    )
    request(make_viewer(at=now), child, now)
    actions.decide_request(
        by=officer,
        request=only_request(officer, now),
        verdict=Verdict.CONFIRM,
        ground="refuge",
        review_on=REVIEW,
        at=now,
    )
    assert ask("SELECT ground, provisional, review_on FROM hidden.shield") == [("refuge", False, REVIEW)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(0,)]
    (shield,) = queries.read_shields(by=officer, at=now)
    later = REVIEW + timedelta(days=60)
    actions.renew_shield(
        by=officer, shield=shield.id, seen=shield.seen, ground="witness", review_on=later, at=now
    )
    shield = queries.read_shield(by=officer, shield=shield.id, at=now)
    assert (shield.ground, shield.review_on) == ("witness", later)
    actions.lift_shield(by=officer, shield=shield.id, seen=shield.seen, ground="over", at=now)
    assert queries.read_shield(by=officer, shield=shield.id, at=now).lifting
    carry_out_all(now)
    carry_out_all(now)
    after = (
        ask("SELECT to_jsonb(c) FROM directory_child c"),
        ask("SELECT to_jsonb(s) - 'given_id' - 'family_id' FROM directory_searchname s"),
        sorted(ask("SELECT kind, value FROM directory_searchnumber")),
        ask("SELECT content FROM directory_suppliedrow"),
    )
    assert after == before
    assert ask("SELECT (SELECT count(*) FROM hidden.shield), (SELECT count(*) FROM hidden.supplied_row)") == [
        (0, 0)
    ]

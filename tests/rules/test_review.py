"""SUP-7, SUP-8, SUP-9: what a person decides about a doubtful match, and that it is remembered for ever."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections, transaction

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role, Sector
from contactpoint.audit.queries import find_events_of_account
from contactpoint.casework.actions import decide_held_row
from contactpoint.casework.carrying_out import carry_out
from contactpoint.casework.queries import read_queue
from contactpoint.casework.records import HeldVerdict
from contactpoint.casework.review import actions, queries
from contactpoint.casework.review.door import DecidedMeanwhile, NotADataManager, NotAsked
from contactpoint.casework.review.records import Answer, Likeness, Review
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.publish import remove_rows
from contactpoint.directory.publish.shielding import shield_child
from tests.children import DATABASES
from tests.factories import make_organisation, make_viewer
from tests.feeds import AMY, NHS, ask, load_rows, open_everywhere
from tests.reviews import TWIN, WORKER, make_across, make_doubt, make_manager, work

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)


@pytest.fixture
def dana(now: datetime) -> Viewer:
    return make_manager(at=now)


def number_of(review: Review) -> ChildNumber:
    assert review.comparison is not None
    return review.comparison.number


def decide(dana: Viewer, row: int, answer: Answer, at: datetime) -> int:
    review = queries.read_review(by=dana, review=row, at=at)
    return actions.decide_match(by=dana, review=row, child=number_of(review), answer=answer, at=at)


def exclude_all(dana: Viewer, row: int, at: datetime) -> int:
    """Not Amy, and not her twin either. Gives the last decision."""
    last = decide(dana, row, Answer.DIFFERENT, at)
    assert queries.read_review(by=dana, review=row, at=at).others == 0
    return max(last, decide(dana, row, Answer.DIFFERENT, at))


def holders(supplier: str = "ess-list-b") -> list[int]:
    return [
        child
        for (child,) in ask("SELECT child_id FROM directory_suppliedrow WHERE supplier_id = %s", supplier)
    ]


def waiting() -> int:
    return int(ask("SELECT count(*) FROM hidden.waiting_row")[0][0])


def test_a_question_shows_both_sides_with_the_evidence(tmp_path: Path, now: datetime, dana: Viewer) -> None:
    row = make_doubt(tmp_path, at=now)
    review = queries.read_review(by=dana, review=row, at=now)
    assert review.comparison is not None
    assert review.comparison.name == "AMY HARGREAVES"
    lines = {line.field: line.likeness for line in review.comparison.lines}
    assert lines["Given names"] == lines["Date of birth"] == Likeness.SAME
    parts = sum(part.weight for part in review.comparison.parts)
    assert review.comparison.start + parts == pytest.approx(review.comparison.total)
    assert review.sector == "education"
    assert not review.looked_by


def test_the_counts_say_how_many_wait_and_how_long(tmp_path: Path, now: datetime, dana: Viewer) -> None:
    make_doubt(tmp_path, at=now)
    later = now + timedelta(days=3)
    counts = queries.count_reviews(by=dana, at=later)
    assert (counts.waiting, counts.day, counts.week, counts.older) == (1, 0, 1, 0)
    assert counts.oldest == now


def test_same_joins_the_row_to_the_child_and_is_never_asked_again(
    tmp_path: Path, now: datetime, dana: Viewer
) -> None:
    row = make_doubt(tmp_path, at=now)
    child = decode(number_of(queries.read_review(by=dana, review=row, at=now)))
    decide(dana, row, Answer.SAME, now)
    assert queries.count_reviews(by=dana, at=now).waiting == 0
    work(at=now)
    assert holders() == [child]
    remove("ess-list-b", "B1", now)
    report = load_rows(
        tmp_path, [{**AMY, "ref": "B1", "enumcap": "3 Other Road"}], at=now, supplier="ess-list-b"
    )
    assert (report.linked, report.not_placed, waiting()) == (1, 0, 0)
    assert holders() == [child]


def remove(supplier: str, reference: str, at: datetime) -> None:
    with transaction.atomic(using="match"), connections["match"].cursor() as cursor:
        remove_rows(cursor=cursor, keys=[(supplier, reference)], load_id=1, at=at)


@pytest.mark.parametrize("way", ["small", "bulk"])
def test_not_the_same_keeps_them_apart_for_ever_in_bulk_and_one_at_a_time(
    tmp_path: Path, now: datetime, dana: Viewer, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make_doubt(tmp_path, at=now)
    known = {child for (child,) in ask("SELECT id FROM directory_child")}
    exclude_all(dana, row, now)
    work(at=now)
    (made,) = holders()
    assert made not in known
    remove("ess-list-b", "B1", now)
    if way == "bulk":
        from contactpoint.intake import linking, meeting

        monkeypatch.setattr(linking, "SMALL", 0)
        monkeypatch.setattr(meeting, "FEW", 0)
    load_rows(tmp_path, [{**AMY, "ref": "B1"}], at=now, supplier="ess-list-b")
    assert waiting() == 0
    assert not set(holders()) & known


def test_when_all_are_excluded_the_row_is_matched_anew(tmp_path: Path, now: datetime, dana: Viewer) -> None:
    """A child who came while the row waited is met, and not made twice (SUP-9)."""
    row = make_doubt(tmp_path, at=now)
    with connections["match"].cursor() as cursor:
        cursor.execute(
            "UPDATE hidden.waiting_row SET candidates = jsonb_set(candidates, '{children,1}', '{}')"
        )
        cursor.execute("UPDATE hidden.waiting_row SET candidates = candidates #- '{children,1}'")
    decide(dana, row, Answer.DIFFERENT, now)
    work(at=now)
    assert waiting() == 1
    review = queries.read_review(by=dana, review=row, at=now)
    assert review.comparison is not None
    assert review.comparison.name == "OLIVIA HARGREAVES"


def test_undoing_asks_again_and_takes_back(tmp_path: Path, now: datetime, dana: Viewer) -> None:
    row = make_doubt(tmp_path, at=now)
    before = ask("SELECT reference, content, candidates, why FROM hidden.waiting_row")
    children = ask("SELECT id, live_until FROM directory_child ORDER BY id")
    for answer in (Answer.SAME, Answer.DIFFERENT):
        first = decide(dana, row, answer, now)
        decision = decide(dana, row, answer, now) if answer is Answer.DIFFERENT else first
        work(at=now)
        assert waiting() == 0
        for each in {first, decision}:
            actions.undo_match(by=dana, decision=each, at=now)
        work(at=now)
        assert ask("SELECT reference, content, candidates, why FROM hidden.waiting_row") == before
        ((row,),) = ask("SELECT id FROM hidden.waiting_row")
        assert queries.read_review(by=dana, review=row, at=now).comparison is not None
    live = ask("SELECT id, live_until FROM directory_child WHERE live_until > %s ORDER BY id", now.date())
    assert live == children
    with pytest.raises(DecidedMeanwhile):
        actions.undo_match(by=dana, decision=decision, at=now)


def test_two_at_once_the_second_is_told(tmp_path: Path, now: datetime, dana: Viewer) -> None:
    row = make_doubt(tmp_path, at=now)
    kim = make_manager(at=now, name="Kim Lee")
    seen = queries.read_review(by=dana, review=row, at=now)
    again = queries.read_review(by=kim, review=row, at=now)
    assert again.looked_by == "Dana Kowalska"
    assert queries.find_next_review(by=kim, at=now) is None
    actions.decide_match(by=dana, review=row, child=number_of(seen), answer=Answer.DIFFERENT, at=now)
    with pytest.raises(DecidedMeanwhile):
        actions.decide_match(by=kim, review=row, child=number_of(again), answer=Answer.SAME, at=now)
    exclude_rest = queries.read_review(by=kim, review=row, at=now)
    actions.decide_match(by=kim, review=row, child=number_of(exclude_rest), answer=Answer.DIFFERENT, at=now)
    with pytest.raises(DecidedMeanwhile):
        queries.read_review(by=dana, review=row, at=now)
    refused = [
        event
        for event in find_events_of_account(account_id=kim.account_id, since=now - timedelta(minutes=1))
        if event.refused
    ]
    assert [event.kind for event in refused] == ["change-refused"]


def test_leaving_puts_it_last_and_passing_needs_another_authority(
    tmp_path: Path, now: datetime, dana: Viewer
) -> None:
    row = make_doubt(tmp_path, at=now)
    actions.leave_review(by=dana, review=row, at=now)
    assert queries.find_next_review(by=dana, at=now) == row
    with pytest.raises(NotAsked):
        actions.pass_review(by=dana, review=row, at=now)


def test_a_match_across_authorities_goes_to_both_and_either_sends_it_to_the_other(
    tmp_path: Path, now: datetime, dana: Viewer
) -> None:
    row = make_across(tmp_path, at=now)
    other = make_manager(at=now, authority="330", name="Bo Other")
    for manager in (dana, other):
        assert queries.find_next_review(by=manager, at=now) == row
        assert queries.count_reviews(by=manager, at=now).across == 1
    review = queries.read_review(by=dana, review=row, at=now)
    assert review.other_authorities == ("Birmingham",)
    actions.pass_review(by=dana, review=row, at=now)
    assert queries.count_reviews(by=dana, at=now).waiting == 0
    assert queries.count_reviews(by=other, at=now).waiting == 1
    actions.pass_review(by=other, review=row, at=now)
    assert queries.count_reviews(by=dana, at=now).waiting == 1
    decide(dana, row, Answer.SAME, now)
    work(at=now)
    assert queries.count_reviews(by=other, at=now).waiting == 0


def test_others_do_not_reach_it(tmp_path: Path, now: datetime, dana: Viewer) -> None:
    row = make_doubt(tmp_path, at=now)
    stranger = make_manager(at=now, authority="330", name="Bo Other")
    practitioner = make_viewer(at=now)
    for who, refusal in ((stranger, NotAsked), (practitioner, NotADataManager)):
        with pytest.raises(refusal):
            queries.read_review(by=who, review=row, at=now)
        with pytest.raises(refusal):
            actions.decide_match(by=who, review=row, child=ChildNumber("0"), answer=Answer.SAME, at=now)
        events = find_events_of_account(account_id=who.account_id, since=now - timedelta(minutes=1))
        assert [event.kind for event in events if event.refused] == ["change-refused", "hidden-opened"]
    forged = replace(practitioner, roles=dana.roles)
    with pytest.raises(NotADataManager):
        queries.read_review(by=forged, review=row, at=now)


def test_a_shield_draws_the_question_to_the_officers_by_whatever_path(
    tmp_path: Path, now: datetime, dana: Viewer
) -> None:
    row = make_doubt(tmp_path, at=now)
    child = decode(number_of(queries.read_review(by=dana, review=row, at=now))) or 0
    with transaction.atomic(using="match"), connections["match"].cursor() as cursor:
        shield_child(
            cursor, child=child, ground="refuge", requested_by="test", provisional=True, applied_by=None,
            at=now, review_on=(now + timedelta(days=90)).date(),
        )  # fmt: skip
    counts = queries.count_reviews(by=dana, at=now)
    assert (counts.waiting, counts.passed) == (0, 0)
    assert queries.find_next_review(by=dana, at=now) is None
    with pytest.raises(NotAsked):
        queries.read_review(by=dana, review=row, at=now)


def test_a_decision_not_carried_out_before_the_shield_is_void(
    tmp_path: Path, now: datetime, dana: Viewer
) -> None:
    row = make_doubt(tmp_path, at=now)
    review = queries.read_review(by=dana, review=row, at=now)
    child = decode(number_of(review)) or 0
    decide(dana, row, Answer.SAME, now)
    with transaction.atomic(using="match"), connections["match"].cursor() as cursor:
        shield_child(
            cursor, child=child, ground="refuge", requested_by="test", provisional=True, applied_by=None,
            at=now, review_on=(now + timedelta(days=90)).date(),
        )  # fmt: skip
    work(at=now)
    assert ask("SELECT why, decision FROM hidden.waiting_row") == [("near-shield", None)]
    assert ask("SELECT count(*) FROM hidden.match_decision WHERE undone_at IS NULL") == [(0,)]


def test_a_row_marked_as_restricted_is_never_in_an_ordinary_queue(
    tmp_path: Path, now: datetime, dana: Viewer
) -> None:
    open_everywhere(at=now)
    load_rows(tmp_path, [AMY, TWIN], at=now)
    load_rows(tmp_path, [{**NHS, "CONFIDENTIALITY": "R"}], at=now, supplier="nhs_demographics")
    assert ask("SELECT why FROM hidden.waiting_row") == [("near-shield",)]
    assert queries.count_reviews(by=dana, at=now).waiting == 0


def test_each_look_and_decision_is_logged(tmp_path: Path, now: datetime, dana: Viewer) -> None:
    row = make_doubt(tmp_path, at=now)
    queries.count_reviews(by=dana, at=now)
    decide(dana, row, Answer.SAME, now)
    work(at=now)
    events = list(
        reversed(find_events_of_account(account_id=dana.account_id, since=now - timedelta(minutes=1)))
    )
    kinds = [event.kind for event in events]
    assert kinds == ["hidden-opened", "hidden-opened", "match-decided"]
    child = holders()
    assert [list(event.children) for event in events][::2] == [[], child]
    assert set(child) < set(events[1].children)
    assert events[2].facts["verdict"] == "same"
    assert ask("SELECT kind FROM audit_event WHERE kind = 'match-carried-out'")


@pytest.mark.parametrize(("verdict", "shielded"), [(HeldVerdict.BELONGS, 1), (HeldVerdict.ANOTHER, 1)])
def test_a_marked_row_is_decided_by_the_officers_and_brings_its_shield(
    tmp_path: Path, now: datetime, dana: Viewer, verdict: HeldVerdict, shielded: int
) -> None:
    open_everywhere(at=now)
    load_rows(tmp_path, [AMY, TWIN], at=now)
    load_rows(tmp_path, [{**NHS, "CONFIDENTIALITY": "R"}], at=now, supplier="nhs_demographics")
    home = make_organisation(
        at=now, code="OFFICE", sector=Sector.AUTHORITY, kind="authority", authority="352"
    )
    officer = make_viewer(at=now, name="Sol Hughes", organisation=home, roles=[Role.SHIELDING_OFFICER])
    (held,) = read_queue(by=officer, at=now).held
    assert {child.name for child in held.near} == {"AMY HARGREAVES", "OLIVIA HARGREAVES"}
    assert not any(child.shielded for child in held.near)
    amy = next(child.number for child in held.near if child.name.startswith("AMY"))
    chosen = amy if verdict is HeldVerdict.BELONGS else None
    decide_held_row(by=officer, row=held.id, verdict=verdict, child=chosen, at=now)
    for (decision,) in ask("SELECT id FROM hidden.shield_decision WHERE done_at IS NULL"):
        carry_out(decision=decision, by=WORKER, at=now)
    assert waiting() == 0
    assert ask("SELECT count(*) FROM directory_child WHERE shielded") == [(shielded,)]
    assert holders("nhs_demographics") == []
    assert queries.count_reviews(by=dana, at=now).waiting == 0

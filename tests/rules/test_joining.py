"""REC-4, SHI-5, SUP-8: records are joined and parted; numbers lead on and are given back; nothing is lost or shown."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connections, transaction

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.audit.queries import find_events_of_account
from contactpoint.casework.review import changing
from contactpoint.casework.review.door import DecidedMeanwhile, NotADataManager, NotAsked
from contactpoint.casework.review.moving import carry_out_change
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.actions import become_lead, record_involvement
from contactpoint.directory.keeping.archive import return_to_live
from contactpoint.directory.keeping.clock import run_clock
from contactpoint.directory.own_work import list_own_involvements
from contactpoint.directory.publish import SensitivePart
from contactpoint.directory.publish.shielding import shield_child
from contactpoint.directory.queries import open_record, search_children
from contactpoint.directory.records import Purpose, Record, SearchQuery
from contactpoint.directory.values import Address, SuppliedValues
from tests.children import AMINA, DATABASES, make_child
from tests.factories import make_viewer
from tests.feeds import ask, contents
from tests.reviews import WORKER, make_manager

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
BIRMINGHAM = "330"
AMINAH = replace(AMINA, given_names="Aminah", nhs="", upn="", carers=(), school=None)
ZELDA = SuppliedValues(
    given_names="Zelda", family_name="Marsh", birth_date="2012-01-02", gender="F",
    addresses=(Address(lines=("9 Mill Lane",), town="Birmingham", postcode="B1 1AB"),),
)  # fmt: skip
MOVED = (
    "directory_child",
    "directory_suppliedrow",
    "hidden.supplied_row",
    "hidden.blocking_key",
    "hidden.shield",
)


@pytest.fixture
def dana(now: datetime) -> Viewer:
    return make_manager(at=now, authority=BIRMINGHAM)


def work(at: datetime) -> None:
    todo = ask(
        "SELECT id FROM hidden.record_change WHERE done_at IS NULL AND declined_at IS NULL AND given @> needs ORDER BY id"
    )
    for (change,) in todo:
        carry_out_change(change=change, by=WORKER, at=at)
        carry_out_change(change=change, by=WORKER, at=at)


def join(by: Viewer, survivor: ChildNumber, other: ChildNumber, at: datetime) -> int:
    changing.propose_join(by=by, survivor=survivor, other=other, reason="checked", at=at)
    work(at)
    return last_change()


def last_change() -> int:
    return int(ask("SELECT max(id) FROM hidden.record_change")[0][0])


def undo(by: Viewer, change: int, at: datetime) -> None:
    changing.undo_change(by=by, change=change, at=at)
    work(at)


def shield(child: ChildNumber, at: datetime) -> None:
    with transaction.atomic(using="match"), connections["match"].cursor() as cursor:
        shield_child(
            cursor, child=decode(child) or 0, ground="refuge", requested_by="test", provisional=False,
            applied_by=None, at=at, review_on=at.date() + timedelta(days=90),
        )  # fmt: skip


def look(viewer: Viewer, child: ChildNumber, at: datetime) -> Record:
    return open_record(viewer=viewer, child=child, purpose=Purpose.COORDINATING, reference="", at=at)


def held() -> dict[str, Any]:
    """What is kept, without ids of names, which are given anew."""
    everything = contents()
    pairs = ask(
        "SELECT s.child_id, g.folded, f.folded, s.born FROM directory_searchname s"
        " JOIN directory_name g ON g.id = s.given_id JOIN directory_name f ON f.id = s.family_id ORDER BY 1, 2, 3"
    )
    numbers = sorted(ask("SELECT kind, value, child_id FROM directory_searchnumber"))
    entries = sorted(ask("SELECT to_jsonb(i)::text FROM directory_involvement i"))
    hidden = sorted(ask("SELECT to_jsonb(i)::text FROM hidden.involvement i"))
    sensitive = sorted(ask("SELECT to_jsonb(i)::text FROM hidden.sensitive_involvement i"))
    kept = {table: everything[table] for table in MOVED}
    return {
        **kept,
        "pairs": pairs,
        "numbers": numbers,
        "entries": entries,
        "hidden": hidden,
        "sensitive": sensitive,
    }


def make_two(at: datetime) -> tuple[ChildNumber, ChildNumber]:
    return make_child(at=at), make_child(AMINAH, at=at, supplier="pds", supplied_at=at + timedelta(minutes=1))


def test_the_losing_number_leads_to_the_survivor_everywhere(now: datetime, dana: Viewer) -> None:
    survivor, other = make_two(now)
    viewer = make_viewer(at=now)
    join(dana, survivor, other, now)
    record = look(viewer, other, now)
    assert record.number == survivor
    assert {name.given_names for name in record.other_names} == {"Amina Rose"}
    found = search_children(
        viewer=viewer, query=SearchQuery(number_kind="contactpoint", number=str(other)), at=now
    )
    assert [each.number for each in found.found] == [survivor]
    assert ask("SELECT given_names, family_name, town FROM directory_child WHERE id = %s", decode(other)) == [
        ("", "", "")
    ]


def test_undoing_gives_the_number_back_and_each_its_rows(now: datetime, dana: Viewer) -> None:
    survivor, other = make_two(now)
    before = held()
    change = join(dana, survivor, other, now)
    assert held() != before
    undo(dana, change, now)
    assert held() == before
    assert ask("SELECT count(*) FROM directory_redirect") == [(0,)]
    viewer = make_viewer(at=now)
    assert look(viewer, other, now).number == other
    with pytest.raises(DecidedMeanwhile):
        changing.undo_change(by=dana, change=change, at=now)


def test_the_order_of_joinings_does_not_matter(now: datetime, dana: Viewer) -> None:
    first, *others = (
        make_child(
            replace(AMINA, given_names=name),
            at=now,
            supplier=f"s{place}",
            supplied_at=now + timedelta(minutes=place),
        )
        for place, name in enumerate(("Amina", "Aminah", "Mina"))
    )
    people = [make_viewer(at=now) for _ in range(2)]
    for place, child in enumerate((first, *others)):
        for who in people[: 2 - place // 2]:
            entry = involve(who, child, now - timedelta(days=place))
        if place:
            become_lead(by=who, involvement=entry, at=now + timedelta(days=place))
    seen = []
    for order in permutations(others):
        changes = [join(dana, first, other, now) for other in order]
        state = held()
        seen.append({name: rows for name, rows in state.items() if name != "hidden.record_change"})
        for change in reversed(changes):
            undo(dana, change, now)
    assert seen[0] == seen[1]


def involve(by: Viewer, child: ChildNumber, at: datetime) -> int:
    return record_involvement(
        by=by, child=child, service="education_welfare", role="education_welfare_officer", started_on=at.date(),
        team_telephone="0121 496 0000", team_email="", at=at,
    )  # fmt: skip


def test_a_chain_of_joinings_leads_to_the_end_and_is_undone_from_the_end(now: datetime, dana: Viewer) -> None:
    a, b = make_two(now)
    c = make_child(replace(AMINA, given_names="Mina"), at=now, supplier="third")
    first, second = join(dana, b, c, now), join(dana, a, b, now)
    viewer = make_viewer(at=now)
    assert look(viewer, c, now).number == a
    with pytest.raises(DecidedMeanwhile):
        changing.undo_change(by=dana, change=first, at=now)
    undo(dana, second, now)
    assert look(viewer, c, now).number == b
    undo(dana, first, now)
    assert look(viewer, c, now).number == c


def test_practitioners_entries_follow_and_come_back(now: datetime, dana: Viewer) -> None:
    survivor, other = make_two(now)
    sam, kim = make_viewer(at=now, name="Sam"), make_viewer(at=now, name="Kim")
    involve(sam, survivor, now)
    theirs = involve(sam, other, now + timedelta(minutes=1))
    lead = involve(kim, other, now)
    become_lead(by=kim, involvement=lead, at=now)
    before = held()
    change = join(dana, survivor, other, now)
    assert [entry.number for entry in list_own_involvements(viewer=sam, at=now)] == [survivor]
    assert [entry.number for entry in list_own_involvements(viewer=kim, at=now)] == [survivor]
    record = look(sam, other, now)
    assert record.lead is not None
    assert record.lead.practitioner == "Kim"
    undo(dana, change, now)
    assert held() == before
    assert theirs in {entry.id for entry in list_own_involvements(viewer=sam, at=now)}


def test_new_data_for_the_losing_number_goes_to_the_survivor_and_to_each_after_parting(
    now: datetime, dana: Viewer
) -> None:
    survivor, other = make_two(now), None
    survivor, other = survivor
    change = join(dana, survivor, other, now)
    make_child(replace(AMINAH, given_names="Aminah"), at=now, supplier="later", child_id=decode(other))
    assert {row[0] for row in ask("SELECT child_id FROM directory_suppliedrow")} == {decode(survivor)}
    undo(dana, change, now)
    assert ask("SELECT child_id FROM directory_suppliedrow WHERE supplier_id = 'later'") == [(decode(other),)]


@pytest.mark.parametrize("which", ["survivor", "other", "both"])
def test_a_joined_record_is_shielded_if_any_part_was_and_shows_no_more(now: datetime, which: str) -> None:
    survivor, other = make_two(now)
    both = make_officer_and_manager(now)
    viewer = make_viewer(at=now)
    if which in ("survivor", "both"):
        shield(survivor, now)
    if which in ("other", "both"):
        shield(other, now)
    shown = {
        (look(viewer, child, now).given_names, look(viewer, child, now).birth_date)
        for child in (survivor, other)
    }
    change = join(both, survivor, other, now)
    for child in (survivor, other):
        record = look(viewer, child, now)
        assert record.shielded
        assert (record.given_names, record.birth_date) in shown
        assert not any((record.addresses, record.other_names, record.numbers, record.authority))
    assert nothing_open()
    undo(both, change, now)
    for child in (survivor, other):
        assert look(viewer, child, now).shielded
    assert nothing_open()
    assert ask("SELECT count(*) FROM hidden.shield") == [(2,)]


def nothing_open() -> bool:
    """No value of either but the visible ones is on the open side."""
    rows = (
        ask("SELECT count(*) FROM directory_suppliedrow")[0][0]
        + ask("SELECT count(*) FROM directory_searchnumber")[0][0]
    )
    places = ask(
        "SELECT count(*) FROM directory_child WHERE town || outward || postcodes <> '' OR authority IS NOT NULL"
    )
    return int(rows) == 0 and places == [(0,)]


def make_officer_and_manager(at: datetime) -> Viewer:
    return make_viewer(at=at, name="Sol Both", roles=[Role.DATA_MANAGER, Role.SHIELDING_OFFICER])


def test_a_shield_that_comes_after_empties_the_numbers_that_lead_there(now: datetime, dana: Viewer) -> None:
    survivor, other = make_two(now)
    join(dana, survivor, other, now)
    shield(survivor, now)
    assert nothing_open()
    assert look(make_viewer(at=now), other, now).shielded


def test_a_shielded_record_is_joined_only_when_the_officer_agrees(now: datetime, dana: Viewer) -> None:
    survivor, other = make_two(now)
    shield(other, now)
    assert not changing.propose_join(by=dana, survivor=survivor, other=other, reason="checked", at=now)
    two = changing.read_two(by=dana, first=survivor, second=other, at=now)
    assert two.comparison is None
    assert (two.second.sources, two.second.practitioners) == (0, 0)
    (waiting,) = changing.list_changes(by=dana, at=now)
    assert not waiting.may_agree
    with pytest.raises(DecidedMeanwhile):
        changing.answer_change(by=dana, change=waiting.id, agrees=True, at=now)
    officer = make_viewer(at=now, name="Sol Hughes", roles=[Role.SHIELDING_OFFICER])
    assert changing.answer_change(by=officer, change=waiting.id, agrees=True, at=now)
    work(now)
    assert ask("SELECT number_id FROM directory_redirect") == [(decode(survivor),)]


def test_records_of_two_authorities_need_both(now: datetime, dana: Viewer) -> None:
    survivor = make_child(at=now)
    there = replace(AMINAH, addresses=(Address(lines=("1 York Road",), postcode="M19 2EQ"),))
    other = make_child(there, at=now, supplier="pds", authority="352")
    assert not changing.propose_join(by=dana, survivor=survivor, other=other, reason="number", at=now)
    work(now)
    assert ask("SELECT count(*) FROM directory_redirect") == [(0,)]
    stranger = make_manager(at=now, authority="302", name="Ann Else")
    with pytest.raises(NotAsked):
        changing.answer_change(by=stranger, change=last_change(), agrees=True, at=now)
    theirs = make_manager(at=now, authority="352", name="Bo Other")
    assert changing.answer_change(by=theirs, change=last_change(), agrees=True, at=now)
    work(now)
    assert ask("SELECT count(*) FROM directory_redirect") == [(1,)]


def test_declining_ends_it(now: datetime, dana: Viewer) -> None:
    survivor, other = make_two(now)
    shield(other, now)
    changing.propose_join(by=dana, survivor=survivor, other=other, reason="checked", at=now)
    assert not changing.answer_change(by=dana, change=last_change(), agrees=False, at=now)
    with pytest.raises(DecidedMeanwhile):
        changing.answer_change(by=dana, change=last_change(), agrees=True, at=now)


def test_parting_makes_a_record_of_the_chosen_rows_and_keeps_them_apart(now: datetime, dana: Viewer) -> None:
    child = make_child(at=now)
    make_child(ZELDA, at=now, supplier="pds", child_id=decode(child))
    pieces = changing.list_pieces(by=dana, child=child, at=now)
    (row,) = [piece.id for piece in pieces if "Zelda" in piece.says]
    before = held()
    changing.propose_part(
        by=dana, child=child, rows=[row], involvements=[], assessments=[], reason="checked", at=now
    )
    work(now)
    viewer = make_viewer(at=now)
    query = SearchQuery(given_name="Zelda", family_name="Marsh", birth_date="2012-01-02")
    (found,) = search_children(viewer=viewer, query=query, at=now).found
    assert found.number != child
    assert not look(viewer, child, now).other_names
    apart = ask("SELECT child_id, verdict FROM hidden.match_decision WHERE undone_at IS NULL")
    assert sorted(apart) == sorted([(decode(child), "different"), (decode(found.number), "different")])
    undo(dana, last_change(), now)
    assert look(viewer, found.number, now).number == child
    after = held()
    assert after["directory_suppliedrow"] == before["directory_suppliedrow"]
    assert ask("SELECT count(*) FROM hidden.match_decision WHERE undone_at IS NULL") == [(0,)]


@pytest.mark.parametrize("rows", [[], "all", [999999]])
def test_a_parting_that_leaves_nothing_on_one_side_is_refused(now: datetime, dana: Viewer, rows: Any) -> None:
    child = make_child(at=now)
    make_child(ZELDA, at=now, supplier="pds", child_id=decode(child))
    every = [piece.id for piece in changing.list_pieces(by=dana, child=child, at=now)]
    with pytest.raises((changing.UnusableChange, DecidedMeanwhile)):
        changing.propose_part(
            by=dana, child=child, rows=every if rows == "all" else rows, involvements=[], assessments=[],
            reason="checked", at=now,
        )  # fmt: skip


def test_a_sensitive_entry_follows_and_a_withdrawal_counts_for_both(now: datetime, dana: Viewer) -> None:
    survivor, other = make_two(now)
    part = SensitivePart(
        "camhs",
        "T9",
        "consent",
        consent_given_by="child",
        obtained_on=date(2026, 1, 1),
        started_on=date(2026, 1, 1),
    )
    make_child(AMINAH, at=now, supplier="camhs", child_id=decode(other), sensitive=part)
    before = held()
    change = join(dana, survivor, other, now)
    assert ask("SELECT child_id FROM hidden.sensitive_involvement") == [(decode(survivor),)]
    undo(dana, change, now)
    assert held() == before
    with connections["match"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO hidden.sensitive_withdrawal SELECT 77, 'T9', hidden.withdrawal_mark(%s, 'T9', 'camhs'), %s",
            [decode(survivor), now],
        )
    join(dana, survivor, other, now)
    assert ask("SELECT count(*) FROM hidden.sensitive_involvement") == [(0,)]


@pytest.mark.parametrize("is_involved", [False, True], ids=["alone", "beside a sensitive service"])
def test_where_an_open_row_goes_does_not_tell_what_a_sensitive_service_says(
    now: datetime, dana: Viewer, is_involved: bool
) -> None:
    """SEN-3: nor does the number of the next decision tell how many rows are hidden."""
    survivor, other = make_two(now)
    moved = Address(lines=("31 Dock Street",), town="Birmingham", postcode="B2 4QA")
    since = replace(AMINA, upn="", nhs="9990000034", addresses=(moved,), carers=(), school=None)
    if is_involved:
        part = SensitivePart("camhs", "T9", "significant-harm")
        make_child(since, at=now, supplier="camhs", child_id=decode(other), sensitive=part)
    change = join(dana, survivor, other, now)
    make_child(since, at=now, supplier="later", child_id=decode(survivor))
    undo(dana, change, now)
    assert ask("SELECT child_id FROM directory_suppliedrow WHERE supplier_id = 'later'") == [
        (decode(survivor),)
    ]
    assert ask("SELECT count(*) FROM hidden.match_decision WHERE id > 0") == [(0,)]


def test_a_question_about_the_losing_number_is_about_the_survivor(now: datetime, dana: Viewer) -> None:
    survivor, other = make_two(now)
    with connections["match"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO hidden.waiting_row (supplier_id, reference, content, digest, load_id, supplied_at, why, candidates)"
            " VALUES ('pds', 'W', '{}', '', 1, %s, 'doubtful', jsonb_build_object('marker', '', 'authority', '330',"
            " 'children', jsonb_build_array(jsonb_build_object('child', %s::bigint), jsonb_build_object('child', %s::bigint))))",
            [now, decode(other), decode(survivor)],
        )
    join(dana, survivor, other, now)
    assert ask("SELECT candidates -> 'children' FROM hidden.waiting_row") == [
        (f'[{{"child": {decode(survivor)}}}]',)
    ]
    shield(survivor, now)
    assert ask("SELECT why FROM hidden.waiting_row") == [("near-shield",)]


def test_the_archive_takes_the_numbers_along_and_destruction_leaves_none(now: datetime, dana: Viewer) -> None:
    survivor, other = make_two(now)
    join(dana, survivor, other, now)
    grown = datetime(2034, 6, 1, 2, tzinfo=UTC)
    assert run_clock(by=WORKER, at=grown).archived == 1
    assert ask("SELECT count(*) FROM directory_redirect") == [(0,)]
    return_to_live(child=decode(survivor) or 0, by=WORKER, at=now)
    assert look(make_viewer(at=now), other, now).number == survivor
    assert run_clock(by=WORKER, at=grown).archived == 1
    assert run_clock(by=WORKER, at=grown + timedelta(days=6 * 366)).destroyed == 1
    assert ask("SELECT count(*) FROM hidden.record_change") == [(0,)]


REFUSED: list[tuple[str, Callable[[Viewer, ChildNumber, ChildNumber, datetime], object]]] = [
    ("compare", lambda who, a, b, at: changing.read_two(by=who, first=a, second=b, at=at)),
    (
        "join",
        lambda who, a, b, at: changing.propose_join(by=who, survivor=a, other=b, reason="checked", at=at),
    ),
    ("pieces", lambda who, a, b, at: changing.list_pieces(by=who, child=a, at=at)),
    (
        "part",
        lambda who, a, b, at: changing.propose_part(
            by=who, child=a, rows=[1], involvements=[], assessments=[], reason="checked", at=at
        ),
    ),
    ("undo", lambda who, a, b, at: changing.undo_change(by=who, change=1, at=at)),
]


@pytest.mark.parametrize(("named", "attempt"), REFUSED, ids=[named for named, _ in REFUSED])
def test_others_are_refused_and_the_log_has_it(
    now: datetime, named: str, attempt: Callable[[Viewer, ChildNumber, ChildNumber, datetime], object]
) -> None:
    a, b = make_two(now)
    for who, refusal in (
        (make_viewer(at=now), NotADataManager),
        (make_manager(at=now, authority="302", name="Ann Else"), NotAsked),
    ):
        with pytest.raises(refusal):
            attempt(who, a, b, now)
        events = find_events_of_account(account_id=who.account_id, since=now - timedelta(minutes=1))
        assert [event.refused for event in events] == [True]

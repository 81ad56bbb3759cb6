"""2009 again: updates of shielded children, in every way in which they made unshielded copies (SHI-5).

The child was adopted and lives where nobody may know.
She is shielded; then suppliers go on sending what they have: her former name, another address, no number,
both surnames, killed half-way or two at once.
No record of hers is open, no row of hers is on the open side, and the shield stays.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connections, transaction

from contactpoint.access.roles import Role
from contactpoint.casework import actions, queries
from contactpoint.casework.carrying_out import carry_out
from contactpoint.codes.child_number import encode
from contactpoint.directory.publish import remove_rows
from contactpoint.directory.records import SearchOutcome, SearchQuery
from contactpoint.directory.searching import search_children
from contactpoint.intake import publishing
from tests.factories import make_viewer
from tests.feeds import DATABASES, US, ask, load, load_rows, open_everywhere, write_file

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
LATER = timedelta(days=1)
REVIEW = date(2027, 3, 1)

NHS = {
    "RECORD_ID": "N1",
    "NHS_NUMBER": "9434765919",
    "GIVEN_NAMES": "Katherine",
    "FAMILY_NAME": "Hargreaves",
    "PREVIOUS_FAMILY_NAME": "Whitcombe",
    "BIRTH_DATE": "2016-05-24",
    "GENDER": "2",
    "ADDRESS_1": "1 York Road",
    "TOWN": "Manchester",
    "POSTCODE": "M19 2EQ",
    "CONFIDENTIALITY": "",
}
CENSUS = {
    "PupilRef": "S1",
    "Forename": "Katherine",
    "Surname": "Hargreaves",
    "DOB": "24/05/2016",
    "Sex": "F",
    "Address1": "1 York Road",
    "Town": "Manchester",
    "Postcode": "M19 2EQ",
}
BENEFIT = {
    "CB_REF": "B1",
    "CHILD_FORENAMES": "KATHERINE",
    "CHILD_SURNAME": "HARGREAVES",
    "CHILD_DOB": "24/05/2016",
    "CHILD_SEX": "F",
    "ADDR_LINE_1": "1 YORK ROAD",
    "POST_TOWN": "MANCHESTER",
    "POSTCODE": "M19 2EQ",
}
LOCAL = {
    "LocalRef": "L1",
    "NHSNumber": "9434765919",
    "FirstName": "Katherine",
    "LastName": "Hargreaves",
    "DateOfBirth": "2016-05-24",
    "Gender": "F",
    "AddressLine1": "1 York Road",
    "Town": "Manchester",
    "Postcode": "M19 2EQ",
    "LA": "352",
}
# Nobody shields him: he shows that the feed itself works.
OTHER = {**CENSUS, "PupilRef": "S9", "Forename": "Tobias", "Surname": "Lindqvist", "DOB": "02/02/2012"}
FORMER = {"Surname": "Whitcombe"}
AWAY = {"Address1": "7 Quay Road", "Town": "Newcastle", "Postcode": "NE1 4ST"}

UPDATES = [
    ("as she is known now", "school_census", CENSUS),
    ("at a new address", "school_census", {**CENSUS, **AWAY}),
    ("under her former name", "school_census", {**CENSUS, **FORMER}),
    ("under her former name at a new address", "school_census", {**CENSUS, **FORMER, **AWAY}),
    ("under her former name without an address", "child_benefit",
     {**BENEFIT, "CHILD_SURNAME": "WHITCOMBE", "ADDR_LINE_1": "", "POST_TOWN": "", "POSTCODE": ""}),
    ("under both surnames", "school_census", {**CENSUS, "Surname": "Hargreaves-Whitcombe", **AWAY}),
    ("under both surnames, the other way round", "school_census", {**CENSUS, "Surname": "Whitcombe Hargreaves"}),
    ("with the former name as a former name", "school_census", {**CENSUS, "FormerSurname": "Whitcombe", **AWAY}),
    ("with the names of today and before exchanged", "school_census",
     {**CENSUS, "Surname": "Whitcombe", "FormerSurname": "Hargreaves", **AWAY}),
    ("by the number under quite another name", "local_services",
     {**LOCAL, "FirstName": "Kitty", "LastName": "Vance", "AddressLine1": "3 Mill Lane", "Postcode": "LS1 1UR"}),
    ("without the number", "local_services", {**LOCAL, "NHSNumber": ""}),
    ("without the number under her former name", "local_services",
     {**LOCAL, "NHSNumber": "", "LastName": "Whitcombe", "AddressLine1": "7 Quay Road", "Postcode": "NE1 4ST"}),
    ("with another child's number", "local_services", {**LOCAL, "NHSNumber": "9000000009"}),
    ("by a nickname", "school_census", {**CENSUS, "Forename": "Katie", **AWAY}),
    ("with one slip in each name", "school_census", {**CENSUS, "Forename": "Katharine", "Surname": "Hargraves"}),
    ("with the names swapped", "school_census", {**CENSUS, "Forename": "Hargreaves", "Surname": "Katherine"}),
    ("with the year of birth alone", "local_services", {**LOCAL, "NHSNumber": "", "DateOfBirth": "2016"}),
    ("born on a day close by", "school_census", {**CENSUS, "DOB": "25/05/2016", **AWAY}),
    ("marked as unrestricted by a second source", "local_services", {**LOCAL, "LastName": "Whitcombe"}),
]  # fmt: skip


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def marked(folder: Path, at: datetime) -> None:
    """She was always restricted."""
    load_rows(folder, [{**NHS, "CONFIDENTIALITY": "R"}], at=at, supplier="nhs_demographics")


def by_officer(folder: Path, at: datetime) -> None:
    """She was open and known to two sources, until an officer shielded her."""
    load_rows(folder, [NHS], at=at, supplier="nhs_demographics")
    load_rows(folder, [BENEFIT], at=at, supplier="child_benefit")
    ((child,),) = ask("SELECT id FROM directory_child")
    shield_by_officer(child, at)


def shield_by_officer(child: int, at: datetime) -> None:
    officer = make_viewer(at=at, name="Sol Hughes", roles=[Role.SHIELDING_OFFICER])
    with connections["owner"].cursor() as cursor:  # whichever authority her address gave is the officer's
        cursor.execute("UPDATE directory_child SET authority = '330'")
    actions.apply_shield(by=officer, child=encode(child), ground="refuge", review_on=REVIEW, at=at)


WAYS: dict[str, Callable[[Path, datetime], None]] = {
    "marked by the NHS": marked,
    "by an officer": by_officer,
}


def shields() -> list[tuple[Any, ...]]:
    return ask("SELECT child_id, authority, ground, requested_by, provisional, review_on FROM hidden.shield")


def insist_no_copy(before: list[tuple[Any, ...]], *, others: int = 0) -> None:
    """The same shield, and on the open side no record and no row but those of `others`."""
    assert before
    assert shields() == before
    child = before[0][0]
    assert ask(
        "SELECT shielded, authority, town, outward, postcodes FROM directory_child WHERE id = %s", child
    ) == [(True, None, "", "", "")]
    assert ask("SELECT count(*) FROM directory_child WHERE NOT shielded") == [(others,)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(others,)]
    assert ask("SELECT count(*) FROM directory_searchnumber WHERE child_id = %s", child) == [(0,)]


def find(at: datetime, **typed: str) -> tuple[SearchOutcome, list[bool]]:
    query = SearchQuery(**typed)  # type: ignore[arg-type]
    result = search_children(viewer=make_viewer(at=at), query=query, at=at)
    return result.outcome, [found.shielded for found in result.found]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("case", "supplier", "row"), UPDATES, ids=[case for case, _, _ in UPDATES])
def test_an_update_never_makes_an_unshielded_copy(
    tmp_path: Path, now: datetime, way: str, case: str, supplier: str, row: dict[str, str]
) -> None:
    WAYS[way](tmp_path, now)
    before = shields()
    report = load_rows(tmp_path, [row], at=now + LATER, supplier=supplier)
    assert (report.received, report.refused) == (1, 0)
    insist_no_copy(before)
    joined = ask("SELECT child_id FROM hidden.supplied_row WHERE load_id = %s", report.load_id)
    held = ask("SELECT why FROM hidden.waiting_row WHERE load_id = %s", report.load_id)
    assert (joined, held) in [([(before[0][0],)], []), ([], [("near-shield",)])], case


def test_nobody_finds_her_by_what_is_hidden_and_a_child_next_to_her_is_published(
    tmp_path: Path, now: datetime
) -> None:
    open_everywhere(at=now)
    by_officer(tmp_path, now)
    before = shields()
    rows = [{**CENSUS, **FORMER, **AWAY}, OTHER]
    load_rows(tmp_path, rows, at=now + LATER, supplier="school_census")
    insist_no_copy(before, others=1)
    at = now + 2 * LATER
    assert find(at, given_name="Katherine", family_name="Hargreaves", birth_date="2016-05-24") == (
        "found",
        [True],
    )
    for hidden in (
        {"given_name": "Katherine", "family_name": "Whitcombe", "birth_date": "2016-05-24"},
        {"given_name": "Katherine", "birth_date": "2016-05-24", "postcode": "NE1 4ST"},
        {"given_name": "Katherine", "birth_date": "2016-05-24", "postcode": "M19 2EQ"},
    ):
        assert find(at, **hidden)[1] in (
            [],
            [True],
        )  # her given name and birth date are visible; nothing more is
    assert find(at, given_name="Tobias", family_name="Lindqvist", birth_date="2012-02-02") == (
        "found",
        [False],
    )


def test_a_name_known_to_be_former_is_not_shown_again_whoever_still_uses_it(
    tmp_path: Path, now: datetime
) -> None:
    """A believed supplier that missed the adoption would otherwise bring her former name before everybody."""
    load_rows(tmp_path, [{**CENSUS, "FormerSurname": "Whitcombe"}], at=now, supplier="school_census")
    ((child,),) = ask("SELECT id FROM directory_child")
    shield_by_officer(child, now)
    before = shields()
    row = {
        "CaseRef": "C1", "LA": "352", "FirstName": "Katherine", "LastName": "Whitcombe", "DOB": "2016-05-24",
        "Gender": "F", "HomeAddress1": "1 York Road", "HomeTown": "Manchester", "HomePostcode": "M19 2EQ",
        "TeamType": "CIN", "Team": "T1",
    }  # fmt: skip
    load_rows(tmp_path, [row], at=now + LATER, supplier="social_care")
    insist_no_copy(before)
    assert ask("SELECT given_names, family_name FROM directory_child") == [("Katherine", "Hargreaves")]
    assert ask("SELECT count(*) FROM directory_name WHERE folded LIKE 'WHITCOMBE%%'") == [(0,)]


def test_both_surnames_in_one_file_are_both_held_or_joined(tmp_path: Path, now: datetime) -> None:
    marked(tmp_path, now)
    before = shields()
    rows = [{**CENSUS, **AWAY}, {**CENSUS, **FORMER, **AWAY, "PupilRef": "S2"}, OTHER]
    load_rows(tmp_path, rows, at=now + LATER, supplier="school_census")
    insist_no_copy(before, others=1)


@pytest.mark.parametrize("marker", ["", "S"])
def test_the_marker_is_dropped(tmp_path: Path, now: datetime, marker: str) -> None:
    """That a supplier no longer marks her is no decision (SHI-4)."""
    marked(tmp_path, now)
    before = shields()
    load_rows(tmp_path, [{**NHS, "CONFIDENTIALITY": marker}], at=now + LATER, supplier="nhs_demographics")
    insist_no_copy(before)


def test_a_row_is_replaced_and_its_reference_reused(tmp_path: Path, now: datetime) -> None:
    marked(tmp_path, now)
    load_rows(tmp_path, [CENSUS], at=now, supplier="school_census")
    before = shields()
    for days, row in enumerate([{**CENSUS, **FORMER, **AWAY}, CENSUS, {**OTHER, "PupilRef": "S1"}], 1):
        load_rows(tmp_path, [row], at=now + days * LATER, supplier="school_census")
        insist_no_copy(before)


def test_snapshots_without_her_and_her_return_under_another_reference(tmp_path: Path, now: datetime) -> None:
    marked(tmp_path, now)
    load_rows(tmp_path, [CENSUS, OTHER], at=now, supplier="school_census")
    before = shields()
    for days in (1, 2):
        load_rows(tmp_path, [OTHER], at=now + days * LATER, supplier="school_census")
        insist_no_copy(before, others=1)
    load_rows(
        tmp_path,
        [{**CENSUS, **FORMER, "PupilRef": "S7"}, OTHER],
        at=now + 3 * LATER,
        supplier="school_census",
    )
    insist_no_copy(before, others=1)


def test_all_her_rows_are_taken_back_and_come_again(tmp_path: Path, now: datetime) -> None:
    """SUP-5: withdrawing a load undoes its rows; the shield is no effect of a load."""
    marked(tmp_path, now)
    load_rows(tmp_path, [CENSUS], at=now, supplier="school_census")
    before = shields()
    with transaction.atomic(using="match", durable=True), connections["match"].cursor() as cursor:
        keys = [("nhs_demographics", "N1"), ("school_census", "S1")]
        assert remove_rows(cursor=cursor, keys=keys, load_id=0, at=now) == 2
    insist_no_copy(before)
    load_rows(tmp_path, [NHS], at=now + LATER, supplier="nhs_demographics")
    assert shields() == before


@pytest.mark.parametrize("former", [False, True])
def test_a_feed_killed_half_way_through_her_row_goes_on_to_the_same_end(
    tmp_path: Path, now: datetime, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, former: bool
) -> None:
    marked(tmp_path, now)
    before = shields()
    hers = {**CENSUS, **(FORMER if former else {}), **AWAY}
    others = [
        {**OTHER, "PupilRef": f"T{place}", "Forename": given, "Surname": family, "Postcode": f"LS{place} 2AB"}
        for place, (given, family) in enumerate(
            [("Tobias", "Lindqvist"), ("Ines", "Okonkwo"), ("Wei", "Zhang")], 1
        )
    ]
    path = write_file(tmp_path / "census.csv", [others[0], hers, *others[1:]], supplier="school_census")
    command = [
        sys.executable,
        "-m",
        "tests.protection.die_in_row",
        connections["match"].settings_dict["NAME"],
    ]
    command += [
        str(settings.DATA_DIR),
        str(settings.KEYS_DIR),
        str(path),
        "school_census",
        "Whitcombe" if former else "Hargreaves",
    ]
    killed = subprocess.run(
        command, cwd=Path(__file__).parents[2], env=os.environ, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    # Rows are published in the order of the children's numbers: some of the others', or none, came first.
    ((first,),) = ask("SELECT count(*) FROM directory_child WHERE NOT shielded")
    assert first <= len(others)
    insist_no_copy(before, others=first)
    assert ask("SELECT count(*) FROM hidden.supplied_row WHERE supplier_id = 'school_census'") == [(0,)]
    monkeypatch.setattr(publishing, "CHUNK", 1)
    load(path, at=now + LATER, supplier="school_census")
    insist_no_copy(before, others=3)
    joined = ask("SELECT count(*) FROM hidden.supplied_row WHERE supplier_id = 'school_census'")
    held = ask("SELECT count(*) FROM hidden.waiting_row WHERE why = 'near-shield'")
    assert joined[0][0] + held[0][0] == 1
    assert not any((settings.DATA_DIR / "scratch").iterdir())


def test_two_feeds_at_once(tmp_path: Path, now: datetime) -> None:
    """One brings the marker while the other brings her under her former name."""
    load_rows(tmp_path, [BENEFIT], at=now, supplier="child_benefit")
    census = write_file(tmp_path / "census.csv", [{**CENSUS, **FORMER, **AWAY}], supplier="school_census")
    nhs = write_file(tmp_path / "nhs.csv", [{**NHS, "CONFIDENTIALITY": "V"}], supplier="nhs_demographics")
    errors: list[BaseException] = []

    def run(path: Path, supplier: str) -> None:
        try:
            load(path, at=now + LATER, supplier=supplier)
        except BaseException as error:  # noqa: BLE001  told to the test
            errors.append(error)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=given)
        for given in ((nhs, "nhs_demographics"), (census, "school_census"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    ((child, *_),) = shields()
    assert ask("SELECT count(*) FROM directory_suppliedrow WHERE child_id = %s", child) == [(0,)]
    # Whichever came first: from now on nothing of hers becomes open.
    before, others = shields(), ask("SELECT count(*) FROM directory_child WHERE NOT shielded")[0][0]
    load_rows(tmp_path, [{**LOCAL, "LastName": "Whitcombe"}], at=now + 2 * LATER, supplier="local_services")
    insist_no_copy(before, others=others)


def test_a_shield_that_comes_while_a_feed_publishes_her_row(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed has decided, the officer shields, then the feed publishes: her row goes to the hidden side."""
    load_rows(tmp_path, [BENEFIT], at=now, supplier="child_benefit")
    ((child,),) = ask("SELECT id FROM directory_child")
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE directory_child SET authority = '330'")
    officer = make_viewer(at=now, name="Sol Hughes", roles=[Role.SHIELDING_OFFICER])

    def shield_now(stage: str, done: int, total: int | None) -> None:
        if stage == publishing.STAGE and done == 0 and not shields():
            actions.apply_shield(by=officer, child=encode(child), ground="refuge", review_on=REVIEW, at=now)

    load_rows(tmp_path, [CENSUS], at=now + LATER, supplier="school_census", progress=shield_now)
    insist_no_copy(shields())


def test_only_an_officers_decision_takes_the_shield_away(tmp_path: Path, now: datetime) -> None:
    by_officer(tmp_path, now)
    officer = make_viewer(at=now, name="Sam Officer", roles=[Role.SHIELDING_OFFICER])
    (shield,) = queries.read_shields(by=officer, at=now)
    actions.lift_shield(by=officer, shield=shield.id, seen=shield.seen, ground="over", at=now)
    insist_no_copy(shields())
    ((decision,),) = ask("SELECT id FROM hidden.shield_decision WHERE kind = 'lift'")
    carry_out(decision=decision, by=US, at=now)
    assert shields() == []
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(2,)]


# However a later feed, merge, correction or restore is written, the database refuses.
REFUSED = [
    ("a shield deleted without a decision", "match", "DELETE FROM hidden.shield"),
    ("a shield deleted by the owner of the tables", "owner", "DELETE FROM hidden.shield"),
    ("a shield moved to another child", "match", "UPDATE hidden.shield SET child_id = (SELECT id FROM directory_child WHERE NOT shielded)"),
    ("the record called open by the worker", "match", "UPDATE directory_child SET shielded = false, authority = '330'"),
    ("the record called open by the server", "default", "UPDATE directory_child SET shielded = false, authority = '330'"),
    ("a row copied to the open side", "match",
     "INSERT INTO directory_suppliedrow (id, child_id, supplier_id, reference, content, digest, load_id, supplied_at)"
     " SELECT id, child_id, supplier_id, reference, content, digest, load_id, supplied_at FROM hidden.supplied_row"),
    ("an open row turned into hers", "match", "UPDATE directory_suppliedrow SET child_id = (SELECT child_id FROM hidden.shield)"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "using", "statement"), REFUSED, ids=[case for case, _, _ in REFUSED])
def test_the_database_refuses(tmp_path: Path, now: datetime, case: str, using: str, statement: str) -> None:
    marked(tmp_path, now)
    load_rows(tmp_path, [OTHER], at=now, supplier="school_census")
    before = shields()
    with pytest.raises(Exception) as refusal, transaction.atomic(using=using):
        connections[using].cursor().execute(statement)
    allowed = (psycopg.errors.CheckViolation, psycopg.errors.InsufficientPrivilege)
    assert isinstance(refusal.value.__cause__, allowed), case
    assert isinstance(refusal.value, IntegrityError) or using == "default"
    insist_no_copy(before, others=1)

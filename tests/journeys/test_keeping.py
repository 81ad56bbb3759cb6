"""A record leaves the live directory, rests sealed, comes back if the reason was wrong, is destroyed: RET."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.db import IntegrityError, ProgrammingError, connections, transaction
from django.db.backends.signals import connection_created

from contactpoint.access.roles import Role
from contactpoint.audit.queries import find_events_of_child
from contactpoint.casework import actions as officers
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory import actions
from contactpoint.directory.keeping import child_keys, guard, ledger
from contactpoint.directory.keeping.archive import NotArchived, archive_due, return_to_live, unseal
from contactpoint.directory.keeping.child_keys import KeyDestroyed, MasterKeyLost
from contactpoint.directory.keeping.clock import forecast, run_clock
from contactpoint.directory.near_keys import refresh_near_keys
from contactpoint.directory.opening import NoSuchRecord
from contactpoint.directory.queries import open_record, search_children
from contactpoint.directory.records import Purpose, SearchQuery
from contactpoint.intake.changes import find_archived
from tests.children import AMINA, DATABASES, US, make_child
from tests.factories import make_viewer
from tests.feeds import ask

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)

NEARLY = replace(AMINA, birth_date="2008-10-20")
EIGHTEEN = datetime(2026, 10, 20, 3, 0, tzinfo=UTC)


def number_of(child: ChildNumber) -> int:
    found = decode(child)
    assert found is not None
    return found


def found(at: datetime) -> int:
    query = SearchQuery(given_name="Amina", family_name="Khan", birth_date="2008-10-20")
    return len(search_children(viewer=make_viewer(at=at), query=query, at=at).found)


def everything_about(child: int) -> dict[str, str]:
    """Every row of every table that names the child, but the log's and the archive's."""
    with connections["match"].cursor() as cursor:
        from contactpoint.directory.keeping.tables import read_child_tables

        tables = read_child_tables(cursor)
        said = {}
        for table in (*tables.kept, *tables.derived):
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t WHERE child_id = %s ORDER BY 1", [child])
            said[table] = "\n".join(row for (row,) in cursor.fetchall())
        cursor.execute(  # names may have other ids when they come back
            "SELECT g.folded || ' ' || f.folded || ' ' || s.born FROM directory_searchname s"
            " JOIN directory_name g ON g.id = given_id JOIN directory_name f ON f.id = family_id"
            " WHERE child_id = %s ORDER BY 1",
            [child],
        )
        said["directory_searchname"] = "\n".join(row for (row,) in cursor.fetchall())
        cursor.execute("SELECT to_jsonb(c)::text FROM directory_child c WHERE id = %s", [child])
        said["directory_child"] = "\n".join(row for (row,) in cursor.fetchall())
    del said["hidden.near_key"], said["hidden.near_stale"]  # made anew when the matcher next looks
    return said


def near_keys() -> list[tuple[int, int]]:
    refresh_near_keys()
    return ask("SELECT key, child_id FROM hidden.near_key ORDER BY 1, 2")


def test_at_eighteen_a_record_is_gone_from_the_first_moment_and_archived_by_the_night(now: datetime) -> None:
    """RET-1, RET-2, RET-5."""
    child = make_child(NEARLY, at=now)
    assert found(now) == 1
    assert found(EIGHTEEN) == 0  # the night has not come yet
    assert archive_due(by=US, at=now) == 0
    assert archive_due(by=US, at=EIGHTEEN) == 1
    number = number_of(child)
    assert {table for table, text in everything_about(number).items() if text} == {"directory_child"}
    assert ask("SELECT leaving, archived_on, destroy_on FROM hidden.archived_record") == [
        ("eighteen", date(2026, 10, 20), date(2032, 10, 20))
    ]
    with pytest.raises(NoSuchRecord):
        open_record(
            viewer=make_viewer(at=EIGHTEEN),
            child=child,
            purpose=Purpose.ASSESSMENT,
            reference="",
            at=EIGHTEEN,
        )
    kinds = [event.kind for event in find_events_of_child(child_id=number, since=now)]
    assert "records-archived" in kinds


def test_nothing_of_an_archived_child_is_readable_without_its_key(now: datetime) -> None:
    """RET-4: not in the archive's own row, nor in any other table."""
    child = make_child(NEARLY, at=now)
    archive_due(by=US, at=EIGHTEEN)
    ((sealed,),) = ask("SELECT sealed FROM hidden.archived_record")
    for word in (b"Khan", b"Amina", b"9434765919", b"Canal"):
        assert word not in bytes(sealed)
    said = unseal(key=child_keys.get_child_key(child=number_of(child)), sealed=bytes(sealed))
    assert said["child"]["family_name"] == "Khan"
    assert ask("SELECT count(*) FROM directory_name") == [(0,)]


@pytest.mark.parametrize("shielded", [False, True])
def test_a_record_that_comes_back_is_as_it_was(now: datetime, shielded: bool) -> None:
    """REC-9: a death that was reported and then denied; the shield comes back with it (SHI-5)."""
    child = make_child(NEARLY, at=now)
    viewer = make_viewer(at=now)
    actions.record_assessment(by=viewer, child=child, kind="early_help", opened_on=now.date(), at=now)
    if shielded:
        officer = make_viewer(at=now, roles=[Role.SHIELDING_OFFICER])
        review = now.date() + timedelta(days=90)
        officers.apply_shield(by=officer, child=child, ground="refuge", review_on=review, at=now)
    number = number_of(child)
    before, near = everything_about(number), near_keys()
    assert bool(near) is shielded
    archive_due(by=US, at=EIGHTEEN)
    assert ask("SELECT (SELECT count(*) FROM hidden.near_key), (SELECT count(*) FROM hidden.near_stale)") == [
        (0, 0)
    ]
    return_to_live(child=number, by=US, at=now)
    assert everything_about(number) == before
    assert near_keys() == near
    assert found(now) == 1
    with pytest.raises(NotArchived):
        return_to_live(child=number, by=US, at=now)


def test_what_a_supplier_still_sends_of_an_archived_child_is_known_again(now: datetime) -> None:
    """RET-5: a snapshot that still has the child does not make the record anew."""
    make_child(NEARLY, at=now)
    ((reference,),) = ask("SELECT reference FROM directory_suppliedrow")
    archive_due(by=US, at=EIGHTEEN)
    assert find_archived(supplier="school_census", references=[reference, "another"]) == [reference]
    assert find_archived(supplier="child_benefit", references=[reference]) == []


def test_six_years_on_it_is_destroyed_with_its_key_and_a_receipt_stays(now: datetime) -> None:
    """RET-2, RET-4."""
    child = number_of(make_child(NEARLY, at=now))
    archive_due(by=US, at=EIGHTEEN)
    ((sealed,),) = ask("SELECT sealed FROM hidden.archived_record")  # what a backup holds
    a_day_before = EIGHTEEN.replace(year=2032) - timedelta(days=1)
    assert run_clock(by=US, at=a_day_before).destroyed == 0
    assert run_clock(by=US, at=EIGHTEEN.replace(year=2032)).destroyed == 1
    assert ask("SELECT count(*) FROM directory_child") == [(0,)]
    assert ask("SELECT count(*) FROM hidden.archived_record") == [(0,)]
    with pytest.raises(KeyDestroyed):
        unseal(key=child_keys.get_child_key(child=child), sealed=bytes(sealed))
    (entry,) = ledger.read_ledger()
    assert (entry.deed, entry.children) == (ledger.Deed.DESTROYED, (child,))
    (receipt,) = [
        event
        for event in find_events_of_child(child_id=child, since=now)
        if event.kind == "records-destroyed"
    ]
    assert len(str(receipt.facts["digest"])) == 64


def test_an_entry_that_ended_leaves_a_year_later(now: datetime) -> None:
    """INV-4, RET."""
    child = make_child(at=now)
    viewer = make_viewer(at=now)
    entry = actions.record_involvement(
        by=viewer,
        child=child,
        service="early_help",
        role="family_support_worker",
        started_on=now.date(),
        team_telephone="0121 496 0000",
        team_email="",
        at=now,
    )
    actions.end_involvement(by=viewer, involvement=entry, ended_on=now.date(), at=now)
    year = datetime.fromisoformat("2027-10-05T09:30:00+00:00")
    assert run_clock(by=US, at=year).histories_ended == 0
    assert run_clock(by=US, at=year + timedelta(days=1)).histories_ended == 1
    assert ask("SELECT count(*) FROM directory_involvement") == [(0,)]


def test_the_forecast_counts_what_the_year_brings(now: datetime) -> None:
    make_child(at=now)
    make_child(replace(AMINA, birth_date="2008-12-24", nhs="", upn=""), at=now)
    ahead = forecast(at=now)
    assert [(month.first, month.archived) for month in ahead.months if month.archived] == [
        (date(2026, 12, 1), 1)
    ]
    late = forecast(at=datetime.fromisoformat("2027-02-01T09:00:00+00:00"))
    assert late.overdue.archived == 1


def test_the_database_refuses_an_archive_without_an_end(now: datetime) -> None:
    """RET-2."""
    child = number_of(make_child(NEARLY, at=now))
    for until in (None, date(2030, 1, 1)):
        with (
            pytest.raises(IntegrityError),
            transaction.atomic(using="match"),
            connections["match"].cursor() as cursor,
        ):
            cursor.execute(
                "INSERT INTO hidden.archived_record VALUES (%s, '330', 'eighteen', '2026-10-05', %s, '')",
                [child, until],
            )


def test_a_lost_master_key_is_a_clear_stop(now: datetime, settings: LazySettings, tmp_path: Path) -> None:
    """RET-4: nothing is archived or destroyed, and nothing is made in its place."""
    settings.KEYS_DIR = tmp_path / "keys"
    make_child(NEARLY, at=now)
    archive_due(by=US, at=EIGHTEEN)
    (tmp_path / "keys" / "master.key").unlink()
    make_child(NEARLY, at=now)
    for attempt in (archive_due, run_clock):
        with pytest.raises(MasterKeyLost, match="Nothing was changed"):
            attempt(by=US, at=EIGHTEEN.replace(year=2041))
    assert not (tmp_path / "keys" / "master.key").exists()
    settings.MASTER_KEY = Fernet.generate_key().decode()
    with pytest.raises(MasterKeyLost, match="not the one"):
        child_keys.check_master_key()


def test_the_master_key_can_be_changed(now: datetime, settings: LazySettings, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    first, second = (Fernet.generate_key().decode() for _ in range(2))
    settings.MASTER_KEY = first
    child = number_of(make_child(NEARLY, at=now))
    archive_due(by=US, at=EIGHTEEN)
    settings.MASTER_KEY = f"{second},{first}"
    assert child_keys.rewrap_keys() == 1
    settings.MASTER_KEY = second
    assert child_keys.get_child_key(child=child)
    settings.MASTER_KEY = first
    with pytest.raises(MasterKeyLost):
        child_keys.get_child_key(child=child)


def test_a_changed_line_of_the_ledger_is_found(now: datetime, settings: LazySettings) -> None:
    for review in ("2027-01-01", "2027-02-01"):
        ledger.append(deed=ledger.Deed.SHIELDED, children=[1], facts={"review_on": review}, at=now)
    path = Path(settings.LEDGER_DIR) / "ledger.jsonl"
    whole = path.read_bytes()
    with path.open("ab") as file:  # a crash in the middle of a line
        file.write(b'{"n": 3, "de')
    assert len(list(ledger.read_ledger())) == 2
    assert ledger.append(deed=ledger.Deed.LIFTED, children=[1], facts={}, at=now) == 3
    assert len(list(ledger.read_ledger())) == 3
    path.write_bytes(whole.replace(b"2027-01-01", b"2037-01-01"))
    with pytest.raises(ledger.LedgerDamaged, match="Line 2"):
        list(ledger.read_ledger())
    said = json.loads(whole.splitlines()[0])
    assert said["n"] == 1


def test_a_serving_process_answers_nobody_from_an_older_database(now: datetime) -> None:
    """RET-4: each new connection asks the ledger before it is used."""
    child = number_of(make_child(at=now))
    facts = {"ground": "refuge", "requested_by": "officer", "provisional": False, "applied_by": 1}
    review = {"review_on": "2027-01-01"}
    ledger.append(deed=ledger.Deed.SHIELDED, children=[child], facts={**facts, **review}, at=now)
    guard.guard_connections()
    try:
        connections["default"].close()
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT shielded, town FROM directory_child")
            assert cursor.fetchall() == [(True, "")]
    finally:
        connection_created.disconnect(dispatch_uid="ledger")
    assert ask("SELECT review_on, ground FROM hidden.shield") == [(date(2027, 1, 1), "refuge")]


def test_app_cannot_read_the_archive() -> None:
    """SHI-9, RET-5."""
    for table in ("archived_record", "archived_reference"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            connections["default"].cursor() as cursor,
        ):
            cursor.execute(f"SELECT * FROM hidden.{table}")

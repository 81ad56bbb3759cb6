"""A backup older than a child: what the ledger says holds when its feeds are loaded again (RET-4, SHI-5)."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connections

from contactpoint.access.roles import Role, Sector
from contactpoint.casework import actions, queries
from contactpoint.casework.carrying_out import carry_out
from contactpoint.codes.child_number import decode, encode
from contactpoint.directory.keeping import ledger
from contactpoint.directory.keeping.clock import run_clock
from contactpoint.directory.keeping.replay import replay
from contactpoint.directory.publish import SensitivePart
from contactpoint.directory.sensitive.actions import withdraw_consent
from contactpoint.intake.withdrawing import withdraw_load
from tests.children import make_child
from tests.factories import make_organisation, make_viewer
from tests.feeds import DATABASES, NHS, US, ask, load_rows

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
LATER = timedelta(days=2)
CENSUS = {
    "PupilRef": "S1", "Forename": "Amy", "Surname": "Hargreaves", "DOB": "24/05/2016", "Sex": "F",
    "Address1": "1 York Road", "Town": "Manchester", "Postcode": "M19 2EQ",
}  # fmt: skip
OTHER = {**CENSUS, "PupilRef": "S9", "Forename": "Tobias", "Surname": "Lindqvist", "DOB": "02/02/2012"}


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def shield(child: int, at: datetime) -> None:
    officer = make_viewer(at=at, name="Sol Hughes", roles=[Role.SHIELDING_OFFICER])
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE directory_child SET authority = '330' WHERE NOT shielded")
    actions.apply_shield(by=officer, child=encode(child), ground="refuge", review_on=date(2027, 3, 1), at=at)


def restore_from_before() -> None:
    """The database as it was before any child came; ledger and keys stay as they are."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'hidden'")
        hidden = ", ".join(f"hidden.{table}" for (table,) in cursor.fetchall())
        cursor.execute(f"TRUNCATE directory_child, directory_suppliedrow, intake_load, {hidden} CASCADE")
    replay(by=US, at=datetime(2026, 10, 6, 3, tzinfo=ledger.UTC))


def known_child(folder: Path, at: datetime) -> int:
    load_rows(folder, [NHS], at=at, supplier="nhs_demographics")
    ((child,),) = ask("SELECT id FROM directory_child")
    return int(child)


AGAIN = [
    ("the very row", "nhs_demographics", NHS),
    ("the row at a new address", "nhs_demographics", {**NHS, "POSTCODE": "NE1 4ST"}),
    ("the row under another name", "nhs_demographics", {**NHS, "FAMILY_NAME": "Whitcombe", "NHS_NUMBER": ""}),
    ("her number from somewhere else", "nhs_demographics",
     {**NHS, "RECORD_ID": "N8", "FAMILY_NAME": "Whitcombe"}),
    ("her name and birth date from somewhere else", "school_census", CENSUS),
]  # fmt: skip


@pytest.mark.parametrize(("case", "supplier", "row"), AGAIN, ids=[case for case, _, _ in AGAIN])
def test_a_child_who_came_and_was_shielded_after_the_backup_is_born_shielded_again(
    tmp_path: Path, now: datetime, case: str, supplier: str, row: dict[str, str]
) -> None:
    """SHI-5: no restore ever removes a shield."""
    shield(known_child(tmp_path, now), now)
    restore_from_before()
    assert ask("SELECT count(*) FROM directory_child") == [(0,)]
    load_rows(tmp_path, [row], at=now + LATER, supplier=supplier)
    assert ask("SELECT shielded, postcodes FROM directory_child") == [(True, "")], case
    assert ask("SELECT ground, provisional FROM hidden.shield") == [("refuge", True)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(0,)]


def test_other_children_of_the_same_file_stay_open(tmp_path: Path, now: datetime) -> None:
    shield(known_child(tmp_path, now), now)
    restore_from_before()
    load_rows(tmp_path, [CENSUS, OTHER], at=now + LATER, supplier="school_census")
    assert ask("SELECT given_names, shielded FROM directory_child ORDER BY 1") == [
        ("Amy", True),
        ("Tobias", False),
    ]


def test_a_child_who_was_marked_comes_back_shielded_by_a_supplier_that_does_not_mark(
    tmp_path: Path, now: datetime
) -> None:
    """SHI-8: born shielded once, born shielded again."""
    load_rows(tmp_path, [{**NHS, "CONFIDENTIALITY": "R"}], at=now, supplier="nhs_demographics")
    restore_from_before()
    load_rows(tmp_path, [CENSUS], at=now + LATER, supplier="school_census")
    assert ask("SELECT shielded FROM directory_child") == [(True,)]


def test_a_shield_that_was_lifted_is_awaited_no_more(tmp_path: Path, now: datetime) -> None:
    shield(known_child(tmp_path, now), now)
    officer = make_viewer(at=now, name="Sam Officer", roles=[Role.SHIELDING_OFFICER])
    (held,) = queries.read_shields(by=officer, at=now)
    actions.lift_shield(by=officer, shield=held.id, seen=held.seen, ground="over", at=now)
    ((decision,),) = ask("SELECT id FROM hidden.shield_decision WHERE kind = 'lift'")
    carry_out(decision=decision, by=US, at=now)
    restore_from_before()
    load_rows(tmp_path, [NHS], at=now + LATER, supplier="nhs_demographics")
    assert ask("SELECT shielded FROM directory_child") == [(False,)]


def test_an_officer_clears_a_namesake_and_it_stays_clear(tmp_path: Path, now: datetime) -> None:
    """A name and a birth date may be another child's: the officer looks, and the next feed asks nothing."""
    shield(known_child(tmp_path, now), now)
    restore_from_before()
    load_rows(tmp_path, [CENSUS], at=now + LATER, supplier="school_census")
    officer = make_viewer(at=now, name="Sam Officer", roles=[Role.SHIELDING_OFFICER])
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE hidden.shield SET authority = '330'")
    (held,) = queries.read_shields(by=officer, at=now)
    actions.lift_shield(by=officer, shield=held.id, seen=held.seen, ground="wrong-child", at=now)
    ((decision,),) = ask("SELECT id FROM hidden.shield_decision WHERE kind = 'lift'")
    carry_out(decision=decision, by=US, at=now + LATER)
    load_rows(tmp_path, [{**CENSUS, "Postcode": "LS1 1UR"}], at=now + 2 * LATER, supplier="school_census")
    assert ask("SELECT shielded FROM directory_child") == [(False,)]


def test_a_record_that_holds_her_row_is_shielded_by_the_replay(tmp_path: Path, now: datetime) -> None:
    """She was parted from another record after the backup: there her row is still that one's."""
    former = known_child(tmp_path, now)
    shield(former, now)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'hidden'")
        hidden = ", ".join(f"hidden.{table}" for (table,) in cursor.fetchall())
        cursor.execute(f"TRUNCATE directory_child, directory_suppliedrow, intake_load, {hidden} CASCADE")
    kept = list(ledger.read_ledger())
    path = Path(ledger._path())
    whole = path.read_bytes()
    path.unlink()
    other = known_child(tmp_path, now)  # the backup: another record has the row
    path.write_bytes(whole)
    assert other != former
    replay(by=US, at=now + LATER)
    assert len(kept) == 1
    assert ask("SELECT id, shielded FROM directory_child") == [(other, True)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(0,)]


def test_the_ledger_names_nobody(tmp_path: Path, now: datetime) -> None:
    shield(known_child(tmp_path, now), now)
    said = Path(ledger._path()).read_text().lower()
    for word in ("amy", "hargreaves", "9434765919", "n1", "2016-05-24", "m19"):
        assert f'"{word}"' not in said
    assert "hargreaves" not in said
    assert "9434765919" not in said


def test_what_was_destroyed_does_not_come_back_with_an_old_file(tmp_path: Path, now: datetime) -> None:
    """RET-4: a child who had left England; the old file is received and goes no further."""
    away = {**CENSUS, "PupilRef": "S4", "DOB": "24/05/2024"}
    load_rows(tmp_path, [away], at=now, supplier="school_census")
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE directory_child SET live_until = %s", [now.date()])
        cursor.execute('UPDATE directory_suppliedrow SET content = content || \'{"left_on": "2026-10-01"}\'')
    assert run_clock(by=US, at=now).archived == 1
    end = now.replace(year=2032, month=11)
    assert run_clock(by=US, at=end).destroyed == 1
    load_rows(tmp_path, [away], at=end, supplier="school_census")
    assert ask("SELECT count(*) FROM directory_child") == [(0,)]
    # And after a restore from before.
    restore_from_before()
    load_rows(tmp_path, [away], at=end + LATER, supplier="school_census")
    assert ask("SELECT count(*) FROM directory_child") == [(0,)]
    # The child is back in England, and a new row says so.
    back = {**away, "Postcode": "LS1 1UR"}
    load_rows(tmp_path, [back], at=end + 2 * LATER, supplier="school_census")
    assert ask("SELECT count(*) FROM directory_child") == [(1,)]


def test_a_load_that_was_withdrawn_after_the_backup_is_withdrawn_again(tmp_path: Path, now: datetime) -> None:
    """SUP-5, RET-4: in the backup it counts as published, and its rows are there."""
    report = load_rows(tmp_path, [NHS], at=now, supplier="nhs_demographics")
    withdraw_load(load_id=report.load_id, by=US, at=now)
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(0,)]
    ((kept,),) = ask("SELECT digest FROM intake_load")
    with connections["owner"].cursor() as cursor:  # the backup: the same load, not yet withdrawn
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'hidden'")
        hidden = ", ".join(f"hidden.{table}" for (table,) in cursor.fetchall())
        cursor.execute(f"TRUNCATE directory_child, directory_suppliedrow, intake_load, {hidden} CASCADE")
    again = load_rows(tmp_path, [NHS], at=now, supplier="nhs_demographics")
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE hidden.ledger_note, hidden.load_measure")
        for table in ("directory_suppliedrow", "hidden.row_effect"):
            cursor.execute(f"UPDATE {table} SET load_id = %s", [report.load_id])
        cursor.execute(
            "UPDATE intake_load SET id = %s, digest = %s WHERE id = %s",
            [report.load_id, bytes(kept), again.load_id],
        )
    assert replay(by=US, at=now + LATER) == 1
    assert replay(by=US, at=now + LATER) == 0
    assert ask("SELECT state FROM intake_load") == [("withdrawn",)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(0,)]
    assert [entry.deed for entry in ledger.read_ledger()] == [ledger.Deed.LOAD_WITHDRAWN]


@pytest.mark.parametrize(("obtained_on", "kept"), [("2026-09-20", 0), ("2026-10-20", 1)])
def test_a_consent_that_was_withdrawn_stays_so_for_a_child_who_came_after_the_backup(
    now: datetime, obtained_on: str, kept: int
) -> None:
    """SEN-7, RET-4: the feed still carries the old consent; a new one counts."""

    def publish(day: str, at: datetime) -> None:
        child = decode(make_child(at=at, supplier="nhs_demographics", reference="N1"))
        part = SensitivePart(
            "camhs", "LANTERN", "consent", consent_given_by="child", obtained_by_role="gp",
            obtained_on=date.fromisoformat(day), review_on=date(2027, 9, 1),
        )  # fmt: skip
        make_child(at=at, supplier="camhs_feed", child_id=child, sensitive=part, reference="C1")

    publish("2026-09-20", now)
    clinic = make_organisation(
        at=now, code="LANTERN", sector=Sector.HEALTH, kind="team", sensitive_service="camhs"
    )
    ((entry,),) = ask("SELECT row_id FROM hidden.sensitive_involvement")
    withdraw_consent(by=make_viewer(at=now, organisation=clinic), entry=entry, at=now)
    restore_from_before()
    publish(obtained_on, now + 30 * timedelta(days=1))
    assert ask("SELECT count(*) FROM hidden.sensitive_involvement") == [(kept,)]

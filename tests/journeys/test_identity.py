"""A new identity: the former record is sealed, a fresh one starts, one role alone can tell (SHI-7)."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connections, transaction

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.audit.queries import find_events_of_child
from contactpoint.casework.actions import MayNotDecide
from contactpoint.casework.door import DecidedAlready, NotOfYours
from contactpoint.casework.identity import custody
from contactpoint.casework.identity.carrying_out import tend
from contactpoint.casework.identity.giving import UnusableIdentity, give_identity
from contactpoint.casework.identity.records import NewIdentity, RowVerdict
from contactpoint.codes.child_number import ChildNumber, decode, encode
from contactpoint.directory.keeping import child_keys
from contactpoint.directory.keeping.archive import archive_due, read_records
from contactpoint.directory.keeping.child_keys import KeyDestroyed
from contactpoint.directory.keeping.clock import run_clock
from contactpoint.directory.keeping.replay import replay
from contactpoint.directory.keeping.tables import read_child_tables
from contactpoint.directory.opening import NoSuchRecord
from contactpoint.directory.queries import open_record, search_children
from contactpoint.directory.records import Purpose, SearchQuery
from contactpoint.directory.values import Address, SuppliedValues
from contactpoint.intake.withdrawing import withdraw_load
from tests.factories import make_organisation, make_viewer
from tests.feeds import DATABASES, NHS, US, ask, load_rows, open_everywhere

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
LATER = timedelta(days=4)
FRESH = SuppliedValues(
    given_names="Amy",
    family_name="Lindqvist",
    birth_date="2016-05-24",
    gender="F",
    nhs="9000000009",
    addresses=(Address(lines=("7 Quay Road",), town="Newcastle", postcode="NE1 4ST"),),
)
# What suppliers go on sending of the former identity.
OLD = {**NHS, "PREVIOUS_FAMILY_NAME": ""}
OLD_CENSUS = {
    "PupilRef": "S1", "Forename": "Amy", "Surname": "Hargreaves", "DOB": "24/05/2016", "Sex": "F",
    "Address1": "1 York Road", "Town": "Manchester", "Postcode": "M19 2EQ",
}  # fmt: skip
# And what they send of the new one.
NEW_NHS = {
    **NHS, "RECORD_ID": "N77", "NHS_NUMBER": "9000000009", "FAMILY_NAME": "Lindqvist",
    "ADDRESS_1": "7 Quay Road", "TOWN": "Newcastle", "POSTCODE": "NE1 4ST",
}  # fmt: skip
NEW_CENSUS = {
    **OLD_CENSUS, "PupilRef": "S77", "Surname": "Lindqvist", "Address1": "7 Quay Road", "Town": "Newcastle",
    "Postcode": "NE1 4ST",
}  # fmt: skip
FORMER_WORDS = ("hargreaves", "york road", "9434765919", "m19")


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def officer(at: datetime, name: str = "Sol Hughes") -> Viewer:
    return make_viewer(at=at, name=name, roles=[Role.SHIELDING_OFFICER])


def custodian(at: datetime) -> Viewer:
    return make_viewer(at=at, name="Cass Keeper", roles=[Role.SEALED_CUSTODIAN])


def known_child(folder: Path, at: datetime) -> int:
    """Open and searchable, of authority 330, known to two suppliers."""
    open_everywhere(at=at)
    load_rows(folder, [OLD], at=at, supplier="nhs_demographics")
    load_rows(folder, [OLD_CENSUS], at=at, supplier="school_census")
    ((child,),) = ask("SELECT id FROM directory_child")
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE directory_child SET authority = '330'")
    return int(child)


def given(
    folder: Path, at: datetime, *, values: SuppliedValues = FRESH, is_shielded: bool = False
) -> tuple[int, int]:
    """The former number and the fresh one."""
    former = known_child(folder, at)
    identity = NewIdentity(values, is_shielded)
    give_identity(by=officer(at), child=encode(former), identity=identity, ground="adoption", at=at)
    tend(by=US, at=at)
    tend(by=US, at=at + LATER)
    ((fresh,),) = ask("SELECT id FROM directory_child WHERE birth_date <> ''")
    return former, int(fresh)


def found(at: datetime, **typed: str) -> list[ChildNumber]:
    query = SearchQuery(**typed)  # type: ignore[arg-type]
    return [each.number for each in search_children(viewer=make_viewer(at=at), query=query, at=at).found]


def live() -> list[tuple[Any, ...]]:
    return ask("SELECT id, family_name, shielded FROM directory_child WHERE birth_date <> '' ORDER BY id")


def insist_untraceable(fresh: int) -> None:
    """On neither side anything of the former identity, but sealed."""
    for table in (
        "directory_child", "directory_suppliedrow", "directory_searchnumber", "directory_name",
        "hidden.supplied_row", "hidden.waiting_row", "hidden.shield", "hidden.row_effect", "intake_entry",
        "hidden.sealed_identity", "hidden.sealed_question", "hidden.sealed_arrival", "hidden.identity_link",
        "hidden.match_decision", "directory_redirect", "procrastinate_jobs",
    ):  # fmt: skip
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"SELECT lower(t::text) FROM {table} t")
            said = "\n".join(row for (row,) in cursor.fetchall())
        for word in FORMER_WORDS:
            assert word not in said, (table, word)
    ((shown,),) = ask("SELECT family_name FROM directory_child WHERE id = %s", fresh)
    assert shown == "Lindqvist"


def test_the_former_record_is_gone_at_once_and_the_fresh_one_starts_later(
    tmp_path: Path, now: datetime
) -> None:
    former = known_child(tmp_path, now)
    by = officer(now)
    assert found(now, given_name="Amy", family_name="Hargreaves", birth_date="2016-05-24") == [encode(former)]
    give_identity(by=by, child=encode(former), identity=NewIdentity(FRESH, False), ground="adoption", at=now)
    # Before the worker has done anything.
    assert found(now, given_name="Amy", family_name="Hargreaves", birth_date="2016-05-24") == []
    with pytest.raises(NoSuchRecord):
        open_record(
            viewer=make_viewer(at=now), child=encode(former), purpose=Purpose.ASSESSMENT, reference="", at=now
        )
    tend(by=US, at=now)
    assert live() == []
    tend(by=US, at=now + LATER)
    ((fresh, name, shielded),) = live()
    assert (name, shielded, fresh == former) == ("Lindqvist", False, False)
    assert found(now + LATER, given_name="Amy", family_name="Lindqvist", birth_date="2016-05-24") == [
        encode(fresh)
    ]
    assert found(now + LATER, given_name="Amy", family_name="Hargreaves", birth_date="2016-05-24") == []
    insist_untraceable(fresh)


def test_no_event_names_both_and_none_of_the_fresh_one_tells_that_it_is_one(
    tmp_path: Path, now: datetime
) -> None:
    former, fresh = given(tmp_path, now)
    of_former = find_events_of_child(child_id=former, since=now - LATER)
    assert {"identity-given", "record-sealed"} <= {event.kind for event in of_former}
    assert find_events_of_child(child_id=fresh, since=now - LATER) == ()
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT convert_from(body, 'UTF8') FROM audit_event")
        bodies = [json.loads(body) for (body,) in cursor.fetchall()]
    for body in bodies:
        numbers = {*body["children"], *body["facts"].values()}
        assert not {former, fresh} <= numbers
        assert fresh not in numbers
    ((reference,),) = ask("SELECT reference FROM directory_suppliedrow")
    assert reference.startswith("entry-")  # as any child whom a practitioner enters


def test_only_the_custodian_sees_which_record_became_which_and_it_is_logged(
    tmp_path: Path, now: datetime
) -> None:
    former, fresh = given(tmp_path, now)
    at, keeper = now + LATER, custodian(now)
    for asked, other in ((former, fresh), (fresh, former)):
        link = custody.open_identity(by=keeper, child=encode(asked), ground="court", case="K 12", at=at)
        assert (link.other, link.is_asked_sealed) == (encode(other), asked == former)
        (event,) = [
            each
            for each in find_events_of_child(child_id=asked, since=now)
            if each.kind == "identity-link-opened"
        ]
        assert (event.purpose, event.children) == ("court", (asked,))
    # The officer who gave it, an archive custodian, a practitioner: nobody else.
    for role in set(Role) - {Role.SEALED_CUSTODIAN}:
        with pytest.raises(custody.NotTheCustodian):
            custody.open_identity(
                by=make_viewer(at=now, roles=[role]), child=encode(former), ground="court", case="K 12", at=at
            )
    ((refused,),) = ask("SELECT count(*) FROM audit_event WHERE kind = 'identity-link-opened' AND refused")
    assert refused == len(Role) - 1
    with pytest.raises(NotOfYours):
        custody.open_identity(by=keeper, child=encode(former + 1), ground="court", case="K 12", at=at)


def test_who_may_not_give_one_is_refused_and_the_refusal_logged(tmp_path: Path, now: datetime) -> None:
    former = known_child(tmp_path, now)
    identity = NewIdentity(FRESH, False)
    far = make_organisation(at=now, authority="352")
    elsewhere = make_viewer(at=now, name="Far Officer", organisation=far, roles=[Role.SHIELDING_OFFICER])
    for by, error in ((make_viewer(at=now), MayNotDecide), (elsewhere, NotOfYours)):
        with pytest.raises(error):
            give_identity(by=by, child=encode(former), identity=identity, ground="adoption", at=now)
    ((refused,),) = ask("SELECT count(*) FROM audit_event WHERE kind = 'change-refused'")
    assert refused == 2
    assert [shielded for _, _, shielded in live()] == [False]
    give_identity(by=officer(now), child=encode(former), identity=identity, ground="adoption", at=now)
    with pytest.raises((DecidedAlready, NotOfYours)):
        give_identity(by=officer(now), child=encode(former), identity=identity, ground="adoption", at=now)
    tend(by=US, at=now)
    with pytest.raises(NotOfYours):
        give_identity(by=officer(now), child=encode(former), identity=identity, ground="adoption", at=now)


@pytest.mark.parametrize(
    ("case", "values"),
    [
        ("no family name", replace(FRESH, family_name="")),
        ("no birth date", replace(FRESH, birth_date="")),
        ("already of age", replace(FRESH, birth_date="2001-01-01")),
        ("a number that fails its check", replace(FRESH, nhs="9000000001")),
        ("a gender that is none", replace(FRESH, gender="?")),
    ],
)
def test_what_cannot_start_a_record_changes_nothing(
    tmp_path: Path, now: datetime, case: str, values: SuppliedValues
) -> None:
    former = known_child(tmp_path, now)
    identity = NewIdentity(values, False)
    with pytest.raises(UnusableIdentity):
        give_identity(by=officer(now), child=encode(former), identity=identity, ground="adoption", at=now)
    assert live() == [(former, "Hargreaves", False)], case


def test_a_fresh_record_can_be_born_shielded(tmp_path: Path, now: datetime) -> None:
    _, fresh = given(tmp_path, now, is_shielded=True)
    assert live() == [(fresh, "Lindqvist", True)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(0,)]
    insist_untraceable(fresh)


def test_feeds_of_the_new_identity_join_the_fresh_record_and_never_the_sealed_one(
    tmp_path: Path, now: datetime
) -> None:
    _, fresh = given(tmp_path, now)
    at = now + 2 * LATER
    load_rows(tmp_path, [NEW_NHS], at=at, supplier="nhs_demographics")
    load_rows(tmp_path, [NEW_CENSUS], at=at, supplier="school_census")
    assert live() == [(fresh, "Lindqvist", False)]
    assert ask("SELECT DISTINCT child_id FROM directory_suppliedrow") == [(fresh,)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(3,)]
    assert ask("SELECT count(*) FROM hidden.sealed_question") == [(0,)]
    insist_untraceable(fresh)


def test_feeds_of_the_new_identity_that_come_before_the_fresh_record_make_it(
    tmp_path: Path, now: datetime
) -> None:
    former = known_child(tmp_path, now)
    give_identity(
        by=officer(now), child=encode(former), identity=NewIdentity(FRESH, False), ground="adoption", at=now
    )
    tend(by=US, at=now)
    load_rows(tmp_path, [NEW_NHS], at=now, supplier="nhs_demographics")
    ((fresh, _, _),) = live()
    tend(by=US, at=now + LATER)
    assert [child for child, _, _ in live()] == [fresh]
    link = custody.open_identity(
        by=custodian(now), child=encode(fresh), ground="court", case="K", at=now + LATER
    )
    assert link.other == encode(former)


def test_the_suppliers_own_reference_may_stay_the_same(tmp_path: Path, now: datetime) -> None:
    """A school goes on with its pupil under the same reference: on the new name it is another row."""
    _, fresh = given(tmp_path, now)
    row = {**NEW_CENSUS, "PupilRef": "S1"}
    load_rows(tmp_path, [row], at=now + 2 * LATER, supplier="school_census")
    assert ask("SELECT child_id FROM directory_suppliedrow WHERE reference = 'S1'") == [(fresh,)]
    insist_untraceable(fresh)
    # And back to the former name, by an old export: it does not replace the new one.
    load_rows(tmp_path, [OLD_CENSUS], at=now + 3 * LATER, supplier="school_census")
    insist_untraceable(fresh)
    assert ask("SELECT count(*) FROM hidden.sealed_question") == [(1,)]


def test_a_number_that_is_kept_leads_to_the_fresh_record_alone(tmp_path: Path, now: datetime) -> None:
    _, fresh = given(tmp_path, now, values=replace(FRESH, nhs=NHS["NHS_NUMBER"]))
    row = {**NEW_NHS, "NHS_NUMBER": NHS["NHS_NUMBER"]}
    load_rows(tmp_path, [row], at=now + 2 * LATER, supplier="nhs_demographics")
    assert ask("SELECT child_id FROM directory_suppliedrow WHERE reference = 'N77'") == [(fresh,)]
    load_rows(tmp_path, [OLD], at=now + 3 * LATER, supplier="nhs_demographics")
    assert ask("SELECT count(*) FROM hidden.sealed_arrival") == [(1,)]
    assert live() == [(fresh, "Lindqvist", False)]


def test_the_former_number_on_new_data_waits_for_the_custodian_who_may_take_it_off(
    tmp_path: Path, now: datetime
) -> None:
    _, fresh = given(tmp_path, now)
    at, keeper = now + 2 * LATER, custodian(now)
    row = {**NEW_NHS, "NHS_NUMBER": NHS["NHS_NUMBER"], "PREVIOUS_FAMILY_NAME": "Hargreaves"}
    load_rows(tmp_path, [row], at=at, supplier="nhs_demographics")
    assert ask("SELECT count(*) FROM hidden.waiting_row") == [(0,)]
    insist_untraceable(fresh)
    (listed,) = custody.list_sealed_rows(by=keeper, at=at)
    held = custody.read_sealed_row(by=keeper, row=listed.id, at=at)
    assert held.values is not None
    assert held.values.nhs == NHS["NHS_NUMBER"]
    assert held.former_names == (("AMY HARGREAVES", "2016-05-24"),)
    with pytest.raises(custody.NotTheCustodian):
        custody.read_sealed_row(by=officer(now), row=listed.id, at=at)
    custody.decide_sealed_row(by=keeper, row=listed.id, verdict=RowVerdict.CLEANED, at=at)
    with pytest.raises(DecidedAlready):
        custody.decide_sealed_row(by=keeper, row=listed.id, verdict=RowVerdict.FORMER, at=at)
    tend(by=US, at=at)
    assert ask("SELECT child_id FROM directory_suppliedrow WHERE reference = 'N77'") == [(fresh,)]
    assert custody.list_sealed_rows(by=keeper, at=at) == ()
    insist_untraceable(fresh)


@pytest.mark.parametrize("verdict", [RowVerdict.FORMER, RowVerdict.OTHER])
def test_the_custodian_says_whose_a_held_row_is(tmp_path: Path, now: datetime, verdict: RowVerdict) -> None:
    given(tmp_path, now)
    at, keeper = now + 2 * LATER, custodian(now)
    namesake = {
        **OLD_CENSUS,
        "PupilRef": "S5",
        "DOB": "25/05/2016",
        "Postcode": "LS1 1UR",
        "Address1": "3 Mill Lane",
    }
    load_rows(tmp_path, [namesake], at=at, supplier="school_census")
    (held,) = custody.list_sealed_rows(by=keeper, at=at)
    custody.decide_sealed_row(by=keeper, row=held.id, verdict=verdict, at=at)
    tend(by=US, at=at)
    open_rows = ask("SELECT count(*) FROM directory_suppliedrow WHERE reference = 'S5'")
    arrived = ask("SELECT count(*) FROM hidden.sealed_arrival")
    assert (open_rows, arrived) == (([(0,)], [(1,)]) if verdict is RowVerdict.FORMER else ([(1,)], [(0,)]))


def test_a_load_about_the_former_identity_can_be_withdrawn(tmp_path: Path, now: datetime) -> None:
    _, fresh = given(tmp_path, now)
    row = {**OLD_CENSUS, "PupilRef": "S3"}
    report = load_rows(tmp_path, [row], at=now + 2 * LATER, supplier="school_census")
    assert ask("SELECT count(*) FROM hidden.sealed_arrival") == [(1,)]
    withdraw_load(load_id=report.load_id, by=US, at=now + 3 * LATER)
    assert ask("SELECT count(*) FROM hidden.sealed_arrival") == [(0,)]
    assert live() == [(fresh, "Lindqvist", False)]


def test_it_is_destroyed_when_the_archive_would_have_destroyed_it(tmp_path: Path, now: datetime) -> None:
    """RET-2, RET-4: the record, what arrived, the link and the keys."""
    former, fresh = given(tmp_path, now)
    load_rows(tmp_path, [OLD_CENSUS], at=now + 2 * LATER, supplier="school_census")
    assert archive_due(by=US, at=now + LATER) == 0  # it rests apart from the archive
    end = datetime(2040, 5, 24, 3, tzinfo=now.tzinfo)
    assert run_clock(by=US, at=end - timedelta(days=1)).destroyed == 0
    assert run_clock(by=US, at=end).destroyed == 1
    for table in ("sealed_identity", "sealed_mark", "sealed_arrival", "sealed_question", "identity_link"):
        assert ask(f"SELECT count(*) FROM hidden.{table}") == [(0,)], table
    with pytest.raises(KeyDestroyed):
        child_keys.get_child_key(child=former)
    with pytest.raises(NotOfYours):
        custody.open_identity(by=custodian(now), child=encode(fresh), ground="court", case="K", at=now)


@pytest.mark.parametrize("side", ["directory_suppliedrow", "hidden.supplied_row"])
def test_the_database_refuses_to_publish_for_a_sealed_identity(
    tmp_path: Path, now: datetime, side: str
) -> None:
    former, _ = given(tmp_path, now)
    with pytest.raises(IntegrityError), transaction.atomic(using="match"):
        connections["match"].cursor().execute(
            f"INSERT INTO {side} (child_id, supplier_id, reference, content, digest, load_id, supplied_at)"
            " VALUES (%s, 'school_census', 'X', '{}', '\\x00', 1, now())",
            [former],
        )


def test_numbers_are_what_they_were(tmp_path: Path, now: datetime) -> None:
    """REC-4: the former number is never given again, and leads nowhere."""
    former, fresh = given(tmp_path, now)
    assert decode(encode(former)) == former
    at = now + LATER
    assert found(at, number_kind="contactpoint", number=str(encode(former))) == []
    assert found(at, number_kind="contactpoint", number=str(encode(fresh))) == [encode(fresh)]


def wipe() -> None:
    """The database as it was before any child came; ledger and keys stay."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'hidden'")
        hidden = ", ".join(f"hidden.{table}" for (table,) in cursor.fetchall())
        cursor.execute(f"TRUNCATE directory_child, directory_suppliedrow, intake_load, {hidden} CASCADE")


def held_of(child: int) -> dict[str, Any]:
    """All that a backup from now would hold of the child."""
    with connections["match"].cursor() as cursor:
        return read_records(cursor, read_child_tables(cursor), [child])[child]


def put_back(child: int, said: dict[str, Any]) -> None:
    with connections["owner"].cursor() as cursor:
        for table, rows in {"directory_child": [said["child"]], **said["tables"]}.items():
            cursor.execute(
                f"INSERT INTO {table} OVERRIDING SYSTEM VALUE"
                f" SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s)",
                [json.dumps(rows)],
            )


@pytest.mark.parametrize("was_there", [True, False])
def test_a_restore_from_before_seals_it_again_and_starts_the_fresh_record_again(
    tmp_path: Path, now: datetime, was_there: bool
) -> None:
    """RET-4: whether the former record is in the backup, open, or came after it."""
    former = known_child(tmp_path, now)
    before = held_of(former)
    give_identity(
        by=officer(now), child=encode(former), identity=NewIdentity(FRESH, False), ground="adoption", at=now
    )
    tend(by=US, at=now)
    tend(by=US, at=now + LATER)
    wipe()
    if was_there:
        put_back(former, before)
        assert [name for _, name, _ in live()] == ["Hargreaves"]
    replay(by=US, at=now + LATER)
    assert live() == []
    tend(by=US, at=now + 2 * LATER)
    ((fresh, name, _),) = live()
    assert name == "Lindqvist"
    load_rows(tmp_path, [OLD], at=now + 3 * LATER, supplier="nhs_demographics")
    load_rows(tmp_path, [OLD_CENSUS], at=now + 3 * LATER, supplier="school_census")
    load_rows(tmp_path, [NEW_NHS], at=now + 3 * LATER, supplier="nhs_demographics")
    assert [child for child, _, _ in live()] == [fresh]
    insist_untraceable(fresh)
    link = custody.open_identity(
        by=custodian(now), child=encode(former), ground="court", case="K", at=now + 3 * LATER
    )
    assert link.other == encode(fresh)

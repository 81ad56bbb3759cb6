"""Canaries in every hidden place are found in nothing that the server can read (SHI-3, SHI-9, SEN-3).

Everything happens that puts a hidden value somewhere; then tables, views, functions with what they answer,
the queue, log lines, scratch, receipts, ledger and temporary folders are searched.
A new hidden table fails here until something is planted in it.
"""

import itertools
import json
import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection, connections, transaction

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role, Sector
from contactpoint.casework import actions as officers
from contactpoint.casework import asking, queries
from contactpoint.casework.brokering import cases as brokering
from contactpoint.casework.brokering.answering import accept_contact, list_questions
from contactpoint.casework.brokering.requesting import read_own_contact, request_contact
from contactpoint.casework.door import say_actor
from contactpoint.casework.records import HeldVerdict, Verdict
from contactpoint.casework.review.values import ask_correction
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory import actions
from contactpoint.directory.publish import SensitivePart
from contactpoint.directory.sensitive.actions import record_sensitive_involvement
from contactpoint.directory.values import Address, Carer, FormerName, Place, ServiceEntry, SuppliedValues
from contactpoint.intake import actions as loading
from tests.children import DATABASES, make_child
from tests.factories import make_organisation, make_viewer
from tests.feeds import ask, load_rows

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)

CANARY = "Zzyqxcanary"
NHS, UPN, POSTCODE, TELEPHONE = "9434765919", "H801200001001", "LS99 9ZZ", "0113 496 0777"
WORDS = (
    CANARY.lower(),
    NHS,
    UPN.lower(),
    "ls99",
    "ls999zz",
    TELEPHONE,
    CANARY.lower().encode().hex(),
    CANARY.encode().hex(),
)
VALUES = SuppliedValues(
    given_names="Amina",
    family_name="Khan",
    birth_date="2016-05-24",
    gender="F",
    nhs=NHS,
    upn=UPN,
    former_names=(FormerName(family_name=f"{CANARY}former", use="birth"),),
    addresses=(Address(lines=(f"1 {CANARY} Street",), town=f"{CANARY}ton", postcode=POSTCODE),),
    carers=(Carer(name=f"Sara {CANARY}", relationship="mother", telephone=TELEPHONE),),
    school=Place(code=f"{CANARY}school"),
    practice=Place(code=f"{CANARY}gp"),
    involvement=ServiceEntry(service="social_care", organisation=f"{CANARY}team", practitioner=CANARY),
)  # fmt: skip
# A row that may be hers: it is held.
LOOK_ALIKE = {
    "CB_REF": f"{CANARY}1", "CHILD_FORENAMES": "AMINA", "CHILD_SURNAME": f"{CANARY.upper()}FORMER",
    "CHILD_DOB": "24/05/2016", "CHILD_SEX": "F", "ADDR_LINE_1": f"1 {CANARY} STREET", "POSTCODE": "",
}  # fmt: skip

# Where hidden tables have no canary to find: what they hold instead.
WITHOUT = {
    "blocking_key": "hashes",
    "near_key": "hashes",
    "near_stale": "ids",
    "archived_record": "sealed whole; an archived child is not live (RET-5)",
    "archived_reference": "digests",
    "ending": "ids, dates and codes",
    "move": "ids, codes of authorities and times",
    "archived_mark": "keyed digests",
    "archive_request": "a child's number and a sealed text; an archived child is not live (RET-5)",
    "disclosure": "a child's number and a text sealed under its key",
    "sealed_identity": "sealed whole, under keys outside the database (SHI-7)",
    "sealed_mark": "keyed digests",
    "sealed_arrival": "sealed rows",
    "sealed_question": "sealed rows",
    "identity_link": "keyed digests and sealed numbers",
    "sensitive_mark": "keyed digests",
    "awaited_withdrawal": "keyed digests and the provider's own code (SEN-7)",
    "awaited_shield": "keyed digests and codes of grounds (RET-4)",
    "destroyed_row": "keyed digests",
    "review_queue": "ids and times; rows near a shield are never in it (SHI-5)",
    "match_decision": "written for ordinary questions only (SHI-5)",
    "sensitive_withdrawal": "a digest and the provider's own code (SEN-7)",
    "shield_decision": "codes of grounds; ids",
    "shield_request": "the text is sealed under a key that no backup holds",
    "shield_message": "the text is sealed under a key that no backup holds",
    "shield": "codes of grounds; ids",
    "assessment": "codes and dates",
    "ledger_note": "numbers of entries",
    "load_measure": "counts and shares of whole files",
    "contact_request": "ids and times; the reason is sealed",
    "contact_given": "ids and times; the contact is sealed",
    "override": "codes and ids; the reason is sealed",
    "investigation": "codes and ids",
    "investigation_step": "codes and ids; what was found is sealed",
    "record_change": "ids of records and rows; a joined record is shielded if either was (SHI-5)",
}


@dataclass(slots=True)
class Planted:
    child: int
    practitioner: Viewer
    log: list[str]
    scratch: list[str]


def has_canary(text: str) -> list[str]:
    lowered = text.lower()
    return [word for word in WORDS if word in lowered]


@pytest.fixture
def planted(
    now: datetime, tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> Planted:
    """A child who was open and worked with, was shielded, and of whom all the rest then happened."""
    settings.DATA_DIR, settings.LEDGER_DIR = tmp_path / "data", tmp_path / "data" / "ledger"
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    told = _listen(monkeypatch)
    scratch: list[str] = []
    number = make_child(VALUES, at=now, supplier="nhs_demographics")
    child = decode(number) or 0
    team = make_organisation(at=now, code=f"{CANARY}org")
    practitioner = make_viewer(at=now, organisation=team)
    mail = f"{CANARY}@bridgelane.example"
    actions.record_involvement(
        by=practitioner, child=number, service="school_nursing", role="school_nurse", at=now,
        started_on=date(2026, 9, 1), team_telephone=TELEPHONE, team_email=mail,
    )  # fmt: skip
    actions.record_assessment(
        by=practitioner, child=number, kind="early_help", opened_on=date(2026, 9, 1), at=now
    )
    _broker(practitioner, number, now)
    ((row,),) = ask("SELECT id FROM directory_suppliedrow")
    ask_correction(by=practitioner, child=number, row=row, field="addresses", at=now)
    asking.request_shield(
        by=practitioner, child=number, ground="refuge", text=f"They are at {CANARY}.", urgent=True, at=now
    )
    make_child(
        replace(VALUES, school=None), at=now, supplier="nhs_demographics", child_id=child, reference="R-again"
    )
    make_child(VALUES, at=now, supplier="nhs_demographics", child_id=child, reference="R-again")
    part = SensitivePart("camhs", f"{CANARY}clinic", "significant-harm", practitioner=CANARY)
    make_child(
        SuppliedValues(given_names="Amina", family_name=CANARY, birth_date="2016-05-24", nhs=NHS),
        at=now, supplier="camhs", child_id=child, sensitive=part,
    )  # fmt: skip
    asking.pass_message(by=practitioner, child=number, text=f"Ring {CANARY}.", reply_to=TELEPHONE, at=now)
    later = now + timedelta(hours=1)
    _load_look_alike(tmp_path, later, scratch, monkeypatch)
    officer = make_viewer(at=now, name="Sol Hughes", roles=[Role.SHIELDING_OFFICER])
    _decide(officer, later)
    return Planted(child, practitioner, told, scratch)


def _broker(practitioner: Viewer, child: ChildNumber, at: datetime) -> None:
    """A sensitive service of hers was asked, and gave its contact; then she is shielded."""
    clinic = make_organisation(
        at=at, code=f"{CANARY}org-clinic", sector=Sector.HEALTH, sensitive_service="sexual_health"
    )
    provider = make_viewer(at=at, organisation=clinic)
    record_sensitive_involvement(
        by=provider, child=child, role="sexual_health_nurse", started_on=date(2026, 9, 1),
        basis="significant-harm", consent=None, at=at,
    )  # fmt: skip
    broker = make_viewer(at=at, roles=[Role.BROKER])
    case = request_contact(by=practitioner, child=child, text=f"She told me of {CANARY}.", at=at)
    brokering.take_case(by=broker, case=case, seen=None, at=at)
    brokering.ask_provider(by=broker, case=case, organisation=clinic.code, service="sexual_health", at=at)
    (question,) = list_questions(by=provider, at=at)
    accept_contact(by=provider, question=question.id, ask_for=CANARY, telephone=TELEPHONE, email="", at=at)
    assert read_own_contact(by=practitioner, request=case, at=at).contacts


def _listen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every log line of every logger, at the lowest level."""
    told: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(self.format(record))

    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [*root.handlers, Keep(level=0)])
    monkeypatch.setattr(root, "level", 0)
    return told


def _load_look_alike(folder: Path, at: datetime, scratch: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """By a file of each way of matching; what lies in scratch meanwhile is noted."""
    ordinary = loading.link_portions

    def link_portions(*, folder: Path, **details: Any) -> Any:
        scratch.append(oct(folder.stat().st_mode & 0o777))
        return ordinary(folder=folder, **details)

    monkeypatch.setattr(loading, "link_portions", link_portions)
    load_rows(
        folder / "tmp",
        [LOOK_ALIKE, {**LOOK_ALIKE, "CB_REF": "B9", "CHILD_DOB": ""}],
        at=at,
        supplier="child_benefit",
    )
    (folder / "tmp" / "child_benefit.csv").unlink()  # the supplier's own file


def _decide(officer: Viewer, at: datetime) -> None:
    (request,) = queries.read_queue(by=officer, at=at).requests
    review = date(2027, 3, 1)
    officers.decide_request(
        by=officer, request=request.id, verdict=Verdict.CONFIRM, ground="refuge", review_on=review, at=at
    )
    held = queries.read_queue(by=officer, at=at).held
    queries.read_held_row(by=officer, row=held[0].id, at=at)
    officers.decide_held_row(by=officer, row=held[0].id, verdict=HeldVerdict.ANOTHER, child=None, at=at)


def hidden_tables() -> list[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'hidden' ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def test_every_hidden_table_has_a_canary_or_says_what_it_holds(planted: Planted) -> None:
    tables = hidden_tables()
    assert set(WITHOUT) <= set(tables)
    for table in set(tables) - set(WITHOUT):
        rows = ask(f"SELECT t::text FROM hidden.{table} t")
        assert any(has_canary(row) for (row,) in rows), f"nothing is planted in hidden.{table}"
    for table in (
        "shield_request",
        "shield_message",
        "shield_decision",
        "shield",
        "assessment",
        "blocking_key",
    ):
        assert ask(f"SELECT count(*) FROM hidden.{table}") != [(0,)], table


def test_sealed_texts_cannot_be_read_on_the_hidden_side_either(planted: Planted) -> None:
    for table in ("shield_request", "shield_message", "contact_request", "contact_given"):
        for (row,) in ask(f"SELECT t::text || encode(t.sealed, 'escape') FROM hidden.{table} t"):
            assert has_canary(row) == [], table


def test_no_table_or_view_of_the_server_has_one(planted: Planted) -> None:
    """The queue of jobs, sessions, notices and the log are tables too."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND has_schema_privilege(n.oid, 'USAGE')"
            " AND has_table_privilege(c.oid, 'SELECT') AND n.nspname <> 'information_schema'"
        )
        tables = cursor.fetchall()
        for schema, table in tables:
            cursor.execute(f'SELECT t::text FROM "{schema}"."{table}" t')
            found |= {
                (table, word)
                for (row,) in cursor.fetchall()
                for word in has_canary(row or "")
                if not _is_own(table, row)
            }
    assert {"procrastinate_jobs", "audit_event", "directory_child"} <= {table for _, table in tables}
    assert found == set()


def _is_own(table: str, row: str) -> bool:
    """Of the organisation that is called so: its own entry in the list of organisations, and its people."""
    return table.startswith("access_") and f"{CANARY}org" in row


def test_no_function_has_one_in_its_source_or_answers_with_one(planted: Planted) -> None:
    """Each that the server may call, with the child's number, by somebody who has no right to what is hidden."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.oid::regprocedure::text, p.prosrc, pg_get_function_arguments(p.oid), p.proname,"
            " ARRAY(SELECT t::regtype::text FROM unnest(p.proargtypes) t)"
            " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE n.nspname IN ('public', 'hidden') AND has_function_privilege(p.oid, 'EXECUTE')"
            " AND has_schema_privilege(n.oid, 'USAGE') AND p.prorettype <> 'trigger'::regtype"
            " AND p.prosecdef"
        )
        functions = cursor.fetchall()
    assert len(functions) >= 15
    answered = 0
    for signature, source, _, name, types in functions:
        assert has_canary(source) == [], signature
        for arguments in itertools.islice(_arguments(planted, types), 200):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    places = ", ".join(f"%s::{kind}" for kind in types)
                    cursor.execute(f"SELECT t::text FROM {name}({places}) t", arguments)
                    said = " ".join(row or "" for (row,) in cursor.fetchall())
                    transaction.set_rollback(True)
            except DatabaseError as refusal:
                said = str(refusal)
            else:
                answered += 1
            assert has_canary(said) == [], signature
    assert answered > 0


def _arguments(planted: Planted, types: list[str]) -> Iterator[tuple[Any, ...]]:
    """What a curious program would try: the child's number, one's own account, small numbers, every known word."""
    numbers = [planted.child, planted.practitioner.account_id, 1]
    known: dict[str, list[Any]] = {
        "bigint": numbers,
        "integer": [100],
        "text": ["held", "shield", "child", "request", "message", "383"],
        "jsonb": [say_actor(planted.practitioner)],
        "boolean": [True],
        "date": [date(2027, 1, 1)],
        "timestamp with time zone": [datetime.fromisoformat("2026-10-05T10:30:00+00:00")],
        "bytea": [b"x"],
        "bigint[]": [[planted.child]],
    }
    yield from itertools.product(*(known.get(kind, [None]) for kind in types))


def test_no_log_line_file_or_folder_has_one(planted: Planted, tmp_path: Path) -> None:
    """Log lines at the lowest level; scratch was private and is gone; receipts judge the row alone."""
    assert [line for line in planted.log if has_canary(line)] == []
    assert planted.scratch == ["0o700"]
    assert (tmp_path / "data" / "ledger").exists() or (tmp_path / "data").exists()
    for path in tmp_path.rglob("*"):
        assert has_canary(path.name) == [], path.name
        if path.is_file():
            content = path.read_bytes().decode("utf-8", "replace")
            told = set(has_canary(content))
            if path.parent.name == "receipts" or "receipt" in path.name:
                told -= {CANARY.lower()}  # the supplier's own reference, back to the supplier
            assert told == set(), path
    assert not any((tmp_path / "data" / "scratch").glob("*"))


def test_job_arguments_are_ids(planted: Planted) -> None:
    jobs = ask("SELECT task_name, args::text FROM procrastinate_jobs")
    assert jobs
    for name, arguments in jobs:
        said = json.loads(arguments)
        assert all(isinstance(value, int) for value in said.values()), name
        assert planted.child not in said.values(), name


def test_the_search_for_canaries_finds_one_that_is_not_hidden(now: datetime) -> None:
    """Else it proves nothing."""
    make_child(VALUES, at=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM directory_suppliedrow t")
        assert any(has_canary(row) for (row,) in cursor.fetchall())

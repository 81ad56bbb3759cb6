"""Hidden values live apart (SHI-9, SHI-3), and what the database itself refuses (SEN-2, SHI-4, REC-6).

Canaries are planted in every hidden place through the ordinary path; then everything that the role `app`
can read is dumped and searched for them.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import psycopg
import pytest
from django.db import ProgrammingError, connection, connections, transaction

from contactpoint.codes.child_number import decode
from contactpoint.directory.publish import SensitivePart
from contactpoint.directory.values import Address, Carer, FormerName, Place, ServiceEntry, SuppliedValues
from tests.children import DATABASES, make_child

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)

CANARY = "Zzyqxcanary"
SHIELDED = SuppliedValues(
    given_names="Amina",
    family_name="Khan",
    birth_date="2016-05-24",
    gender="F",
    nhs="9434765919",
    upn="H801200001001",
    former_names=(FormerName(family_name=f"{CANARY}former", use="birth"),),
    addresses=(Address(lines=(f"1 {CANARY} Street",), town=f"{CANARY}ton", postcode="LS99 9ZZ"),),
    carers=(Carer(name=f"Sara {CANARY}", relationship="mother", email=f"{CANARY}@example.org"),),
    school=Place(code=f"{CANARY}school"),
    practice=Place(code=f"{CANARY}gp"),
    involvement=ServiceEntry(service="social_care", organisation=f"{CANARY}team", practitioner=CANARY),
)
HIDDEN_WORDS = (
    CANARY,
    CANARY.upper(),
    CANARY.encode().hex(),
    "LS999ZZ",
    "LS99 9ZZ",
    "LS99",
    "9434765919",
    "H801200001001",
)


def readable_by_app() -> Iterator[tuple[str, str]]:
    """Every row of every table and view that `app` may select from, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND has_schema_privilege(n.oid, 'USAGE')"
            " AND has_table_privilege(c.oid, 'SELECT') AND n.nspname NOT IN ('information_schema')"
        )
        for schema, table in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{schema}"."{table}" t')
            for (row,) in cursor.fetchall():
                yield f"{schema}.{table}", row or ""


def plant(now: datetime) -> int:
    """One child shielded after a while, with a sensitive service; everything but name, gender and birth date hidden."""
    open_first = make_child(SHIELDED, at=now)
    child = decode(open_first)
    assert child is not None
    later = replace(
        SHIELDED, family_name="Khan", addresses=(replace(SHIELDED.addresses[0], town=f"{CANARY}ham"),)
    )
    make_child(later, at=now, supplier="nhs_demographics", child_id=child, restricted=True)
    part = SensitivePart(f"{'camhs'}", f"{CANARY}clinic", "significant-harm", practitioner=CANARY)
    make_child(replace(SHIELDED, involvement=None), at=now, supplier="camhs", child_id=child, sensitive=part)
    return child


def test_before_the_shield_the_search_for_canaries_does_find_them(now: datetime) -> None:
    make_child(SHIELDED, at=now)
    assert {word for _, row in readable_by_app() for word in HIDDEN_WORDS if word in row} >= {
        CANARY,
        "LS99 9ZZ",
    }


def test_what_the_planner_sampled_before_a_shield_is_not_read_either(now: datetime) -> None:
    """SHI-9: samples keep values of open tables until the next ANALYZE."""
    with connections["owner"].cursor() as cursor:
        make_child(SHIELDED, at=now)
        cursor.execute("ANALYZE directory_searchnumber, directory_child")
    for view in ("pg_stats", "pg_stats_ext", "pg_stats_ext_exprs"):
        with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM pg_catalog.{view}")


def test_no_canary_is_in_anything_that_app_can_read(now: datetime) -> None:
    """SHI-9, SHI-3, SEN-3."""
    plant(now)
    found = {(table, word) for table, row in readable_by_app() for word in HIDDEN_WORDS if word in row}
    assert found == set()


def test_a_child_born_shielded_leaves_no_canary_either(now: datetime) -> None:
    """SHI-9, SHI-8."""
    make_child(SHIELDED, at=now, supplier="nhs_demographics", restricted=True)
    found = {(table, word) for table, row in readable_by_app() for word in HIDDEN_WORDS if word in row}
    assert found == set()


def test_the_hidden_side_has_it_all(now: datetime) -> None:
    """SHI-9, SHI-4, SEN-2."""
    child = plant(now)
    with connections["match"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM hidden.supplied_row WHERE child_id = %s", [child])
        assert cursor.fetchone() == (3,)
        cursor.execute("SELECT authority, provisional FROM hidden.shield WHERE child_id = %s", [child])
        assert cursor.fetchone() == ("330", True)
        cursor.execute("SELECT basis FROM hidden.sensitive_involvement WHERE child_id = %s", [child])
        assert cursor.fetchone() == ("significant-harm",)


def hidden_tables() -> list[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'hidden' ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def test_app_has_no_right_to_any_hidden_table() -> None:
    """SHI-9."""
    tables = hidden_tables()
    assert len(tables) >= 8
    for table in tables:
        for statement in (
            "SELECT 1 FROM hidden.{}",
            "INSERT INTO hidden.{} DEFAULT VALUES",
            "DELETE FROM hidden.{}",
        ):
            with pytest.raises(ProgrammingError) as refusal, transaction.atomic():
                connection.cursor().execute(statement.format(table))
            assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege), table


REFUSED = [
    ("SEN-2 a sensitive involvement without a basis", "INSERT INTO hidden.sensitive_involvement (row_id, child_id, service, organisation, practitioner, role) VALUES (1, {child}, 'camhs', 'C', '', '')"),
    ("SEN-2 consent that does not say by whom", "INSERT INTO hidden.sensitive_involvement (row_id, child_id, service, organisation, practitioner, role, basis, obtained_on) VALUES (1, {child}, 'camhs', 'C', '', '', 'consent', '2026-01-01')"),
    ("SEN-2 consent that does not say when", "INSERT INTO hidden.sensitive_involvement (row_id, child_id, service, organisation, practitioner, role, basis, consent_given_by) VALUES (1, {child}, 'camhs', 'C', '', '', 'consent', 'child')"),
    ("SEN-1 a sensitive service among the open rows", "UPDATE directory_suppliedrow SET content = '{{\"involvement\": {{\"service\": \"camhs\"}}}}' WHERE child_id = {child}"),
    ("SHI-4 a shield without a ground", "INSERT INTO hidden.shield (child_id, authority, requested_by, provisional, applied_at, review_on) VALUES ({child}, '330', 'x', true, now(), '2027-01-01')"),
    ("SHI-4 a shield with an empty ground", "INSERT INTO hidden.shield (child_id, authority, ground, requested_by, provisional, applied_at, review_on) VALUES ({child}, '330', '', 'x', true, now(), '2027-01-01')"),
    ("SHI-4 a shield without a review date", "INSERT INTO hidden.shield (child_id, authority, ground, requested_by, provisional, applied_at) VALUES ({child}, '330', 'g', 'x', true, now())"),
    ("REC-6 a shield without an authority", "INSERT INTO hidden.shield (child_id, ground, requested_by, provisional, applied_at, review_on) VALUES ({child}, 'g', 'x', true, now(), '2027-01-01')"),
    ("REC-6 an open record without an authority", "UPDATE directory_child SET authority = NULL WHERE id = {child}"),
    ("SHI-2 a shielded record with an authority", "UPDATE directory_child SET shielded = true WHERE id = {child}"),
    ("REC-4 a number beyond 45 bits", "UPDATE directory_child SET id = 35184372088832 WHERE id = {child}"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "statement"), REFUSED, ids=[case for case, _ in REFUSED])
def test_the_database_refuses(now: datetime, case: str, statement: str) -> None:
    child = decode(make_child(at=now))
    with pytest.raises(Exception) as refusal, transaction.atomic(using="match"):
        connections["match"].cursor().execute(statement.format(child=child))
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.errors.CheckViolation | psycopg.errors.NotNullViolation), case

"""The log: append-only, durable, ids and never values (AUD-1, AUD-2, AUD-3, AUD-8)."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, connections, transaction

from contactpoint.audit import keys
from contactpoint.audit.actions import NotDurable, record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.queries import count_events, find_events_of_account, find_events_of_child
from contactpoint.audit.records import Actor

CHILD = 7_000_000_001
PRACTITIONER = Actor(account_id=41, organisation_id=7, door="web", address="203.0.113.9")


def search(at: datetime, **more: object) -> int:
    with transaction.atomic(durable=True):
        return record_event(
            kind=EventKind.SEARCHED,
            actor=PRACTITIONER,
            at=at,
            children=[CHILD],
            typed={"family_name": "Canary"},
            facts={"shown": 1},
            **more,  # type: ignore[arg-type]
        )


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_an_event_outside_a_transaction_is_refused(now: datetime) -> None:
    """AUD-2."""
    with pytest.raises(NotDurable):
        record_event(kind=EventKind.SEARCHED, actor=PRACTITIONER, at=now)


@pytest.mark.django_db
def test_an_event_is_read_back_by_account_and_by_child(now: datetime) -> None:
    """AUD-1, AUD-8."""
    event_id = search(now)
    since = now - timedelta(hours=1)
    (by_account,) = find_events_of_account(account_id=41, since=since, typed=True)
    (by_child,) = find_events_of_child(child_id=CHILD, since=since)
    assert by_account.id == by_child.id == event_id
    assert by_account.actor == PRACTITIONER
    assert by_account.typed == {"family_name": "Canary"}
    assert by_child.typed is None
    assert by_child.facts == {"shown": 1}
    counts = count_events(account_id=41, kinds=[EventKind.SEARCHED], since=[since, now, since])
    assert counts == [1, 0, 1]


@pytest.mark.django_db
def test_what_was_typed_is_in_no_column_in_clear(now: datetime) -> None:
    """AUD-8."""
    search(now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body, sealed, row_to_json(e)::text FROM audit_event e")
        body, sealed, whole = cursor.fetchone()
    assert b"Canary" not in bytes(body) + bytes(sealed)
    assert "Canary" not in whole
    assert b"Canary".hex() not in whole


@pytest.mark.django_db
def test_the_digest_is_that_of_the_body_and_the_body_names_the_sealed_part(now: datetime) -> None:
    """AUD-3."""
    search(now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body, digest, sealed FROM audit_event")
        body, digest, sealed = (bytes(part) for part in cursor.fetchone())
    assert digest == hashlib.sha256(b"\x00" + body).digest()
    assert json.loads(body)["sealed"] == hashlib.sha256(sealed).hexdigest()


@pytest.mark.django_db
def test_a_destroyed_month_key_makes_what_was_typed_unreadable_and_keeps_the_event(now: datetime) -> None:
    """AUD-8."""
    search(now)
    keys._key_path(now).unlink()
    keys._fernet.cache_clear()
    (event,) = find_events_of_account(account_id=41, since=now - timedelta(hours=1), typed=True)
    assert event.typed is None
    assert event.children == (CHILD,)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET purpose = 'another'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "DELETE FROM audit_event_child",
        "UPDATE audit_event_2026_10 SET purpose = 'another'",
        "DELETE FROM audit_event_2026_10",
        "DROP TABLE audit_event_2026_10",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "SELECT setval('audit_event_id', 1)",
    ],
)
@pytest.mark.parametrize("alias", ["default", "match"])
@pytest.mark.django_db(databases=["default", "match"])
def test_the_server_can_not_change_the_log(now: datetime, statement: str, alias: str) -> None:
    """AUD-3."""
    with transaction.atomic(using=alias):
        record_event(kind=EventKind.SEARCHED, actor=PRACTITIONER, at=now, using=alias)
    with pytest.raises(ProgrammingError) as refusal, transaction.atomic(using=alias):
        connections[alias].cursor().execute(statement)
    assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege)


@pytest.mark.django_db
def test_a_clock_that_jumps_finds_its_month(now: datetime) -> None:
    for at in (now, datetime(2031, 2, 28, 23, 59, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)):
        search(at)
    assert count_events(
        account_id=41, kinds=[EventKind.SEARCHED], since=[datetime(2025, 1, 1, tzinfo=UTC)]
    ) == [3]


@pytest.mark.django_db
def test_an_absurd_clock_is_refused_and_with_it_the_access(now: datetime) -> None:
    with pytest.raises(Exception, match="is the clock right"):
        search(datetime(1970, 1, 1, tzinfo=UTC))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_who_refuses_inside_the_transaction_loses_the_event_and_who_waits_keeps_it(now: datetime) -> None:
    """AUD-2."""

    def refuse_inside() -> None:
        with transaction.atomic(durable=True):
            record_event(kind=EventKind.SEARCH_REFUSED, actor=PRACTITIONER, at=now, refused=True)
            raise ValueError

    with pytest.raises(ValueError):
        refuse_inside()
    since = now - timedelta(hours=1)
    assert find_events_of_account(account_id=41, since=since) == ()
    with transaction.atomic(durable=True):
        record_event(kind=EventKind.SEARCH_REFUSED, actor=PRACTITIONER, at=now, refused=True)
    (event,) = find_events_of_account(account_id=41, since=since)
    assert event.refused


def test_keys_are_readable_by_us_alone(now: datetime) -> None:
    sealed = keys.seal(text="typed", at=now)
    assert keys.unseal(sealed=sealed, at=now) == "typed"
    path = keys._key_path(now)
    assert path.stat().st_mode & 0o077 == 0
    assert str(path).startswith(str(settings.KEYS_DIR))

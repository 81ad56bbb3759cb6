"""SEN-2, SEN-6: what the database itself refuses to the role `app`, whatever the code above it forgets."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from contactpoint.access.records import Viewer
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.codes.child_number import decode
from contactpoint.directory.sensitive.actions import withdraw_consent
from contactpoint.directory.sensitive.queries import list_own_sensitive
from tests.children import DATABASES, make_child
from tests.factories import make_viewer
from tests.rules.test_sensitive import make_provider, record, stored

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)

RECORD = "SELECT directory_record_sensitive({event}, nextval('directory_supplied_row_id'), {child}, 'teacher', '2026-09-01', {rest})"
AT_THE_DOOR = [
    ("SEN-2 no basis", "''", "''", "''", "NULL", "NULL"),
    ("SEN-2 basis NULL", "NULL", "''", "''", "NULL", "NULL"),
    ("SEN-2 consent of nobody", "'consent'", "''", "'gp'", "'2026-09-01'", "'2027-01-01'"),
    ("SEN-2 consent of no day", "'consent'", "'child'", "'gp'", "NULL", "'2027-01-01'"),
    ("SEN-6 obtained by nobody", "'consent'", "'child'", "''", "'2026-09-01'", "'2027-01-01'"),
    ("SEN-6 no review", "'consent'", "'child'", "'gp'", "'2026-09-01'", "NULL"),
    ("SEN-6 review first", "'consent'", "'child'", "'gp'", "'2026-09-01'", "'2026-08-01'"),
    ("SEN-6 of tomorrow", "'consent'", "'child'", "'gp'", "'2026-10-06'", "'2027-01-01'"),
    ("SEN-2 harm and consent", "'significant-harm'", "'child'", "'gp'", "'2026-09-01'", "'2027-01-01'"),
]


def knock(make_event: Callable[[], int], child: int | None, rest: str) -> None:
    with transaction.atomic():
        connection.cursor().execute(RECORD.format(event=make_event(), child=child, rest=rest))


@pytest.mark.parametrize(("case", "given"), [(each[0], each[1:]) for each in AT_THE_DOOR], ids=str)
def test_the_database_refuses_at_the_door(now: datetime, case: str, given: tuple[str, ...]) -> None:
    child, noor = decode(make_child(at=now)), make_provider(now)
    with pytest.raises(DatabaseError) as refusal:
        knock(
            lambda: record_event(kind=EventKind.SENSITIVE_RECORDED, actor=noor.actor, at=now),
            child,
            ", ".join(given),
        )
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.errors.CheckViolation | psycopg.errors.NotNullViolation), case
    assert stored() == []


def stale_event(by: Viewer, at: datetime) -> int:
    with transaction.atomic(durable=True):
        return record_event(kind=EventKind.SENSITIVE_RECORDED, actor=by.actor, at=at)


def test_the_door_opens_for_no_event_an_old_one_another_kind_or_another_person(now: datetime) -> None:
    child, noor, charlie = decode(make_child(at=now)), make_provider(now), make_viewer(at=now, name="Charlie")
    old = stale_event(noor, now)
    recorded = EventKind.SENSITIVE_RECORDED
    pretending = replace(charlie.actor, organisation_id=noor.organisation_id)
    cases: list[Callable[[], int]] = [
        lambda: 0,
        lambda: old,
        lambda: record_event(kind=EventKind.HIDDEN_OPENED, actor=noor.actor, at=now),
        lambda: record_event(kind=recorded, actor=noor.actor, at=now, refused=True),
        lambda: record_event(kind=recorded, actor=charlie.actor, at=now),
        lambda: record_event(kind=recorded, actor=pretending, at=now),
    ]

    whole = "'significant-harm', '', '', NULL, NULL"
    for case in cases:
        with pytest.raises(DatabaseError) as refusal:
            knock(case, child, whole)
        assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege)
    for call in ("directory_list_sensitive(0, NULL, 10)", "directory_withdraw_sensitive(0, 1)"):
        with pytest.raises(DatabaseError), transaction.atomic():
            connection.cursor().execute(f"SELECT {call}")
    knock(lambda: record_event(kind=recorded, actor=noor.actor, at=now), child, whole)
    assert len(stored()) == 1


def test_no_entry_is_read_or_changed_without_a_line_in_the_log(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    child, noor = make_child(at=now), make_provider(now)
    mine = record(noor, child, now)

    def broken(**_: object) -> int:
        raise RuntimeError("the log is full")

    for module in ("actions", "queries"):
        monkeypatch.setattr(f"contactpoint.directory.sensitive.{module}.record_event", broken)
    for attempt in (
        lambda: withdraw_consent(by=noor, entry=mine, at=now),
        lambda: list_own_sensitive(viewer=noor, at=now),
    ):
        with pytest.raises(RuntimeError):
            attempt()
    assert len(stored()) == 1

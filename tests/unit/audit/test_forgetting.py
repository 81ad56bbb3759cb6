"""AUD-8: after six years a month's key is destroyed and its events are dropped; their digests stay."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import ProgrammingError, connections, transaction

from contactpoint.audit.actions import forget_ready_month, record_event
from contactpoint.audit.forgetting import find_due, forget_months
from contactpoint.audit.keys import KeyDestroyed, unseal
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.queries import find_events_of_child
from contactpoint.audit.records import Actor
from contactpoint.directory.keeping.clock import forecast, run_clock

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "match", "owner"])
US = Actor(account_id=None, organisation_id=None, door="worker")
SPRING = datetime(2021, 3, 9, 12, tzinfo=UTC)
LAST_DAY, DUE = date(2027, 3, 31), date(2027, 4, 1)


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE audit_digest")
        for month in ("2021_03", "2021_04"):
            cursor.execute(f"DROP TABLE IF EXISTS audit_event_{month}, audit_event_child_{month}")
    for number in (3, 4):
        forget_ready_month(month=date(2021, number, 1), using="default")


def log(at: datetime, *, using: str = "default", **details: object) -> int:
    with transaction.atomic(using=using):
        return record_event(kind=EventKind.RECORD_OPENED, actor=US, at=at, using=using, **details)  # type: ignore[arg-type]


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def ask(question: str, *given: object) -> list[tuple[object, ...]]:
    with connections["match"].cursor() as cursor:
        cursor.execute(question, given)
        return list(cursor.fetchall())


def test_a_month_goes_when_its_last_day_is_six_years_ago(settings: LazySettings) -> None:
    log(SPRING, children=[7], typed={"reference": "CASE-7"})
    log(SPRING.replace(month=4), children=[7])
    ((sealed,),) = ask("SELECT sealed FROM audit_event WHERE at = %s", SPRING)
    digests = [bytes(digest) for (digest,) in ask("SELECT digest FROM audit_event WHERE at = %s", SPRING)]  # type: ignore[call-overload]
    key = Path(settings.KEYS_DIR) / "log" / "2021-03.key"
    assert key.exists()
    assert find_due(on=LAST_DAY, using="match") == []
    assert run_clock(by=US, at=at_noon(LAST_DAY)).log_months == 0
    assert run_clock(by=US, at=at_noon(DUE)).log_months == 1
    assert [
        event.at for event in find_events_of_child(child_id=7, since=datetime(2020, 1, 1, tzinfo=UTC))
    ] == [SPRING.replace(month=4)]
    with pytest.raises(KeyDestroyed):
        unseal(sealed=bytes(sealed), at=SPRING)  # type: ignore[call-overload]
    assert not key.exists()
    assert ask("SELECT digest FROM audit_digest") == [(digests[0],)]
    ((body,),) = ask("SELECT convert_from(body, 'UTF8') FROM audit_event WHERE kind = 'log-month-forgotten'")
    assert hashlib.sha256(b"".join(digests)).hexdigest() in str(body)
    assert run_clock(by=US, at=at_noon(DUE)).log_months == 0
    log(SPRING)  # a late event finds its month again
    assert ask("SELECT count(*) FROM audit_event WHERE at = %s", SPRING) == [(1,)]


def test_the_forecast_says_when() -> None:
    log(SPRING)
    log(SPRING.replace(month=4))
    found = forecast(at=at_noon(date(2026, 10, 5)))
    assert found.overdue.log_months == 0
    months = {month.first: month.log_months for month in found.months}
    assert months[date(2027, 4, 1)] == months[date(2027, 5, 1)] == 1
    assert sum(months.values()) == 2
    assert forecast(at=at_noon(date(2027, 4, 20))).overdue.log_months == 1


def test_the_setting_keeps_it_longer(settings: LazySettings) -> None:
    settings.LOG_YEARS = 7
    log(SPRING)
    assert run_clock(by=US, at=at_noon(DUE)).log_months == 0
    assert run_clock(by=US, at=at_noon(DUE.replace(year=2028))).log_months == 1


def test_nobody_forgets_a_month_that_the_log_does_not_show_to_be_old(now: datetime) -> None:
    """AUD-3: not even the worker, whatever day it says it is."""
    log(now)
    for years in (6, 0, -1):
        with pytest.raises(ProgrammingError, match="keeps its months"), transaction.atomic(using="match"):
            connections["match"].cursor().execute(
                "SELECT audit_forget_month(%s, %s)", [now.date().replace(day=1), years]
            )
    assert ask("SELECT count(*) FROM audit_event WHERE at = %s", now) == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT audit_forget_month('2021-03-01', 6)",
        "INSERT INTO audit_digest VALUES (1, '2021-03-01', sha256(''))",
        "DELETE FROM audit_digest",
        "DROP TABLE audit_event",
    ],
)
def test_the_server_can_forget_nothing(statement: str) -> None:
    """AUD-3."""
    with pytest.raises(ProgrammingError), transaction.atomic():
        connections["default"].cursor().execute(statement)


def test_stopped_after_the_key_the_next_night_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    log(SPRING, typed={"reference": "CASE-7"})
    monkeypatch.setattr("contactpoint.audit.forgetting.record_event", None)
    with pytest.raises(TypeError):
        forget_months(by=US, at=at_noon(DUE), on=DUE, using="match")
    monkeypatch.undo()
    assert ask("SELECT count(*) FROM audit_event WHERE at = %s", SPRING) == [(1,)]
    assert forget_months(by=US, at=at_noon(DUE), on=DUE, using="match") == 1
    assert ask("SELECT count(*) FROM audit_digest") == [(1,)]

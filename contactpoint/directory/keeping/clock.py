"""The nightly clock: archives, ends histories, destroys, and says beforehand what it will do (RET-1 to 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connections, transaction

from contactpoint.access.policies import ENGLAND
from contactpoint.audit.actions import record_event
from contactpoint.audit.forgetting import forecast_months, forget_months
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.keeping.archive import USING, archive_due
from contactpoint.directory.keeping.destroying import destroy_due
from contactpoint.directory.keeping.histories import ENDED, end_histories, last_day_of_history
from contactpoint.directory.keeping.policies import years_after
from contactpoint.directory.keeping.withdrawn import drop_loose_marks
from contactpoint.directory.locks import directory_to_ourselves
from contactpoint.progress import Progress, no_progress

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Night:
    """What one run did."""

    archived: int
    histories_ended: int
    destroyed: int
    log_months: int = 0


@dataclass(slots=True)
class Month:
    """What is to come in one month, as far as today's data tells; `first` is its first day."""

    first: date
    archived: int = 0
    histories_ended: int = 0
    destroyed: int = 0
    log_months: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """`overdue` waits for the next run; then the coming months, this one first."""

    overdue: Month
    months: tuple[Month, ...] = field(default_factory=tuple)


def run_clock(*, by: Actor, at: datetime, progress: Progress = no_progress) -> Night:
    """Do what the day asks for. Safe to stop at any moment, to run again, and to run twice at once.

    Waits for a load that is matching and publishing: it may have decided on what the clock would take away.
    """
    with directory_to_ourselves(progress=progress):
        destroyed = destroy_due(by=by, at=at, progress=progress)
        archived = archive_due(by=by, at=at, progress=progress)
        ended = end_histories(by=by, at=at)
        with transaction.atomic(durable=True, using=USING), connections[USING].cursor() as cursor:
            drop_loose_marks(cursor)
    months = forget_months(by=by, at=at, on=at.astimezone(ENGLAND).date(), using=USING)
    with transaction.atomic(durable=True, using=USING):
        facts: dict[str, str | int] = {"archived": archived, "ended": ended, "destroyed": destroyed}
        facts["log_months"] = months
        record_event(kind=EventKind.CLOCK_RAN, actor=by, at=at, facts=facts, using=USING)
    return Night(archived, ended, destroyed, months)


def forecast(*, at: datetime) -> Forecast:
    """The next twelve months, and what waits already; changes nothing."""
    on = at.astimezone(ENGLAND).date()
    firsts = [_month_after(on.replace(day=1), ahead) for ahead in range(MONTHS + 1)]
    months = {first: Month(first) for first in firsts[:MONTHS]}
    overdue = Month(on)
    for name, counts in _count(on, firsts[MONTHS]).items():
        for day, count in counts.items():
            month = overdue if day <= on else months[day.replace(day=1)]
            setattr(month, name, getattr(month, name) + count)
    return Forecast(overdue, tuple(months.values()))


def _count(on: date, until: date) -> Mapping[str, Mapping[date, int]]:
    """Day by day: what falls due before `until`."""
    histories: dict[date, int] = {}
    with connections[USING].cursor() as cursor:
        cursor.execute(
            "SELECT live_until, count(*) FROM directory_child WHERE live_until < %s AND birth_date <> ''"
            " GROUP BY 1",
            [until],
        )
        archived: dict[date, int] = dict(cursor.fetchall())
        cursor.execute(
            "SELECT destroy_on, count(*) FROM hidden.archived_record WHERE destroy_on < %s GROUP BY 1",
            [until],
        )
        destroyed: dict[date, int] = dict(cursor.fetchall())
        for table, column in ENDED:
            cursor.execute(
                f"SELECT {column}, count(*) FROM {table} WHERE {column} < %s GROUP BY 1",
                [last_day_of_history(on=until)],
            )
            for ended, count in cursor.fetchall():
                day = years_after(ended, 1)
                histories[day] = histories.get(day, 0) + count
    months = forecast_months(on=on, until=until - timedelta(days=1), using=USING)
    return {"log_months": months, "archived": archived, "histories_ended": histories, "destroyed": destroyed}


def _month_after(first: date, ahead: int) -> date:
    months = first.year * 12 + first.month - 1 + ahead
    return date(months // 12, months % 12 + 1, 1)

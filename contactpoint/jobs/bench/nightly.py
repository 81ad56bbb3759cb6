"""What the nightly clock costs: nights in a directory of that size, with what a night brings (RET-1 to 5).

The first 100,000 children are published through the directory's door; beyond that their rows are copied
under other numbers, which makes tables and indexes as large and costs minutes instead of half an hour.
Each night archives those whose birthday it is, ends what ended a year before, and destroys what the night
before archived, as if that had been six years ago: its dates are moved back in between.
"""

import time
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connections

from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.keeping.clock import forecast, run_clock
from contactpoint.jobs.bench.cpu import cpu_seconds, find_database
from contactpoint.jobs.bench.england import ensure_filled
from contactpoint.jobs.bench.owner import connect_as_owner
from contactpoint.jobs.bench.people import make_people
from contactpoint.jobs.bench.place import Place
from contactpoint.progress import Progress, no_progress

BASE = 100_000
ENDED = 20  # one child in so many has an entry that ended within the year before
MASKS = 0x1F35A7B9D3  # any number below 2^45: another for each copy
SERVICE = Actor(account_id=None, organisation_id=None, door="command")
_TWINS = """
CREATE TEMP TABLE twin ON COMMIT DROP AS
SELECT c.id, c.id # %(mask)s::bigint AS other FROM directory_child c
WHERE EXISTS (SELECT 1 FROM directory_suppliedrow r WHERE r.child_id = c.id AND r.reference !~ '-')
  AND NOT EXISTS (SELECT 1 FROM directory_child d WHERE d.id = c.id # %(mask)s::bigint)
"""
_COPIES = (
    "INSERT INTO directory_child (id, {child}) SELECT t.other, {child} FROM twin t"
    " JOIN directory_child c ON c.id = t.id",
    "INSERT INTO directory_suppliedrow"
    " (child_id, supplier_id, reference, content, digest, load_id, supplied_at)"
    " SELECT t.other, r.supplier_id, r.reference || '-' || %(copy)s, r.content, r.digest, r.load_id,"
    " r.supplied_at FROM twin t JOIN directory_suppliedrow r ON r.child_id = t.id",
    "INSERT INTO directory_searchname (child_id, given_id, family_id, born)"
    " SELECT t.other, n.given_id, n.family_id, n.born"
    " FROM twin t JOIN directory_searchname n ON n.child_id = t.id",
    "INSERT INTO directory_searchnumber (child_id, kind, value)"
    " SELECT t.other, n.kind, n.value FROM twin t JOIN directory_searchnumber n ON n.child_id = t.id",
    "INSERT INTO hidden.blocking_key (key, child_id)"
    " SELECT b.key, t.other FROM twin t JOIN hidden.blocking_key b ON b.child_id = t.id",
    "INSERT INTO hidden.row_effect (row_id, load_id, child_id, effect, model, at)"
    " SELECT r.id, r.load_id, r.child_id, 'made-child', '', r.supplied_at"
    " FROM twin t JOIN directory_suppliedrow r ON r.child_id = t.other",
)  # fmt: skip
_CHILD = (
    "shielded, authority, given_names, family_name, birth_date, born, gender, town, outward, postcodes,"
    " searchable_from, live_until"
)
_ENTRIES = """
INSERT INTO directory_involvement (child_id, account_id, organisation_id, service, role, team_telephone,
    team_email, started_on, ended_on, confirmed_at, recorded_at)
SELECT c.id, a.id, a.organisation_id, 'early_help', 'family_support_worker', '0121 496 0000', '',
    %(on)s::date - 800, %(on)s::date - (c.id %% 366)::integer, %(at)s, %(at)s
FROM directory_child c, (SELECT id, organisation_id FROM access_account WHERE id = %(account)s) a
WHERE NOT c.shielded AND c.id %% %(share)s = 0
"""
_SIX_YEARS_AGO = """
UPDATE hidden.archived_record
SET archived_on = (archived_on - interval '6 years')::date,
    destroy_on = (destroy_on - interval '6 years')::date
"""


def measure_clock(
    *, place: Place, children: int, seed: int, nights: int, filled: bool, progress: Progress
) -> dict[str, Any]:
    """Some nights after one another; the first clears what is due already and is not counted.

    `filled`: every child was published through the door, none is a copy.
    """
    made = children if filled else min(children, BASE)
    ensure_filled(place=place, children=made, seed=seed, progress=progress)
    if not filled:
        _grow(children, progress)
    now = datetime.now(UTC)
    _enter(now, progress)
    now = max(now, _find_last_night() or now)  # a later run goes on where an earlier one ended
    found: list[dict[str, Any]] = []
    for ahead in range(1, nights + 2):
        progress("Running the clock", ahead - 1, nights + 1)
        night = _run(now + timedelta(days=ahead))
        if ahead > 1:
            found.append(night)
        _move_back()
    progress("Running the clock", nights + 1, nights + 1)
    began = time.perf_counter()
    forecast(at=now + timedelta(days=nights + 1))
    seconds = median(night["seconds"] for night in found)
    done = sum(night["archived"] + night["destroyed"] for night in found)
    each_ms = 1000 * sum(night["seconds"] for night in found) / max(1, done)
    return {
        "headline": {
            "children": children,
            "night_s": round(seconds, 2),
            "worst_night_s": round(max(night["seconds"] for night in found), 2),
            "records_a_night": round(done / len(found)),
            "ms_a_record": round(each_ms, 1),
            "forecast_s": round(time.perf_counter() - began, 2),
        },
        "nights": found,
        "copied": children - made,
    }


def _run(at: datetime) -> dict[str, Any]:
    database = find_database(settings.DATABASE.cluster)
    used, own = cpu_seconds(pid=database), time.process_time()
    began = time.perf_counter()
    night = run_clock(by=SERVICE, at=at, progress=no_progress)
    took = time.perf_counter() - began
    return {
        "seconds": round(took, 3),
        "program_cpu_s": round(time.process_time() - own, 2),
        "database_cpu_s": round(cpu_seconds(pid=database) - used, 2),
        "archived": night.archived,
        "histories_ended": night.histories_ended,
        "destroyed": night.destroyed,
    }


def _find_last_night() -> datetime | None:
    with connect_as_owner() as owner:
        row = owner.execute(
            "SELECT max(at) FROM audit_event WHERE kind = %s", [EventKind.CLOCK_RAN.value]
        ).fetchone()
    return row[0] if row else None


def _grow(children: int, progress: Progress) -> None:
    with connect_as_owner() as owner:
        row = owner.execute("SELECT count(*) FROM directory_child WHERE birth_date <> ''").fetchone()
        held = int(row[0]) if row else 0
    copies = range(1, -(-children // BASE))
    for copy in copies if held <= BASE else ():
        progress("Copying children", copy - 1, len(copies))
        with connect_as_owner() as owner, owner.cursor() as cursor:
            given = {"mask": MASKS * copy % 2**45, "copy": str(copy)}
            cursor.execute(_TWINS, given)
            for statement in _COPIES:
                cursor.execute(statement.replace("{child}", _CHILD), given)
    with connections["owner"].cursor() as cursor:
        for table in (
            "directory_child", "directory_suppliedrow", "directory_searchname", "directory_searchnumber",
            "hidden.blocking_key", "hidden.row_effect",
        ):  # fmt: skip
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def _enter(now: datetime, progress: Progress) -> None:
    """Practitioners' entries that ended on each day of the last year."""
    (person,) = make_people(count=1, at=now, progress=progress)
    given = {"on": now.date(), "at": now, "account": person.account_id, "share": ENDED}
    with connect_as_owner() as owner:
        row = owner.execute("SELECT EXISTS (SELECT 1 FROM directory_involvement)").fetchone()
        if row and not row[0]:
            owner.execute(_ENTRIES, given)


def _move_back() -> None:
    with connect_as_owner() as owner:
        owner.execute(_SIX_YEARS_AGO)

"""Who saw this child, asked of a log of that many events (AUD-7, AUD-8): a year of them, in its months.

Written by the tables' owner in batches, each a transaction; a stopped run goes on after its last batch.
A child is seen nine times on average; one event in fifty is about one of a thousand who are seen most.
"""

import random
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from contactpoint.audit.queries import find_events_of_child
from contactpoint.jobs.bench.figures import summarise_latency
from contactpoint.jobs.bench.log_rate import write_together
from contactpoint.jobs.bench.owner import connect_as_owner
from contactpoint.progress import Progress

BATCH = 250_000
DAYS = 360
TIMES_SEEN = 9
OFTEN = 1_000  # the children seen most
QUESTIONS = 2_000
_WRITTEN = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM audit_event_id"
_EVENTS = """
WITH written AS (
    INSERT INTO audit_event (at, kind, refused, account_id, organisation_id, purpose, body, digest, sealed)
    SELECT e.at, 'record-opened', false, e.account, 1 + e.account %% 20000, 'coordinating',
        convert_to(format('{"account":%%s,"address":"10.0.0.1","at":"%%s","children":[%%s],"door":"web",'
            '"facts":{"outcome":"shown"},"kind":"record-opened","on_behalf_of":null,"organisation":%%s,'
            '"purpose":"coordinating","refused":false,"rules":"2026.1","sealed":"","v":1}',
            e.account, e.at, e.child, 1 + e.account %% 20000), 'UTF8'),
        sha256(int8send(e.n)), decode(repeat(md5(e.n::text), 6), 'hex')
    FROM (SELECT n, %(first)s::timestamptz + (n - 1) * %(step)s::interval AS at,
            1 + (n * 7919) %% 330000 AS account,
            CASE WHEN n %% 50 = 0 THEN 1 + (n / 50) %% %(often)s
                ELSE 1 + (n * 15485863) %% %(children)s END AS child
        FROM generate_series(%(from)s::bigint, %(upto)s::bigint) n) e
    RETURNING id, at, body)
INSERT INTO audit_event_child (event_id, child_id, at)
SELECT id, (convert_from(body, 'UTF8')::jsonb #>> '{children,0}')::bigint, at FROM written
"""


def measure_seen(*, events: int, seed: int, progress: Progress) -> dict[str, Any]:
    """Fill the log, then ask about children drawn at random, about those seen most, and about nobody."""
    _fill(events, progress)
    since = datetime.now(UTC) - timedelta(days=6 * 365)
    draw = random.Random(seed)
    children = max(OFTEN, events // TIMES_SEEN)
    asked = {
        "drawn at random": [draw.randint(1, children) for _ in range(QUESTIONS)],
        "seen most": [draw.randint(1, OFTEN) for _ in range(QUESTIONS // 10)],
        "seen by nobody": [children + draw.randint(1, 10**9) for _ in range(QUESTIONS // 10)],
    }
    found = {name: _ask(name, some, since, progress) for name, some in asked.items()}
    rate, cpu = write_together(2, 5.0)
    with connect_as_owner() as owner:
        row = owner.execute(
            "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c"
            " WHERE c.relkind = 'r' AND c.relname LIKE 'audit_event%'"
        ).fetchone()
    return {
        "headline": {
            "events": events,
            "p50_ms": found["drawn at random"]["p50_ms"],
            "p95_ms": found["drawn at random"]["p95_ms"],
            "often_p95_ms": found["seen most"]["p95_ms"],
            "events_per_second": round(rate),
            "bytes_per_event": round(int(row[0] if row else 0) / events),
        },
        "cpu_ms_per_event": round(cpu, 2),
        "asked": found,
    }


def _fill(events: int, progress: Progress) -> None:
    """The months first, then batches; statistics at the end, as autovacuum would have gathered them."""
    first = datetime.now(UTC) - timedelta(days=DAYS)
    with connect_as_owner() as owner:
        for day in range(0, DAYS + 31, 28):
            owner.execute("SELECT audit_ready_month(%s)", [(first + timedelta(days=day)).date()])
        row = owner.execute(_WRITTEN).fetchone()
        written = int(row[0]) if row else 0
    given = {
        "first": first,
        "step": timedelta(days=DAYS) / events,
        "often": OFTEN,
        "children": max(OFTEN, events // TIMES_SEEN),
    }
    for start in range(written, events, BATCH):
        progress("Writing events", start, events)
        with connect_as_owner() as owner:
            owner.execute(_EVENTS, {**given, "from": start + 1, "upto": min(start + BATCH, events)})
    progress("Writing events", events, events)
    if written < events:
        with connect_as_owner() as owner:
            owner.autocommit = True
            owner.execute("VACUUM (ANALYZE) audit_event")
            owner.execute("VACUUM (ANALYZE) audit_event_child")


def _ask(name: str, children: list[int], since: datetime, progress: Progress) -> dict[str, Any]:
    seconds, events = [], 0
    for number, child in enumerate(children):
        if number % 100 == 0:
            progress(f"Asking who saw children {name}", number, len(children))
        began = time.perf_counter()
        events += len(find_events_of_child(child_id=child, since=since))
        seconds.append(time.perf_counter() - began)
    progress(f"Asking who saw children {name}", len(children), len(children))
    return {**asdict(summarise_latency(seconds=seconds)), "events_each": round(events / len(children), 1)}

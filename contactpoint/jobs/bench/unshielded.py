"""The same directory with nobody shielded yet, to look into beside the shielded one, in turns.

What shields cost an ordinary search or record is a small difference between two noisy figures; so both are
taken by the same questions, one right after the other, in an order drawn for each.
"""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import connections

from contactpoint.access.records import Viewer
from contactpoint.directory.limits import Look
from contactpoint.directory.queries import open_record, search_children
from contactpoint.directory.records import Purpose, SearchOutcome
from contactpoint.jobs.bench.door import to_query
from contactpoint.jobs.bench.figures import percentile
from contactpoint.jobs.bench.owner import connect_as_owner
from contactpoint.jobs.bench.people import count_people, make_people, take_turns
from contactpoint.jobs.bench.questions import Question
from contactpoint.progress import Progress

ALIASES = ("default", "match", "owner")
SUFFIX = "_unshielded"
Took = tuple[float, float]  # seconds among shielded children, seconds where nobody is shielded


def keep_unshielded(*, progress: Progress) -> None:
    """Copy the database as it is, unless a copy is there. Raises ValueError once a shield was applied."""
    source = connections["owner"].settings_dict["NAME"]
    with connect_as_owner() as owner:
        there = owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [source + SUFFIX]).fetchone()
        shields = owner.execute(
            "SELECT count(*) FROM hidden.shield WHERE requested_by = 'benchmark'"
        ).fetchone()
    if there:
        return
    if shields and shields[0]:
        raise ValueError(
            "Shields were applied before there was a copy without: `contactpoint bench clean` first."
        )
    progress("Copying the directory before anybody is shielded", 0, 1)
    for alias in ALIASES:
        connections[alias].close()
    with connections["owner"]._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{source + SUFFIX}" TEMPLATE "{source}" STRATEGY FILE_COPY')
    progress("Copying the directory before anybody is shielded", 1, 1)


class Unshielded:
    """Connections of their own to the copy; what is done `inside` is done there."""

    def __init__(self) -> None:
        self._connections = {alias: connections[alias].copy() for alias in ALIASES}
        for connection in self._connections.values():
            connection.settings_dict["NAME"] += SUFFIX

    @contextmanager
    def inside(self) -> Iterator[None]:
        outside = {alias: connections[alias] for alias in ALIASES}
        try:
            for alias, connection in self._connections.items():
                connections[alias] = connection
            yield
        finally:
            for alias, connection in outside.items():
                connections[alias] = connection

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()


def look_into_both(
    *, questions: Sequence[Question], seed: int, progress: Progress
) -> tuple[list[Took], list[Took]]:
    """Seconds of each search and of each record opened after it, in both directories."""
    rng, copy, at = random.Random(seed), Unshielded(), datetime.now(UTC)
    count = max(count_people(looks=len(questions), look=look) for look in Look)
    shielded = take_turns(people=make_people(count=count, at=at, progress=progress), at=at)
    with copy.inside():
        unshielded = take_turns(people=make_people(count=count, at=at, progress=progress), at=at)
    searched: list[Took] = []
    opened: list[Took] = []
    for number, question in enumerate(questions):
        progress("Searching with and without shields", number, len(questions))
        took: dict[int, tuple[float, float | None]] = {}
        for side in rng.sample((0, 1), 2):
            if side:
                with copy.inside():
                    took[side] = _search_and_open(question, next(unshielded))
            else:
                took[side] = _search_and_open(question, next(shielded))
        searched.append((took[0][0], took[1][0]))
        if took[0][1] is not None and took[1][1] is not None:
            opened.append((took[0][1], took[1][1]))
    progress("Searching with and without shields", len(questions), len(questions))
    copy.close()
    return searched, opened


def _search_and_open(question: Question, viewer: Viewer) -> tuple[float, float | None]:
    """Seconds that the search took, and the record, if the search found one."""
    at = datetime.now(UTC)
    began = time.perf_counter()
    result = search_children(viewer=viewer, query=to_query(question), at=at)
    searched = time.perf_counter() - began
    if result.outcome is not SearchOutcome.FOUND:
        return searched, None
    began = time.perf_counter()
    open_record(viewer=viewer, child=result.found[0].number, purpose=Purpose.ASSESSMENT, reference="", at=at)
    return searched, time.perf_counter() - began


def summarise_both(took: Sequence[Took], *, name: str) -> dict[str, Any]:
    """p50 and p95 in ms among shielded children, and where nobody is."""
    with_shields, without = ([seconds[side] * 1000 for seconds in took] for side in (0, 1))
    return {
        f"{name}_p50_ms": round(percentile(values=with_shields, percent=50), 2),
        f"{name}_p95_ms": round(percentile(values=with_shields, percent=95), 2),
        f"{name}_p50_ms_unshielded": round(percentile(values=without, percent=50), 2),
        f"{name}_p95_ms_unshielded": round(percentile(values=without, percent=95), 2),
    }

"""Its child processes load suppliers' files, and are killed at drawn moments; then another looks (SUP-3).

`python -m tests.journeys.load_steps SEED KILLS FOLDER`, with CONTACTPOINT_DATA naming a folder of its own.
The same files are loaded once undisturbed, all is wiped, and then they are loaded again: killed, with a
database that goes away in the middle, and with a disk that is full.
Prints one line of JSON: what was found wrong, what was told, and how often a load was killed.
"""

import json
import os
import random
import resource
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contactpoint.jobs.database import database
from tests.journeys.kill_steps import in_child
from tests.journeys.moments import ENGINE, STATES, Moments, die, restart_database, watched

NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
Rows = list[dict[str, str]]
File = tuple[str, Path, datetime]
RESTARTED = ("matched", "received", "passed")  # in which state of each file the database goes away
# Everything that a load leaves, whatever the numbers that children happened to get.
ROWS = """
SELECT supplier_id, reference, content::text, ended_on::text, child_id, id FROM directory_suppliedrow
UNION ALL
SELECT supplier_id, reference, content::text, ended_on::text, child_id, id FROM hidden.supplied_row
ORDER BY 1, 2
"""
WAITING = "SELECT supplier_id, reference, why FROM hidden.waiting_row ORDER BY 1, 2"
TWICE = "SELECT count(*) - count(DISTINCT (supplier_id, reference))"
WITHOUT = (
    "SELECT count(*) FROM directory_child c LEFT JOIN {} t ON t.child_id = c.id WHERE t.child_id IS NULL"
)
WRONG = {
    "a reference is published twice": f"{TWICE} FROM ({ROWS}) r",
    "a row waits twice": f"{TWICE} FROM ({WAITING}) w",
    "a child has no row": WITHOUT.format(f"({ROWS})"),
    "a child cannot be found": WITHOUT.format("directory_searchname"),
    "a child has no blocking key": WITHOUT.format("hidden.blocking_key"),
    "a row has no effect": f"SELECT count(*) FROM ({ROWS}) r WHERE NOT EXISTS"
    " (SELECT 1 FROM hidden.row_effect e WHERE e.row_id = r.id)",
    "an event has not its digest": "SELECT count(*) FROM audit_event"
    " WHERE digest <> sha256('\\x00'::bytea || body)",
}


def files(folder: Path) -> list[File]:
    """A snapshot, another office's list of half of them, and the first office a day later."""
    from tests.feeds import write_file
    from tests.journeys.test_load_interrupted import some_rows

    first = some_rows(90)
    second = [{**row, "ref": f"B{place}", "enumcap": "9 NEW STREET"} for place, row in enumerate(first[::2])]
    moved = [{**row, "enumcap": "7 OTHER LANE"} for row in first[:-8:3]]
    new = [{**row, "ref": f"N{place}"} for place, row in enumerate(some_rows(105)[90:-1])]
    third = [*moved, *first[1:-8:3], *first[2:-8:3], *new]
    said: list[tuple[str, Rows, datetime]] = [
        ("ess-list-a", first, NOW),
        ("ess-list-b", second, NOW + timedelta(hours=1)),
        ("ess-list-a", third, NOW + timedelta(days=1)),
    ]
    return [
        (supplier, write_file(folder / f"{place}.csv", rows, supplier=supplier), at)
        for place, (supplier, rows, at) in enumerate(said)
    ]


def load(
    supplier: str,
    path: Path,
    at: datetime,
    moments: Moments | None = None,
    *,
    chunk: int = 5,
    few: int = 1000,
) -> str:
    """One load in small chunks; what it says where it stops by itself. The engine compares above `few`."""
    from contactpoint import progress
    from contactpoint.audit.records import Actor
    from contactpoint.errors import Conflict
    from contactpoint.intake import meeting, publishing
    from contactpoint.intake.actions import load_file
    from contactpoint.intake.profiles import get_profile

    moments = moments or Moments()
    publishing.CHUNK, meeting.FEW = chunk, few
    progress.STEP = chunk
    by = Actor(account_id=None, organisation_id=None, door="command")
    try:
        with watched(moments):
            load_file(path=path, profile=get_profile(name=supplier), by=by, at=at, progress=moments.tell)
    except Conflict as stopped:
        return str(stopped)
    return ""


def count(supplier: str, path: Path, at: datetime) -> dict[str, int]:
    """How many moments each state of an undisturbed load has."""
    moments = Moments()
    assert load(supplier, path, at, moments) == ""
    return dict(moments.met)


def look() -> dict[str, Any]:
    """What is wrong, and what is there: children by their rows, not by their numbers."""
    from tests.feeds import ask

    rows = ask(ROWS)
    order: dict[int, int] = {}
    for *_, child, _ in rows:
        order.setdefault(child, len(order))
    said = [[*row[:4], order[row[4]]] for row in rows]
    wrong = [words for words, query in WRONG.items() if ask(query) != [(0,)]]
    states = ask("SELECT supplier_id, state, count(*) FROM intake_load GROUP BY 1, 2 ORDER BY 1, 2")
    left = len(list((Path(os.environ["CONTACTPOINT_DATA"]) / "scratch").glob("*")))
    return {"wrong": wrong, "rows": said, "waiting": ask(WAITING), "loads": states, "left": left}


def wipe() -> None:
    """As new: every table but those that say which migrations ran."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables"
            " WHERE schemaname IN ('public', 'hidden') AND tablename <> 'django_migrations'"
        )
        cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} CASCADE")


def with_a_full_disk(work: Callable[[], str]) -> str:
    """No file of this process grows beyond so many bytes: the kernel refuses the write."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, resource.RLIM_INFINITY))
    return work()


def main(seed: int, kills: int, folder: str) -> dict[str, Any]:
    drawn = random.Random(seed)
    wrong: list[str] = []
    with database(migrate=True):
        todo = files(Path(folder))
        counts = [in_child(lambda one=one: count(*one)) for one in todo]
        undisturbed = in_child(look)
        in_child(wipe)
        full = in_child(lambda: with_a_full_disk(lambda: load(*todo[0])), start=False)
        wrong += [] if in_child(look)["rows"] == [] else ["something was loaded with a full disk"]
        killed = [_killed(drawn, one, met, kills, wrong) for one, met in zip(todo, counts, strict=True)]
        disturbed = in_child(look)
        in_child(wipe)
        restarted = [_restarted(drawn, *each) for each in zip(todo, counts, RESTARTED, strict=True)]
        again = in_child(look)
    for name, seen in (("killed", disturbed), ("restarted", again)):
        wrong += [f"{name}: {part} differ" for part in ("rows", "waiting") if seen[part] != undisturbed[part]]
        wrong += [f"{name}: {each}" for each in seen["wrong"]]
    told = {"killed": killed, "full": full, "restarted": restarted}
    there = {"left": disturbed["left"], "rows": len(undisturbed["rows"]), "loads": disturbed["loads"]}
    return {"wrong": sorted(set(wrong)), **told, **there}


def _killed(
    drawn: random.Random, one: File, met: dict[str, int], kills: int, wrong: list[str]
) -> dict[str, int]:
    """At so many moments of each state, one after another; then it goes on to its end. How often, in each."""
    times: dict[str, int] = {}
    for state in (*STATES[:3], ENGINE, STATES[3]):
        for _ in range(kills):
            # One that goes on has fewer moments than one from nothing, and may end before the last of those.
            moment = (state, drawn.randint(1, max(1, met.get(state, 1) * 2 // 3)))
            few = 10 if state == ENGINE else 1000
            ended = in_child(
                lambda at=moment, few=few: load(*one, Moments(at=at, happen=die), few=few), start=False
            )
            times[state] = times.get(state, 0) + (ended is None)
            wrong += in_child(look)["wrong"]
    in_child(lambda: load(*one), start=False)
    return times


def _restarted(drawn: random.Random, one: File, met: dict[str, int], state: str) -> str:
    """The server goes away at a moment of that state; then the same command once more."""
    moment = (state, drawn.randint(1, met[state]))
    said = str(in_child(lambda: load(*one, Moments(at=moment, happen=restart_database)), start=False))
    in_child(lambda: load(*one), start=False)
    return said


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactpoint.settings")
    django.setup()
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])))  # noqa: T201

"""Its child processes load suppliers' files, and are killed at random moments; then another looks (SUP-3).

`python -m tests.journeys.load_steps SEED KILLS FOLDER`, with CONTACTPOINT_DATA naming a folder of its own.
The same files are loaded once undisturbed, all is wiped, and then they are loaded again: killed, with a
database that goes away in the middle, and with a disk that is full.
Prints one line of JSON: what was found wrong, what was told, and how often a load was killed.
"""

import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contactpoint.jobs.database import database
from tests.journeys.kill_steps import in_child

NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
Rows = list[dict[str, str]]
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


def files(folder: Path) -> list[tuple[str, Path, datetime]]:
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


def load(supplier: str, path: Path, at: datetime, slowly: float = 0.0, chunk: int = 5) -> str:
    """One load in small chunks; what it says where it stops by itself."""
    from contactpoint.audit.records import Actor
    from contactpoint.errors import Conflict
    from contactpoint.intake import publishing
    from contactpoint.intake.actions import load_file
    from contactpoint.intake.profiles import get_profile

    def told(stage: str, done: int, total: int | None) -> None:
        time.sleep(slowly)

    publishing.CHUNK = chunk
    by = Actor(account_id=None, organisation_id=None, door="command")
    try:
        load_file(path=path, profile=get_profile(name=supplier), by=by, at=at, progress=told)
    except Conflict as stopped:
        return str(stopped)
    return ""


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


def restart_in_the_middle(after: float) -> None:
    """The server is stopped at once, as by a power cut, and started again."""
    from django.conf import settings

    from contactpoint.database.embedded import _server_pid, ensure_up, is_running

    time.sleep(after)
    pid = _server_pid(settings.DATABASE)
    assert pid is not None
    os.kill(pid, signal.SIGQUIT)
    while is_running(settings.DATABASE):
        time.sleep(0.05)
    ensure_up(settings.DATABASE, say=lambda _: None)


def main(seed: int, kills: int, folder: str) -> dict[str, Any]:
    drawn = random.Random(seed)
    wrong: list[str] = []
    killed = 0
    with database(migrate=True):
        todo = files(Path(folder))
        for one in todo:
            in_child(lambda one=one: load(*one))
        undisturbed = in_child(look)
        in_child(wipe)
        told = {"full": in_child(lambda: with_a_full_disk(lambda: load(*todo[0])), start=False)}
        wrong += [] if in_child(look)["rows"] == [] else ["something was loaded with a full disk"]
        for one in todo:
            for _ in range(kills):
                after = drawn.uniform(0.05, 1.2)
                killed += in_child(lambda one=one: load(*one, 0.02), start=False, kill_after=after) is None
                wrong += in_child(look)["wrong"]
            in_child(lambda one=one: load(*one), start=False)
        disturbed = in_child(look)
        told["restarted"] = _restarted(drawn, todo)
        again = in_child(look)
    for name, seen in (("killed", disturbed), ("restarted", again)):
        wrong += [f"{name}: {part} differ" for part in ("rows", "waiting") if seen[part] != undisturbed[part]]
        wrong += [f"{name}: {each}" for each in seen["wrong"]]
    return {"wrong": sorted(set(wrong)), "killed": killed, "told": told, "left": disturbed["left"],
            "rows": len(undisturbed["rows"]), "loads": disturbed["loads"]}  # fmt: skip


def _restarted(drawn: random.Random, todo: list[tuple[str, Path, datetime]]) -> str:
    """The first file once more into an empty directory, while the server goes away; then all of it."""
    in_child(wipe)
    pid = os.fork()
    if pid == 0:
        restart_in_the_middle(drawn.uniform(2.0, 2.5))
        os._exit(0)
    said = str(in_child(lambda: load(*todo[0], 0.15), start=False))
    os.waitpid(pid, 0)
    for one in todo:
        in_child(lambda one=one: load(*one), start=False)
    return said


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactpoint.settings")
    django.setup()
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])))  # noqa: T201

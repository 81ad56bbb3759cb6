"""How many events a second the log takes, each in a durable transaction of its own (AUD-2).

Runs as processes of their own, one a connection, started together:
`python -m contactpoint.jobs.bench.log_rate SECONDS` writes for that long and prints how many it wrote.
"""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from statistics import median
from typing import Any

from django.conf import settings

from contactpoint.jobs.bench.cpu import cpu_seconds, find_database
from contactpoint.progress import Progress

SHOWN = 10  # children a full result list names; the costliest ordinary event
TYPED = {"given_name": "Someone", "family_name": "Somebody", "birth_date": "2015-01-01"}


def measure_log(
    *, connections: tuple[int, ...], seconds: float, rounds: int, progress: Progress
) -> dict[str, Any]:
    """Events a second by number of connections: the median of the rounds, and all of them."""
    rates: dict[int, list[float]] = {count: [] for count in connections}
    cpu: dict[int, list[float]] = {count: [] for count in connections}
    total = rounds * len(connections)
    for turn in range(rounds):
        for place, count in enumerate(connections):
            progress("Writing the log", turn * len(connections) + place, total)
            rate, used = write_together(count, seconds)
            rates[count].append(rate)
            cpu[count].append(used)
    progress("Writing the log", total, total)
    return {
        "shown_in_each": SHOWN,
        "seconds": seconds,
        "events_per_second": {str(count): round(median(found), 1) for count, found in rates.items()},
        "cpu_ms_per_event": {str(count): round(median(found), 2) for count, found in cpu.items()},
        "rounds": {str(count): [round(rate, 1) for rate in found] for count, found in rates.items()},
    }


def write_together(connections: int, seconds: float) -> tuple[float, float]:
    """Events a second, and milliseconds of processor time for each, on both sides of the connection."""
    command = [sys.executable, "-m", __name__, str(seconds)]
    writers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(connections)
    ]
    for writer in writers:
        _read_line(writer)  # says that it is connected
    database = find_database(settings.DATABASE.cluster)
    before = cpu_seconds(pid=database)
    for writer in writers:
        assert writer.stdin is not None  # noqa: S101  we asked for a pipe
        writer.stdin.write("go\n")
        writer.stdin.flush()
    found = [json.loads(_read_line(writer)) for writer in writers]
    used = cpu_seconds(pid=database) - before + sum(one["cpu"] for one in found)
    for writer in writers:
        writer.communicate()
    rate = sum(one["events"] / one["seconds"] for one in found)
    return rate, used / sum(one["events"] for one in found) * 1000


def _read_line(writer: subprocess.Popen[str]) -> str:
    assert writer.stdout is not None  # noqa: S101  we asked for a pipe
    line = writer.stdout.readline()
    if not line:
        raise RuntimeError("A process that writes the log ended early; its last words are above.")
    return line


def write_events(*, seconds: float) -> dict[str, float]:
    """Write events until the time is over, one transaction each."""
    from django.db import transaction

    from contactpoint.audit.actions import record_event
    from contactpoint.audit.kinds import EventKind
    from contactpoint.audit.records import Actor

    actor = Actor(account_id=os.getpid(), organisation_id=1, door="web", address="127.0.0.1")
    began, used = time.perf_counter(), time.process_time()
    count = 0
    while time.perf_counter() - began < seconds:
        shown = [(count * SHOWN + offset) % 2**45 for offset in range(SHOWN)]
        with transaction.atomic(durable=True):
            record_event(
                kind=EventKind.SEARCHED,
                actor=actor,
                at=datetime.now(UTC),
                children=shown,
                typed=TYPED,
                facts={"outcome": "found", "count": SHOWN},
            )
        count += 1
    took = time.perf_counter() - began
    return {"events": count, "seconds": took, "cpu": time.process_time() - used}


def _main() -> None:
    import django

    django.setup()
    write_events(seconds=0.3)  # connected, month ready, code warm
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(write_events(seconds=float(sys.argv[1]))), flush=True)


if __name__ == "__main__":
    _main()

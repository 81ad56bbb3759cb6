"""The national peak for as long as told: one server, rounds of enquiries, and what drifts meanwhile.

Between the rounds new practitioners sign in, as at the start of a shift; the server is never restarted.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings

from contactpoint.jobs.bench.cpu import find_database
from contactpoint.jobs.bench.pages import enquire, find_free_port
from contactpoint.jobs.bench.questions import Question
from contactpoint.jobs.bench.watching import private_memory
from contactpoint.jobs.serving import serving
from contactpoint.progress import Progress

ROUND = 30.0  # seconds at the pace
DRIFTS = ("p50_ms", "p95_ms", "pages_mb", "database_mb", "disk_mb")


def soak(
    *,
    children: int,
    questions: Sequence[Question],
    pace: float,
    minutes: float,
    workers: int,
    say: Callable[[dict[str, Any]], None],
    progress: Progress,
) -> dict[str, Any]:
    """Rounds until the time is over, each told to `say` as it ends; then how each figure drifted."""
    port, began = find_free_port(), time.monotonic()
    rounds: list[dict[str, Any]] = []
    trouble: set[str] = set()
    with serving(port=port, workers=workers) as processes:
        pid = processes[0].pid
        while not rounds or time.monotonic() - began < minutes * 60:
            seen = enquire(
                children=children,
                questions=questions,
                pace=pace,
                seconds=ROUND,
                server=(port, pid, workers),
                progress=progress,
            )
            head = seen["headline"]
            found = {
                "minute": round((time.monotonic() - began) / 60, 1),
                **{name: head[name] for name in ("enquiries_per_second", "p50_ms", "p95_ms", "errors")},
                **_sizes(pid),
            }
            trouble |= set(seen["trouble"])
            rounds.append(found)
            say(found)
    return {
        "headline": {
            "children": children,
            "minutes": rounds[-1]["minute"],
            "rounds": len(rounds),
            "errors": sum(one["errors"] for one in rounds),
            **{f"{name}_drift": drift([one[name] for one in rounds]) for name in DRIFTS},
        },
        "pace": pace,
        "rounds": rounds,
        "trouble": sorted(trouble),
    }


def drift(values: Sequence[float]) -> float:
    """How much the middle of the last third is above that of the first third; 0 with fewer than three."""
    third = len(values) // 3
    return round(median(values[-third:]) - median(values[:third]), 1) if third else 0.0


def _sizes(pid: int) -> dict[str, float]:
    cluster = settings.DATABASE.cluster
    database = find_database(cluster)
    return {
        "pages_mb": _mb(private_memory(pid=pid)),
        "database_mb": _mb(private_memory(pid=database) if database else 0),
        "disk_mb": _mb(_disk(cluster)),
    }


def _disk(folder: Path) -> int:
    """What the cluster takes, its write-ahead log left out: that grows to its limit and stays."""
    total = 0
    for path in folder.rglob("*"):
        if "pg_wal" not in path.parts:
            try:
                total += path.stat().st_size if path.is_file() else 0
            except OSError:
                continue  # gone meanwhile
    return total


def _mb(number: int) -> float:
    return round(number / 1024 / 1024, 1)

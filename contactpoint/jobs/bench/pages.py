"""Pages over HTTP: the real server on a free port, and practitioners from a process of their own."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from django.conf import settings

from contactpoint.directory.limits import Look
from contactpoint.directory.records import Purpose
from contactpoint.jobs.bench.cpu import find_database
from contactpoint.jobs.bench.figures import median_of, percentile, summarise_latency
from contactpoint.jobs.bench.people import BenchPerson, count_people, make_people
from contactpoint.jobs.bench.questions import Question
from contactpoint.jobs.serving import serving
from contactpoint.progress import Progress

WARM = 100  # enquiries before any is timed: code, caches and connections as in a running service
THREADS = 16  # of the load generator: enquiries that may be under way at once
SLACK = 120  # seconds beyond its time after which a load generator is given up
SIGN_IN = 2  # seconds that one sign-in may take


def measure_pages(
    *,
    children: int,
    questions: Sequence[Question],
    pace: float,
    seconds: float,
    rounds: int,
    workers: int,
    progress: Progress,
) -> dict[str, Any]:
    """Search, reason and record, in several rounds of which every figure is the median.

    At that pace, or with pace 0 as fast as it goes; one enquiry for each question.
    """
    seen = [
        _round(
            children=children,
            questions=questions,
            pace=pace,
            seconds=seconds,
            workers=workers,
            progress=progress,
        )
        for _ in range(rounds)
    ]
    trouble = sorted({words for one in seen for words in one.pop("trouble")})
    lines = [dict(one["headline"]) for one in seen]
    middle = median_of(seen)
    middle["headline"]["errors"] = sum(line["errors"] for line in lines)  # an error is never averaged away
    return {**middle, "rounds": lines, "trouble": trouble}


def _round(
    *,
    children: int,
    questions: Sequence[Question],
    pace: float,
    seconds: float,
    workers: int,
    progress: Progress,
) -> dict[str, Any]:
    port = find_free_port()
    with serving(port=port, workers=workers) as processes:
        return enquire(
            children=children,
            questions=questions,
            pace=pace,
            seconds=seconds,
            server=(port, processes[0].pid, workers),
            progress=progress,
        )


def enquire(
    *,
    children: int,
    questions: Sequence[Question],
    pace: float,
    seconds: float,
    server: tuple[int, int, int],
    progress: Progress,
) -> dict[str, Any]:
    """One round against a server that is up: its port, its process, how many web processes it has.

    By new practitioners each time, so that nobody passes the limits against trawling.
    """
    port, pid, workers = server
    people = make_people(
        count=max(THREADS, count_people(looks=len(questions) + WARM, look=Look.OPENING)),
        at=datetime.now(UTC),
        progress=progress,
        can_sign_in=True,
    )
    plan = _plan(port=port, people=people, questions=questions, pace=pace, seconds=seconds)
    plan["watch"] = {"pages": pid, "database": find_database(settings.DATABASE.cluster)}
    progress("Enquiring over HTTP", 0, len(questions))
    seen = _generate(plan, longest=len(people) * SIGN_IN + seconds + SLACK)
    progress("Enquiring over HTTP", len(questions), len(questions))
    return _result(children, seen, pace=pace, people=len(people), workers=workers)


def _plan(
    *, port: int, people: Sequence[BenchPerson], questions: Sequence[Question], pace: float, seconds: float
) -> dict[str, Any]:
    return {
        "port": port,
        "pace": pace,
        "longest": seconds * 2,
        "threads": THREADS,
        "seed": 1,
        "warm": WARM,
        "purpose": Purpose.COORDINATING.value,
        "people": [asdict(person) for person in people],
        "enquiries": [
            {
                "given_name": one.given_name,
                "family_name": one.family_name,
                "birth_date": one.birth_date,
                "postcode": one.postcode,
            }
            for one in questions
        ],
    }


def _generate(plan: dict[str, Any], *, longest: float) -> dict[str, Any]:
    """What the load generator saw. Raises ClickException."""
    command = [sys.executable, "-m", "contactpoint.jobs.bench.load_generator"]
    done = subprocess.run(
        command,
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        timeout=longest,
        check=False,
        env=dict(os.environ),
    )
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise click.ClickException(f"The load generator stopped: {last[0]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _result(children: int, seen: dict[str, Any], *, pace: float, people: int, workers: int) -> dict[str, Any]:
    took = seen["ended"] - seen["began"]
    if not seen["records"]:
        said = "; ".join(seen["words"]) or "no child was found"
        raise click.ClickException(f"No record was opened: {said}.")
    pages = summarise_latency(seconds=seen["pages"])
    return {
        "headline": {
            "children": children,
            "enquiries_per_second": round(seen["enquiries"] / took, 1),
            "p50_ms": pages.p50_ms,
            "p95_ms": pages.p95_ms,
            "errors": seen["errors"],
        },
        "pace": pace,
        "seconds": round(took, 1),
        "enquiries": seen["enquiries"],
        "records_opened": seen["opened"],
        "practitioners": people,
        "workers": workers,
        "pages": asdict(pages),
        "results_page": asdict(summarise_latency(seconds=seen["searches"])),
        "record_page": asdict(summarise_latency(seconds=seen["records"])),
        "cpu_ms_per_enquiry": {
            part: round(used / max(1, seen["enquiries"]) * 1000, 1) for part, used in seen["cpu"].items()
        },
        "late_p95_ms": round(percentile(values=seen["late"], percent=95) * 1000, 1),
        "trouble": seen["words"],
    }


def find_free_port() -> int:
    """A port of this machine that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

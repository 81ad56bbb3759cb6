"""Search measured whole: the door and its peers, the same rows, the same questions, the same run."""

import shutil
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from contactpoint.jobs.bench.cpu import cpu_seconds, find_database
from contactpoint.jobs.bench.door import ask_door, make_askers
from contactpoint.jobs.bench.figures import interval, median_of, share, summarise_latency
from contactpoint.jobs.bench.full_text import Row, ask_full_text, build_full_text
from contactpoint.jobs.bench.owner import connect_as_owner
from contactpoint.jobs.bench.place import Place
from contactpoint.jobs.bench.questions import FULL_DATE, Answer, Question, Trouble
from contactpoint.jobs.bench.trigram import WAYS, ask_trigram, build_trigram, drop_trigram
from contactpoint.progress import Progress

BATCH = 10_000


def summarise(answers: Sequence[Answer]) -> dict[str, Any]:
    """Latency over all questions and by trouble; recall at 10, where over the cap counts as a miss."""
    by_trouble: dict[Trouble, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_trouble[answer.trouble].append(answer)
    return {
        "all": asdict(summarise_latency(seconds=[answer.seconds for answer in answers])),
        "by_trouble": {trouble.value: _of_trouble(some) for trouble, some in by_trouble.items()},
    }


def _of_trouble(answers: Sequence[Answer]) -> dict[str, Any]:
    hits, count = sum(answer.is_hit for answer in answers), len(answers)
    return {
        **asdict(summarise_latency(seconds=[answer.seconds for answer in answers])),
        "recall_at_10": share(part=hits, whole=count),
        "between": interval(part=hits, whole=count),
        "rows_shown": round(sum(len(answer.found) for answer in answers) / count, 2),
        "too_many": share(part=sum(answer.is_too_many for answer in answers), whole=count),
    }


def headline(*, children: int, distinct_names: int, answers: Sequence[Answer]) -> dict[str, Any]:
    """The one line of `--json`: times of questions with a full birth date."""
    timed = [answer.seconds for answer in answers if answer.trouble in FULL_DATE]
    latency = summarise_latency(seconds=timed)
    line = {
        "children": children,
        "distinct_names": distinct_names,
        "p50_ms": latency.p50_ms,
        "p95_ms": latency.p95_ms,
    }
    for trouble in FULL_DATE:
        some = [answer for answer in answers if answer.trouble is trouble]
        line[f"recall_at_10_{trouble.value}"] = share(part=sum(a.is_hit for a in some), whole=len(some))
    return line


def measure_door(
    *, children: int, distinct_names: int, questions: Sequence[Question], rounds: int, progress: Progress
) -> dict[str, Any]:
    """The door alone: the same questions in several rounds, of which every figure is the median."""
    asked, used = [], []
    for _ in range(rounds):
        database = find_database(settings.DATABASE.cluster)
        people = make_askers(questions=len(questions), progress=progress)
        before = time.process_time(), cpu_seconds(pid=database)
        asked.append(ask_door(questions=questions, people=people, progress=progress))
        after = time.process_time(), cpu_seconds(pid=database)
        each = [(late - early) / len(questions) * 1000 for early, late in zip(before, after, strict=True)]
        used.append({"service": round(each[0], 2), "database": round(each[1], 2)})
    lines = [headline(children=children, distinct_names=distinct_names, answers=answers) for answers in asked]
    return {
        "headline": median_of(lines),
        "door": median_of([summarise(answers) for answers in asked]),
        "cpu_ms_per_search": median_of(used),
        "rounds": [{"p50_ms": line["p50_ms"], "p95_ms": line["p95_ms"]} for line in lines],
    }


def measure_peers(
    *,
    owner: psycopg.Connection,
    children: int,
    questions: Sequence[Question],
    scratch: Path,
    progress: Progress,
) -> dict[str, Any]:
    """The peers on the open rows of the same database; their tables and files are gone afterwards."""
    found: dict[str, Any] = {}
    index, took = build_full_text(
        rows=read_rows(owner), total=children, folder=scratch / "tantivy", progress=progress
    )
    ask_full_text(index, questions=questions[:BATCH], progress=progress)  # warm
    answers = ask_full_text(index, questions=questions, progress=progress)
    found["tantivy"] = {**summarise(answers), "built_in_s": round(took, 1)}
    took = build_trigram(owner, progress=progress)
    try:
        for way in WAYS:
            answers = ask_trigram(owner, way=way, questions=questions, progress=progress)
            found[way] = {**summarise(answers), "built_in_s": round(took, 1)}
    finally:
        drop_trigram(owner)
    return found


def read_rows(connection: psycopg.Connection) -> Iterator[Row]:
    """Every open child as search results may show them, a batch at a time."""
    with connection.transaction(), connection.cursor(name="bench_rows") as cursor:
        cursor.itersize = BATCH
        cursor.execute(
            "SELECT id, given_names, family_name, birth_date, replace(postcodes, '-', '')"
            " FROM directory_child WHERE NOT shielded"
        )
        yield from cursor


def count_names(connection: psycopg.Connection) -> tuple[int, int]:
    """Children in the directory, and distinct folded names in its vocabulary."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM directory_child), (SELECT count(*) FROM directory_name)"
    ).fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    connection.commit()
    return int(row[0]), int(row[1])


def measure_search(
    *, place: Place, questions: Sequence[Question], rounds: int, peer_questions: int, progress: Progress
) -> dict[str, Any]:
    """The door, and its peers with the first so many questions of each kind (0: without peers)."""
    kinds = len({one.trouble for one in questions})
    with connect_as_owner() as owner:
        children, names = count_names(owner)
        result = measure_door(
            children=children, distinct_names=names, questions=questions, rounds=rounds, progress=progress
        )
        result["questions_of_each_kind"] = len(questions) // kinds
        if peer_questions:
            result["peers_asked_of_each_kind"] = min(peer_questions, result["questions_of_each_kind"])
            result["peers"] = measure_peers(
                owner=owner,
                children=children,
                questions=questions[: peer_questions * kinds],  # the kinds take turns
                scratch=place.scratch,
                progress=progress,
            )
    shutil.rmtree(place.scratch, ignore_errors=True)
    return result

"""Whether time tells what is hidden: searches that only hidden values would answer, against hopeless ones.

Each try is a pair: a shielded child's former name, address or NHS number, and the same kind of question that
nobody would answer. The questions of both sides are made of the same words, so that only the secret differs:
the former name of one shielded child with the birth date of another is a miss, each with its own a hit.
Goes through the door as everybody does, one child in 200 being shielded.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

from contactpoint.access.records import Viewer
from contactpoint.casework.asking import request_shield
from contactpoint.codes.child_number import encode
from contactpoint.codes.numbers import parse_nhs_number
from contactpoint.directory.limits import Look
from contactpoint.directory.publish.shielding import shield_child
from contactpoint.directory.queries import search_children
from contactpoint.directory.records import SearchQuery
from contactpoint.jobs.bench.figures import percentile
from contactpoint.jobs.bench.owner import connect_as_owner
from contactpoint.jobs.bench.people import count_people, make_people, take_turns
from contactpoint.jobs.bench.questions import Question
from contactpoint.jobs.bench.unshielded import look_into_both, summarise_both
from contactpoint.progress import Progress

ONE_IN = 200
RESAMPLES = 2_000
APPLIED = 100  # shields applied and timed
_HIDDEN = """
SELECT r.content #>> '{former_names,0,family_name}', r.content ->> 'nhs', c.born::text,
       r.content #>> '{addresses,0,postcode}'
FROM hidden.supplied_row r JOIN directory_child c ON c.id = r.child_id ORDER BY md5(c.id::text)
"""
Pair = tuple[
    SearchQuery, SearchQuery
]  # one that only a hidden value would answer, and one that nothing would


def shield_some(*, children: int, at: datetime, progress: Progress) -> int:
    """Shield children drawn at random until one in 200 is; gives how many are."""
    from django.db import connections, transaction

    with connect_as_owner() as owner:
        found = owner.execute("SELECT count(*) FROM hidden.shield").fetchone()
        shielded = int(found[0]) if found else 0
        missing = max(0, children // ONE_IN - shielded)
        drawn = owner.execute(
            "SELECT id FROM directory_child WHERE NOT shielded ORDER BY md5(id::text) LIMIT %s", [missing]
        ).fetchall()
    for number, (child,) in enumerate(drawn):
        progress("Shielding one child in 200", number, missing)
        with transaction.atomic(using="match", durable=True), connections["match"].cursor() as cursor:
            shield_child(
                cursor, child=child, ground="refuge", requested_by="benchmark", provisional=False,
                applied_by=None, at=at, review_on=at.date() + timedelta(days=183),
            )  # fmt: skip
    progress("Shielding one child in 200", missing, missing)
    return shielded + missing


def draw_pairs(*, tries: int, seed: int) -> dict[str, list[Pair]]:
    """So many of each kind: by former name and address, and by NHS number."""
    rng = random.Random(seed)
    with connect_as_owner() as owner:
        held = [tuple(row) for row in owner.execute(_HIDDEN).fetchall()]
    named = [row for row in held if row[0] and row[3]]
    numbered = [row[1] for row in held if row[1]]
    if len(named) < 2 or not numbered:
        raise ValueError("Too few shielded children have a former name: measure with more children.")
    return {
        "former name, birth date, postcode": list(_by_name(named, tries, rng)),
        "NHS number": [
            (_number(rng.choice(numbered)), _number(_unused(rng, set(numbered)))) for _ in range(tries)
        ],
    }


def _by_name(named: Sequence[tuple[Any, ...]], tries: int, rng: random.Random) -> Iterator[Pair]:
    for _ in range(tries):
        one, other = rng.sample(named, 2)
        yield (
            SearchQuery(family_name=one[0], birth_date=one[2], postcode=one[3]),
            SearchQuery(family_name=one[0], birth_date=other[2], postcode=one[3]),
        )


def _number(value: str) -> SearchQuery:
    return SearchQuery(number_kind="nhs", number=value)


def _unused(rng: random.Random, held: set[str]) -> str:
    """A valid number of the same range that no shielded child has."""
    while True:
        found = parse_nhs_number(f"9{rng.randrange(10**9):09}")
        if found and found not in held:
            return found


def measure_timing(
    *, questions: Sequence[Question], tries: int, seed: int, progress: Progress
) -> dict[str, Any]:
    """Both kinds of pairs with the difference of medians, its interval, and what a shield costs search."""
    at = datetime.now(UTC)
    pairs = draw_pairs(tries=tries, seed=seed)
    people = make_people(
        count=count_people(looks=2 * tries * len(pairs), look=Look.SEARCH),
        at=at,
        progress=progress,
    )
    turns = take_turns(people=people, at=at)
    told = {
        kind: compare(_time_pairs(some, turns, seed, kind, progress), seed=seed)
        for kind, some in pairs.items()
    }
    searched, opened = look_into_both(questions=questions, seed=seed, progress=progress)
    applied = _apply(next(turns), progress)
    return {
        "tries": tries,
        "kinds": told,
        "shields_cost": {"search": compare(searched, seed=seed), "record": compare(opened, seed=seed)},
        "headline": {
            "told_apart": any(kind["told_apart"] for kind in told.values()),
            **{f"difference_ms, {name}": kind["difference_ms"] for name, kind in told.items()},
            **summarise_both(searched, name="search"),
            **summarise_both(opened, name="record"),
            **applied,
        },
    }


def compare(tried: Sequence[tuple[float, float]], *, seed: int) -> dict[str, Any]:
    """Medians of both sides in ms, their difference, and its 95 % bootstrap interval over whole pairs."""
    rng = random.Random(seed)
    differences = sorted(
        _difference(rng.choices(tried, k=len(tried))) for _ in range(RESAMPLES if len(tried) > 1 else 1)
    )
    low, high = (percentile(values=differences, percent=at) for at in (2.5, 97.5))
    hits, misses = ([pair[side] * 1000 for pair in tried] for side in (0, 1))
    return {
        "hidden_p50_ms": round(median(hits), 3),
        "nothing_p50_ms": round(median(misses), 3),
        "difference_ms": round(_difference(tried), 3),
        "between_ms": [round(low, 3), round(high, 3)],
        "told_apart": not low <= 0 <= high,
    }


def _difference(tried: Sequence[tuple[float, float]]) -> float:
    return 1000 * (median(hidden for hidden, _ in tried) - median(nothing for _, nothing in tried))


def _time_pairs(
    pairs: Sequence[Pair], turns: Iterator[Viewer], seed: int, kind: str, progress: Progress
) -> list[tuple[float, float]]:
    """Both of a pair right after one another by the same person, in an order drawn for each."""
    rng = random.Random(seed)
    tried = []
    for number, pair in enumerate(pairs):
        progress(f"Timing by {kind}", number, len(pairs))
        viewer = next(turns)
        took = [0.0, 0.0]
        for side in rng.sample((0, 1), 2):
            search = partial(search_children, viewer=viewer, query=pair[side], at=datetime.now(UTC))
            took[side], result = _timed(search)
            if any(found.shielded for found in result.found):
                raise AssertionError("a hidden value was found: this is no question of time")
        tried.append((took[0], took[1]))
    progress(f"Timing by {kind}", len(pairs), len(pairs))
    return tried


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def _apply(viewer: Viewer, progress: Progress) -> dict[str, float]:
    """Urgent requests, each of which shields for every request from its commit on."""
    with connect_as_owner() as owner:
        drawn = owner.execute(
            "SELECT id FROM directory_child WHERE NOT shielded ORDER BY md5(id::text) DESC LIMIT %s",
            [APPLIED],
        ).fetchall()
    took = []
    for number, (child,) in enumerate(drawn):
        progress("Applying shields", number, len(drawn))
        number_of = encode(child)
        ask = partial(
            request_shield, by=viewer, child=number_of, ground="refuge", text="Measured.", urgent=True
        )
        seconds, _ = _timed(partial(ask, at=datetime.now(UTC)))
        took.append(seconds * 1000)
    progress("Applying shields", len(drawn), len(drawn))
    return {
        "shield_p50_ms": round(percentile(values=took, percent=50), 1),
        "shield_worst_ms": round(max(took), 1),
    }

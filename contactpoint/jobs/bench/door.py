"""Asking through the real door: cap, redaction, limits and log included, nothing switched off."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from contactpoint.codes.child_number import decode
from contactpoint.directory.limits import Look
from contactpoint.directory.queries import search_children
from contactpoint.directory.records import SearchOutcome, SearchQuery
from contactpoint.jobs.bench.people import BenchPerson, count_people, make_people, take_turns
from contactpoint.jobs.bench.questions import Answer, Question
from contactpoint.progress import Progress

WARM = 50  # questions asked before any is timed: connections, code and caches as in a running server


def make_askers(*, questions: int, progress: Progress) -> tuple[BenchPerson, ...]:
    """Enough practitioners that none passes the limits (SEA-8)."""
    count = count_people(looks=questions + WARM, look=Look.SEARCH)
    return make_people(count=count, at=datetime.now(UTC), progress=progress)


def ask_door(
    *, questions: Sequence[Question], people: tuple[BenchPerson, ...], progress: Progress
) -> list[Answer]:
    """Ask one after the other, the practitioners taking turns."""
    asked = [*questions[:WARM], *questions]
    turns = take_turns(people=people, at=datetime.now(UTC))
    answers = []
    for number, question in enumerate(asked):
        progress("Asking through search_children", number, len(asked))
        viewer = next(turns)
        query = to_query(question)
        at = datetime.now(UTC)
        began = time.perf_counter()
        result = search_children(viewer=viewer, query=query, at=at)
        took = time.perf_counter() - began
        found = tuple(value for row in result.found if (value := decode(row.number)) is not None)
        is_hit = bool(question.wanted.intersection(found))
        is_too_many = result.outcome is SearchOutcome.TOO_MANY
        answers.append(Answer(question.trouble, found, took, is_hit, is_too_many))
    progress("Asking through search_children", len(asked), len(asked))
    return answers[-len(questions) :]


def to_query(question: Question) -> SearchQuery:
    """As a practitioner types it."""
    return SearchQuery(
        given_name=question.given_name,
        family_name=question.family_name,
        birth_date=question.birth_date,
        postcode=question.postcode,
    )

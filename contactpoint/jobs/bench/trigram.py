"""The first peer: what a competent developer writes in PostgreSQL in an afternoon, with pg_trgm.

Its table lies in a schema of its own, filled from the open rows, dropped afterwards.
Two ways of asking: `ranked` looks by likeness of the whole name and lets the birth date add to the score;
`dated` looks by the exact birth date and orders by likeness, which is fast and misses every wrong date.
"""

import time
from collections.abc import Sequence
from datetime import date, timedelta

import psycopg

from contactpoint.jobs.bench.questions import Answer, Question
from contactpoint.progress import Progress

LONGEST = 20_000  # ms: a question that takes longer counts as missed, with that time
FILL = """
CREATE TABLE bench_peer.child AS
SELECT id, given_names || ' ' || family_name AS name, born, postcodes FROM directory_child WHERE NOT shielded
"""
RANKED = """
SELECT id FROM bench_peer.child WHERE name %% %(name)s
ORDER BY similarity(name, %(name)s)
    + CASE WHEN born BETWEEN %(first)s AND %(last)s THEN 0.5 ELSE 0 END
    + CASE WHEN %(postcode)s <> '' AND strpos(postcodes, %(postcode)s) > 0 THEN 0.5 ELSE 0 END DESC
LIMIT 10
"""
DATED = """
SELECT id FROM bench_peer.child WHERE born BETWEEN %(first)s AND %(last)s
ORDER BY similarity(name, %(name)s)
    + CASE WHEN %(postcode)s <> '' AND strpos(postcodes, %(postcode)s) > 0 THEN 0.5 ELSE 0 END DESC
LIMIT 10
"""
WAYS = {"trigram": RANKED, "trigram_dated": DATED}


def build_trigram(connection: psycopg.Connection, *, progress: Progress) -> float:
    """Copy the rows and index them; gives the seconds it took."""
    began = time.perf_counter()
    steps = (
        "DROP SCHEMA IF EXISTS bench_peer CASCADE",
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        "CREATE SCHEMA bench_peer",
        FILL,
        "CREATE INDEX ON bench_peer.child USING gin (name gin_trgm_ops)",
        "CREATE INDEX ON bench_peer.child (born)",
        "ANALYZE bench_peer.child",
    )
    for number, step in enumerate(steps):
        progress("Indexing for the trigram peer", number, len(steps))
        connection.execute(step)
    connection.commit()
    progress("Indexing for the trigram peer", len(steps), len(steps))
    return time.perf_counter() - began


def ask_trigram(
    connection: psycopg.Connection, *, way: str, questions: Sequence[Question], progress: Progress
) -> list[Answer]:
    """Ask one after the other, each in a transaction of its own."""
    stage = f"Asking the peer {way}"
    connection.execute(f"SET statement_timeout = {LONGEST}")
    connection.commit()
    answers = []
    for number, question in enumerate(questions):
        progress(stage, number, len(questions))
        answers.append(_ask(connection, WAYS[way], question))
    progress(stage, len(questions), len(questions))
    return answers


def drop_trigram(connection: psycopg.Connection) -> None:
    """Leave nothing of the peer behind."""
    connection.execute("DROP SCHEMA IF EXISTS bench_peer CASCADE")
    connection.commit()


def _ask(connection: psycopg.Connection, sql: str, question: Question) -> Answer:
    first, last = days_of(question.birth_date)
    values = {
        "name": f"{question.given_name} {question.family_name}".strip(),
        "first": first,
        "last": last,
        "postcode": question.postcode.replace(" ", ""),
    }
    began = time.perf_counter()
    try:
        found = tuple(row[0] for row in connection.execute(sql, values).fetchall())
    except psycopg.errors.QueryCanceled:
        found = ()
    connection.rollback()
    took = time.perf_counter() - began
    return Answer(question.trouble, found, took, bool(question.wanted.intersection(found)))


def days_of(birth_date: str) -> tuple[date, date]:
    """First and last day of an ISO date that may be a year alone."""
    if len(birth_date) == 4:
        return date(int(birth_date), 1, 1), date(int(birth_date), 12, 31)
    if len(birth_date) == 7:
        first = date.fromisoformat(f"{birth_date}-01")
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    day = date.fromisoformat(birth_date)
    return day, day

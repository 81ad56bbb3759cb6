"""Statements that every request runs, prepared once on each connection (docs/adr/0184).

For short statements by index only: PostgreSQL keeps one plan for whatever values come.
A search's plan depends on its values, so that it stays with the framework's cursor.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections

Given = Sequence[Any] | Mapping[str, Any]


def ask_prepared(statement: str, given: Given, *, using: str = "default") -> tuple[Any, ...] | None:
    """The first row, or None. Inside the transaction of the framework's connection, where there is one."""
    with _run(statement, given, using) as cursor:
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found


def ask_all_prepared(statement: str, given: Given, *, using: str = "default") -> list[tuple[Any, ...]]:
    """Every row, likewise."""
    with _run(statement, given, using) as cursor:
        return list(cursor.fetchall())


def do_prepared(statement: str, given: Given, *, using: str = "default") -> int:
    """How many rows it changed."""
    with _run(statement, given, using) as cursor:
        return int(cursor.rowcount)


@contextmanager
def _run(statement: str, given: Given, using: str) -> Iterator[Any]:
    database = connections[using]
    database.ensure_connection()
    raw = _Preparing(database.connection)
    wrap = database.make_debug_cursor if database.queries_logged else database.make_cursor
    with wrap(raw) as cursor:  # type: ignore[arg-type]
        cursor.execute(statement, given)
        yield cursor


class _Preparing(psycopg.Cursor[Any]):
    """Binds on the server; the framework's own puts values into the text, each another statement."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> "_Preparing":
        super().execute(query, params, prepare=True)
        return self

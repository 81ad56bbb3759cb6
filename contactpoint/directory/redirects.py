"""Numbers that lead to another record (REC-4)."""

from collections.abc import Iterable
from typing import Any

from django.db import connection


def follow_number(*, number: int) -> int:
    """The number to which this one leads in the end; itself where it leads nowhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT directory_survivor(%s)", [number])
        return int(cursor.fetchone()[0])


def follow_numbers(*, cursor: Any, numbers: Iterable[int]) -> dict[int, int]:
    """Those of the numbers that lead elsewhere, with where to."""
    cursor.execute(
        "SELECT number_id, directory_survivor(number_id) FROM directory_redirect WHERE number_id = ANY(%s)",
        [list(numbers)],
    )
    return dict(cursor.fetchall())

"""What people decided about a supplier's rows: the same child, or not, for ever (SUP-8).

Read before matching decides, in bulk and one at a time alike.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl
from django.db import connections

from contactpoint.intake.fields import REFERENCE
from contactpoint.intake.frames import ROW
from contactpoint.intake.known import USING

_DECIDED = """
SELECT DISTINCT ON (reference, child) reference, child, verdict FROM (
    SELECT reference, directory_survivor(child_id) AS child, verdict, decided_at, id
    FROM hidden.match_decision WHERE supplier_id = %s AND undone_at IS NULL
) decided ORDER BY reference, child, decided_at DESC, id DESC
"""


@dataclass(frozen=True, slots=True)
class Remembered:
    """By key of the row: the child that it is, and the children that it is not."""

    same: Mapping[str, int] = field(default_factory=dict)
    different: frozenset[tuple[str, int]] = frozenset()


NOTHING = Remembered()


def find_remembered(*, supplier: str, parts: Iterable[pl.DataFrame]) -> Remembered:
    """What was decided of this supplier's rows; `parts` have row and reference, keys are line numbers."""
    with connections[USING].cursor() as cursor:
        cursor.execute(_DECIDED, [supplier])
        found = cursor.fetchall()
    if not found:
        return NOTHING
    decided = pl.DataFrame(
        found, schema={REFERENCE: pl.String, "child": pl.Int64, "verdict": pl.String}, orient="row"
    )
    said = [
        row
        for rows in parts
        for row in rows.select(pl.col(ROW).cast(pl.String).alias("key"), REFERENCE)
        .join(decided, on=REFERENCE)
        .select("key", "child", "verdict")
        .iter_rows()
    ]
    return Remembered(
        same={key: child for key, child, verdict in said if verdict == "same"},
        different=frozenset((key, child) for key, child, verdict in said if verdict == "different"),
    )

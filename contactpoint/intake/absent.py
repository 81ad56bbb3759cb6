"""What a supplier no longer holds: absent from its snapshot, or said to be removed in a delta (SUP-3).

Counts the supplier's own references wherever they are kept, so no figure tells a hidden row (SHI-3).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from django.db import connections, transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.publish import end_rows
from contactpoint.intake.fields import REFERENCE
from contactpoint.intake.known import USING
from contactpoint.progress import Progress

CHUNK = 5_000
KEPT_STOPPED = timedelta(days=90)  # as long as a withdrawal brings such a question back
STAGE = "Ending what the supplier no longer holds"
_HELD = """
SELECT reference FROM directory_suppliedrow WHERE supplier_id = %(supplier)s AND ended_on IS NULL
UNION SELECT reference FROM hidden.supplied_row WHERE supplier_id = %(supplier)s AND ended_on IS NULL
UNION SELECT reference FROM hidden.waiting_row WHERE supplier_id = %(supplier)s
"""
# A row that waited for a person and is no longer said has nothing to be decided about.
STOP_WAITING = """
WITH gone AS (
    DELETE FROM hidden.waiting_row w WHERE w.supplier_id = %s AND w.reference = ANY(%s) RETURNING w.*
)
INSERT INTO hidden.row_effect (row_id, load_id, effect, previous, at)
SELECT id, %s, 'stopped-waiting', to_jsonb(gone), %s FROM gone
"""


def find_current(*, supplier: str, open_only: bool = False) -> pl.Series:
    """Every reference of which this supplier says something now; `open_only`: as if nothing were hidden."""
    query = _HELD.split("UNION", maxsplit=1)[0] if open_only else _HELD
    parts: list[pl.Series] = [pl.Series(REFERENCE, [], dtype=pl.String)]
    with transaction.atomic(using=USING), connections[USING].cursor() as cursor:
        cursor.execute(f"DECLARE held NO SCROLL CURSOR FOR {query}", {"supplier": supplier})
        while True:
            cursor.execute("FETCH 200000 FROM held")
            found = [reference for (reference,) in cursor.fetchall()]
            if not found:
                return pl.concat(parts)
            parts.append(pl.Series(REFERENCE, found, dtype=pl.String))


def find_absent(*, current: pl.Series, present: pl.Series) -> pl.Series:
    """Those of `current` that the file does not have at all, not even in a row that was refused."""
    return current.to_frame(REFERENCE).join(present.to_frame(REFERENCE), on=REFERENCE, how="anti")[REFERENCE]


def end_absent(
    *, supplier: str, references: Sequence[str], load_id: int, by: Actor, at: datetime, progress: Progress
) -> int:
    """End what the supplier asserted in these rows, chunk by chunk; doing it again changes nothing."""
    ended = 0
    for start in range(0, len(references), CHUNK):
        some = sorted(references[start : start + CHUNK])
        with transaction.atomic(durable=True, using=USING):
            with connections[USING].cursor() as cursor:
                stop_waiting(cursor=cursor, supplier=supplier, references=some, load_id=load_id, at=at)
                keys = [(supplier, reference) for reference in some]
                ended += end_rows(cursor=cursor, keys=keys, load_id=load_id, at=at)
            record_event(
                kind=EventKind.FEED_CHUNK_PUBLISHED,
                actor=by,
                at=at,
                facts={"load": load_id, "ended": len(some)},
                using=USING,
            )
        progress(STAGE, min(start + CHUNK, len(references)), len(references))
    return ended


def forget_stopped(*, at: datetime) -> int:
    """Drop what rows said that stopped waiting long ago: they belong to no record to go with."""
    with transaction.atomic(durable=True, using=USING), connections[USING].cursor() as cursor:
        cursor.execute(
            "DELETE FROM hidden.row_effect WHERE effect = 'stopped-waiting' AND at < %s", [at - KEPT_STOPPED]
        )
        return int(cursor.rowcount)


def stop_waiting(
    *, cursor: Any, supplier: str, references: Sequence[str], load_id: int, at: datetime
) -> None:
    cursor.execute(STOP_WAITING, [supplier, list(references), load_id, at])

"""Rows that say what they said before: the record that this load carries them too (SUP-5, INV-3).

A snapshot confirms every row that is not ended, with one date at the supplier.
A delta leaves a mark for each row, so that withdrawing the load that brought it first leaves it in place.
"""

from typing import Any

from django.db import connections, transaction

from contactpoint.intake.absent import stop_waiting
from contactpoint.intake.changes import Changes
from contactpoint.intake.fields import REFERENCE
from contactpoint.intake.known import USING
from contactpoint.intake.profiles import FeedKind
from contactpoint.intake.publishing import Batch
from contactpoint.intake.staging import Staged

CHUNK = 20_000
_CONFIRM = """
INSERT INTO hidden.row_effect (row_id, load_id, child_id, effect, at)
SELECT r.id, %(load)s, r.child_id, 'confirmed', %(at)s FROM (
    SELECT id, child_id, supplier_id, reference FROM directory_suppliedrow
    UNION ALL SELECT id, child_id, supplier_id, reference FROM hidden.supplied_row
) r WHERE r.supplier_id = %(supplier)s AND r.reference = ANY(%(some)s)
  AND NOT EXISTS (SELECT 1 FROM hidden.row_effect e
                  WHERE e.row_id = r.id AND e.load_id = %(load)s)
"""


def confirm_rows(*, batch: Batch, changes: Changes, staged: Staged, kind: FeedKind) -> None:
    """Of a file that was compared with what its supplier says now. Doing it again adds nothing."""
    answered = staged.take(changes.answered, REFERENCE)[REFERENCE].to_list()
    confirmed: list[str] = []
    if kind is FeedKind.DELTA:
        confirmed = staged.take(changes.unchanged, REFERENCE)[REFERENCE].to_list()
    supplier = batch.profile.supplier
    with transaction.atomic(durable=True, using=USING), connections[USING].cursor() as cursor:
        if answered:
            stop_waiting(
                cursor=cursor, supplier=supplier, references=answered, load_id=batch.load_id, at=batch.at
            )
    for start in range(0, len(confirmed), CHUNK):
        some = confirmed[start : start + CHUNK]
        given: dict[str, Any] = {"load": batch.load_id, "at": batch.at, "supplier": supplier, "some": some}
        with transaction.atomic(durable=True, using=USING), connections[USING].cursor() as cursor:
            cursor.execute(_CONFIRM, given)

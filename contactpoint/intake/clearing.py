"""Publishing a row that was held near a shield, once a shielding officer has decided (SHI-5).

Runs as `match`, in the caller's transaction. The row goes the way of every row: through `publish_rows`.
"""

import math
from datetime import datetime
from typing import Any

from contactpoint.directory.publish import new_child_ids
from contactpoint.intake.waiting import WaitingRow, lock_waiting, publish_waiting
from contactpoint.matching.model import Model
from contactpoint.matching.score import probability_of

_STILL_NEAR = """
SELECT 1 FROM hidden.waiting_row w, jsonb_array_elements(w.candidates -> 'children') c
JOIN hidden.shield s ON s.child_id = (c ->> 'child')::bigint WHERE w.id = %s LIMIT 1
"""


def clear_row(*, cursor: Any, row: int, child: int | None, decided_by: int, at: datetime) -> int | None:
    """Publish the row for this shielded child, or, with None, as another child's. Gives whose it became.

    None: nothing was published. It was replaced meanwhile, another shielded child is near it,
    or a second question is left, which goes to ordinary review.
    """
    waiting = lock_waiting(cursor=cursor, row=row)
    if waiting is None:
        return None
    target, is_new = child, False
    if child is None:
        cursor.execute(_STILL_NEAR, [row])
        if cursor.fetchone():
            return None
        target, is_new = _find_other(cursor, waiting, at)
        if target is None:
            cursor.execute("UPDATE hidden.waiting_row SET why = 'doubtful' WHERE id = %s", [row])
            return None
    published = publish_waiting(
        cursor=cursor, waiting=waiting, child=target or 0, is_new=is_new, decided_by=decided_by, at=at
    )
    return target if published else None


def _find_other(cursor: Any, waiting: WaitingRow, at: datetime) -> tuple[int | None, bool]:
    """The one open child that the row surely is, else a new child; (None, False) where that is a question."""
    thresholds = Model.load().thresholds
    likely = [
        each
        for each in waiting.candidates["children"]
        if "weight" not in each or probability_of(each["weight"]) >= thresholds.ask
    ]
    if not likely:
        if not waiting.find_authority(at):
            return None, False
        return new_child_ids(cursor=cursor, count=1)[0], True
    sure = [each for each in likely if probability_of(each.get("weight", -math.inf)) >= thresholds.link]
    return (sure[0]["child"], False) if len(likely) == 1 and sure else (None, False)

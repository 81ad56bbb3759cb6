"""Publishing a row that was held near a shield, once a shielding officer has decided (SHI-5).

Runs as `match`, in the caller's transaction. The row goes the way of every row: through `publish_rows`.
"""

import json
import math
from datetime import datetime
from typing import Any

from contactpoint.codes.authorities import authority_for_postcode
from contactpoint.directory.publish import PublishedRow, new_child_ids, publish_rows
from contactpoint.directory.values import from_json
from contactpoint.intake.publishing import sensitive_part
from contactpoint.matching.model import Model

_ROW = """
SELECT supplier_id, reference, content::text, sensitive::text, digest, load_id, supplied_at, candidates::text
FROM hidden.waiting_row w WHERE w.id = %s FOR UPDATE
"""
_STILL_NEAR = """
SELECT 1 FROM hidden.waiting_row w, jsonb_array_elements(w.candidates -> 'children') c
JOIN hidden.shield s ON s.child_id = (c ->> 'child')::bigint WHERE w.id = %s LIMIT 1
"""


def clear_row(*, cursor: Any, row: int, child: int | None, decided_by: int, at: datetime) -> int | None:
    """Publish the row for this shielded child, or, with None, as another child's. Gives whose it became.

    None: nothing was published. It was replaced meanwhile, another shielded child is near it,
    or a second question is left, which goes to ordinary review.
    """
    cursor.execute(_ROW, [row])
    found = cursor.fetchone()
    if found is None:
        return None
    candidates = json.loads(found[7])
    target, is_new = child, False
    if child is None:
        cursor.execute(_STILL_NEAR, [row])
        if cursor.fetchone():
            return None
        target, is_new = _find_other(cursor, candidates, found[2], at)
        if target is None:
            cursor.execute("UPDATE hidden.waiting_row SET why = 'doubtful' WHERE id = %s", [row])
            return None
    cursor.execute("DELETE FROM hidden.waiting_row WHERE id = %s", [row])
    published = _published(found, candidates, target or 0, is_new, decided_by, at)
    counts = publish_rows(cursor=cursor, rows=[published], at=at)
    return None if counts.not_published else target


def _find_other(
    cursor: Any, candidates: dict[str, Any], content: str, at: datetime
) -> tuple[int | None, bool]:
    """The one open child that the row surely is, else a new child; (None, False) where that is a question."""
    thresholds = Model.load().thresholds
    likely = [
        each
        for each in candidates["children"]
        if "weight" not in each or _probability(each["weight"]) >= thresholds.ask
    ]
    if not likely:
        if not _authority(candidates, content, at):
            return None, False
        return new_child_ids(cursor=cursor, count=1)[0], True
    sure = [each for each in likely if _probability(each.get("weight", -math.inf)) >= thresholds.link]
    return (sure[0]["child"], False) if len(likely) == 1 and sure else (None, False)


def _probability(weight: float) -> float:
    return float(1 / (1 + 2.0 ** -max(min(weight, 500.0), -500.0)))


def _authority(candidates: dict[str, Any], content: str, at: datetime) -> str:
    """The supplier's own, else that of the address; '' where nobody would be responsible (REC-6)."""
    if candidates["authority"]:
        return str(candidates["authority"])
    codes = [each.postcode for each in from_json(json.loads(content)).addresses if each.postcode]
    return next((found for code in codes if (found := authority_for_postcode(code, at.date()))), "")


def _published(
    found: tuple[Any, ...],
    candidates: dict[str, Any],
    child: int,
    is_new: bool,
    decided_by: int,
    at: datetime,
) -> PublishedRow:
    supplier, reference, content, sensitive, digest, load_id, supplied_at, _ = found
    return PublishedRow(
        supplier=supplier,
        reference=reference,
        content=content,
        digest=bytes(digest),
        load_id=load_id,
        supplied_at=supplied_at,
        child_id=child,
        is_new=is_new,
        authority=_authority(candidates, content, at),
        restricted=bool(candidates["marker"]),
        sensitive=sensitive_part(sensitive) if sensitive else None,
        decided_by=decided_by,
    )

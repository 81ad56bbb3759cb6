"""One row that waits for a person, and its way out of waiting. Runs as `match`, in the caller's transaction.

What is read here never leaves intake but through `publish_rows` (SHI-9).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contactpoint.codes.authorities import authority_for_postcode
from contactpoint.directory.publish import PublishedRow, publish_rows
from contactpoint.directory.values import from_json
from contactpoint.intake.publishing import sensitive_part

_ROW = """
SELECT w.id, w.supplier_id, w.reference, w.content::text, w.sensitive::text, w.digest, w.load_id,
       w.supplied_at, w.why, w.candidates::text, s.sensitive
FROM hidden.waiting_row w JOIN directory_supplier s ON s.code = w.supplier_id
WHERE w.id = %s FOR UPDATE OF w
"""


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A row of `hidden.waiting_row`. `is_sensitive`: it would tell of a sensitive service (SEN-3)."""

    id: int
    supplier: str
    reference: str
    content: str
    sensitive: str | None
    digest: bytes
    load_id: int
    supplied_at: datetime
    why: str
    candidates: dict[str, Any]
    is_sensitive: bool

    def find_authority(self, at: datetime) -> str:
        """That of the address, else the supplier's own; '' where nobody would be responsible (REC-6)."""
        if self.candidates["authority"]:
            return str(self.candidates["authority"])
        codes = [each.postcode for each in from_json(json.loads(self.content)).addresses if each.postcode]
        return next((found for code in codes if (found := authority_for_postcode(code, at.date()))), "")


def lock_waiting(*, cursor: Any, row: int) -> WaitingRow | None:
    """The row, which nobody else may change until the transaction ends; None where it waits no more."""
    cursor.execute(_ROW, [row])
    found = cursor.fetchone()
    if found is None:
        return None
    number, supplier, reference, content, sensitive, digest, load_id, supplied_at, why, said, apart = found
    return WaitingRow(
        id=number,
        supplier=supplier,
        reference=reference,
        content=content,
        sensitive=sensitive,
        digest=bytes(digest),
        load_id=load_id,
        supplied_at=supplied_at,
        why=why,
        candidates=json.loads(said),
        is_sensitive=apart or sensitive is not None,
    )


def publish_waiting(
    *, cursor: Any, waiting: WaitingRow, child: int, is_new: bool, decided_by: int | None, at: datetime
) -> bool:
    """Publish the row for this child; False where it may not become a record and waits on (REC-10)."""
    row = PublishedRow(
        supplier=waiting.supplier,
        reference=waiting.reference,
        content=waiting.content,
        digest=waiting.digest,
        load_id=waiting.load_id,
        supplied_at=waiting.supplied_at,
        child_id=child,
        is_new=is_new,
        authority=waiting.find_authority(at),
        restricted=bool(waiting.candidates["marker"]),
        sensitive=sensitive_part(waiting.sensitive) if waiting.sensitive else None,
        decided_by=decided_by,
    )
    if publish_rows(cursor=cursor, rows=[row], at=at).not_published:
        return False
    cursor.execute("DELETE FROM hidden.waiting_row WHERE id = %s", [waiting.id])
    return True

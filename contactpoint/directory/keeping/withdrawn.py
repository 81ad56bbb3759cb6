"""Consents that were withdrawn after the backup which a restore brought back (SEN-7, RET-4).

The server, which writes the ledger, may not see whose entry it withdraws: so each row of a sensitive service
has its mark beside it from the moment it is published, and that is what the ledger names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contactpoint.directory.keeping.child_keys import KeysNotWritten, MasterKeyLost
from contactpoint.directory.keeping.marking import Marker, read_marker

_KEEP = "INSERT INTO hidden.sensitive_mark (row_id, mark) VALUES (%s, %s) ON CONFLICT (row_id) DO NOTHING"
_FIND = """
SELECT mark, organisation, withdrawn_at FROM hidden.awaited_withdrawal WHERE mark = ANY(%s)
"""
# The database then refuses whatever rests on a consent from before (`hidden.keep_withdrawn`).
_WITHDRAW = """
INSERT INTO hidden.sensitive_withdrawal (entry_id, organisation, mark, withdrawn_at)
VALUES (nextval('directory_supplied_row_id'), %(organisation)s,
    hidden.withdrawal_mark(%(child)s, %(organisation)s, %(service)s), %(at)s)
"""
_LOOSE = """
DELETE FROM hidden.sensitive_mark m
WHERE NOT EXISTS (SELECT 1 FROM hidden.sensitive_involvement s WHERE s.row_id = m.row_id)
"""


@dataclass(frozen=True, slots=True)
class SensitiveRow:
    """A row of a sensitive service that is being published for this child."""

    row: int
    child: int
    supplier: str
    reference: str
    organisation: str
    service: str


def mark_sensitive(cursor: Any, *, rows: Sequence[SensitiveRow]) -> None:
    """Keep each row's mark; withdraw first what the ledger says was withdrawn."""
    if not rows:
        return
    try:
        marker = read_marker()
    except (MasterKeyLost, KeysNotWritten):
        return
    marks = {_mark(marker, row): row for row in rows}
    cursor.execute(_FIND, [list(marks)])
    for mark, organisation, withdrawn_at in cursor.fetchall():
        row = marks[mark]
        if row.organisation == organisation:
            told = {"organisation": organisation, "child": row.child, "service": row.service}
            cursor.execute(_WITHDRAW, {**told, "at": withdrawn_at})
    cursor.executemany(_KEEP, [(row.row, mark) for mark, row in marks.items()])


def await_withdrawal(cursor: Any, *, mark: str, organisation: str, withdrawn_at: datetime) -> None:
    """Withdraw it when the row comes again."""
    cursor.execute(
        "INSERT INTO hidden.awaited_withdrawal (mark, organisation, withdrawn_at) VALUES (%s, %s, %s)"
        " ON CONFLICT (mark, organisation) DO UPDATE SET withdrawn_at ="
        " greatest(excluded.withdrawn_at, awaited_withdrawal.withdrawn_at)",
        [mark, organisation, withdrawn_at],
    )


def drop_loose_marks(cursor: Any) -> None:
    """Marks of entries that are gone, for whatever reason."""
    cursor.execute(_LOOSE)


def _mark(marker: Marker, row: SensitiveRow) -> str:
    return marker.mark_reference(supplier=row.supplier, reference=row.reference).hex()

"""Taking a shield away: everything comes back to the open side, and is found again by all its names (SHI-4).

Called for an officer's decision and nothing else, in the caller's transaction on the connection `match`.
What a sensitive service supplied stays hidden, as of every child.
"""

from datetime import datetime
from typing import Any

from contactpoint.access.policies import ENGLAND
from contactpoint.directory.copying import cell, copy_lines
from contactpoint.directory.identity import Identity
from contactpoint.directory.keeping.awaited import forget_marks
from contactpoint.directory.locks import keep_openings
from contactpoint.directory.publish.state import load_states, read_suppliers
from contactpoint.directory.search.filing import file_children, lock_vocabulary, unfile_children

_ROWS = """
WITH moved AS (DELETE FROM hidden.supplied_row r WHERE r.id = ANY (%(rows)s) RETURNING r.*),
arrived AS (
    INSERT INTO directory_suppliedrow
        (id, child_id, supplier_id, reference, content, digest, load_id, supplied_at, ended_on)
    SELECT id, child_id, supplier_id, reference, content, digest, load_id, supplied_at, ended_on FROM moved
)
INSERT INTO hidden.row_effect (row_id, load_id, child_id, effect, decided_by, at)
SELECT m.id, m.load_id, m.child_id, 'moved-open', %(by)s, %(at)s FROM moved m
"""
_ENTRIES = """
WITH moved AS (DELETE FROM hidden.{table} e WHERE e.child_id = %s RETURNING e.*)
INSERT INTO directory_{table} ({columns}) SELECT {columns} FROM moved
"""
_INVOLVEMENT = (
    "id, child_id, account_id, organisation_id, service, role, team_telephone, team_email,"
    " started_on, ended_on, lead_from, confirmed_at, recorded_at"
)
_ASSESSMENT = "id, child_id, account_id, organisation_id, kind, opened_on, closed_on, recorded_at"
_CHILD = """
UPDATE directory_child SET shielded = false, authority = %s, town = %s, outward = %s, postcodes = %s,
    searchable_from = (SELECT o.searchable_from FROM directory_authorityopening o WHERE o.authority = %s)
WHERE id = %s
"""
# The database refuses to let go of any other child's shield.
_SAY = """
SELECT set_config('contactpoint.lifted',
    concat_ws(',', current_setting('contactpoint.lifted', true), %s), true)
"""


def unshield_child(*, cursor: Any, child: int, decided_by: int, at: datetime) -> bool:
    """Lift the shield of this child; False where there is none."""
    on = at.astimezone(ENGLAND).date()
    keep_openings(cursor)
    (state,) = load_states(cursor, children={child}, suppliers=read_suppliers(cursor), on=on).values()
    forget_marks(cursor, children=[child])
    cursor.execute(_SAY, [child])
    cursor.execute("DELETE FROM hidden.shield WHERE child_id = %s RETURNING authority", [child])
    found = cursor.fetchone()
    if found is None:
        return False
    (authority,) = found
    after = state.identity(on)
    lock_vocabulary(cursor, alone=True)
    open_rows = [row.id for row in state.rows.values() if row.hidden and not row.sensitive]
    cursor.execute(_ROWS, {"rows": open_rows, "by": decided_by, "at": at})
    for table, columns in (("involvement", _INVOLVEMENT), ("assessment", _ASSESSMENT)):
        cursor.execute(_ENTRIES.format(table=table, columns=columns), [child])
    place = (after.town, after.outward, after.postcodes) if after else ("", "", "")
    cursor.execute(_CHILD, [authority, *place, authority, child])
    if after is not None:
        _file(cursor, child, after)
    return True


def _file(cursor: Any, child: int, after: Identity) -> None:
    unfile_children(cursor, [child])
    file_children(cursor, {child: after.pairs}, {child: after.born})
    lines = (f"{kind}\t{cell(value)}\t{child}" for kind, value in after.numbers)
    copy_lines(cursor, "directory_searchnumber", "kind, value, child_id", lines)

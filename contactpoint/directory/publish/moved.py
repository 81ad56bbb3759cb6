"""An address in another authority's area proposes a move; who is responsible changes only by consent (REC-6).

Rejected once, the same address does not propose again.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from contactpoint.directory.copying import array
from contactpoint.directory.publish.state import ChildState

_STALE = """
UPDATE hidden.move m SET outcome = 'withdrawn', decided_at = %s
FROM unnest(%s::bigint[], %s::text[]) AS moved (id, authority)
WHERE m.child_id = moved.id AND m.outcome IS NULL AND m.proposed_by IS NULL
  AND m.to_authority IS DISTINCT FROM moved.authority
"""
_PROPOSE = """
INSERT INTO hidden.move (child_id, from_authority, to_authority, proposed_for, proposed_at)
SELECT c.id, coalesce(s.authority, c.authority), moved.authority, coalesce(s.authority, c.authority), %s
FROM unnest(%s::bigint[], %s::text[]) AS moved (id, authority)
JOIN directory_child c ON c.id = moved.id LEFT JOIN hidden.shield s ON s.child_id = c.id
JOIN directory_authorityopening o ON o.authority = moved.authority AND o.searchable_from IS NOT NULL
WHERE coalesce(s.authority, c.authority) <> moved.authority
ON CONFLICT (child_id) WHERE outcome IS NULL DO NOTHING
"""


def propose_moves(cursor: Any, *, states: Iterable[ChildState], at: datetime) -> None:
    """For every child whose best current address now lies in another area than before."""
    moved = [
        (state.id, state.after.authority)
        for state in states
        if not state.is_new
        and state.after is not None
        and state.after.authority
        and (state.before is None or state.before.authority != state.after.authority)
    ]
    if not moved:
        return
    given = [at, array(child for child, _ in moved), array(authority for _, authority in moved)]
    cursor.execute(_STALE, given)
    cursor.execute(_PROPOSE, given)

"""Giving back the room that a first load leaves in indexes: random keys fill their pages by two thirds.

Each index is built anew beside the old one, so that nobody waits; a stop leaves the old one in use.
"""

from typing import Any

from contactpoint.progress import Progress

STAGE = "Rebuilding indexes"
_OURS = """
SELECT format('%%I.%%I', n.nspname, i.relname), pg_relation_size(i.oid)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
WHERE n.nspname IN ('public', 'hidden') AND i.relkind = 'i' AND pg_relation_size(i.oid) >= %s
  AND x.indisvalid ORDER BY 2 DESC, 1
"""
# What a rebuilding that was stopped had begun.
_LEFT = """
SELECT format('%I.%I', n.nspname, i.relname)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
WHERE n.nspname IN ('public', 'hidden') AND NOT x.indisvalid AND i.relname ~ '_cc(new|old)[0-9]*$'
"""
LEAST = 1 << 20  # bytes: smaller indexes have no room to give back


def rebuild_indexes(cursor: Any, *, progress: Progress) -> tuple[int, int]:
    """Bytes of the indexes before and after. `cursor` is of the tables' owner, outside a transaction.

    Needs as much free disk as the largest index takes.
    """
    cursor.execute(_LEFT)
    for (name,) in cursor.fetchall():
        cursor.execute(f"DROP INDEX CONCURRENTLY {name}")
    cursor.execute(_OURS, [LEAST])
    found: dict[str, int] = dict(cursor.fetchall())
    total, done = sum(found.values()), 0
    for name, size in found.items():
        progress(STAGE, done >> 20, total >> 20)  # in megabytes
        cursor.execute(f"REINDEX INDEX CONCURRENTLY {name}")
        done += size
    progress(STAGE, total >> 20, total >> 20)
    cursor.execute(
        "SELECT coalesce(sum(pg_relation_size(i::regclass)), 0) FROM unnest(%s::text[]) i", [[*found]]
    )
    (after,) = cursor.fetchone()
    return total, int(after)

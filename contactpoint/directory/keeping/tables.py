"""Which tables hold something about a child: the database is asked, so that none is forgotten (RET-4)."""

from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

# Computed from rows: taken away with the child and made anew if it comes back.
DERIVED = (
    "directory_searchname",
    "directory_searchnumber",
    "hidden.blocking_key",
    "hidden.near_key",
    "hidden.near_stale",
)
# About an archived child, or one whose identity is sealed: they stay until it is destroyed.
ARCHIVE = (
    "hidden.archive_request",
    "hidden.archived_mark",
    "hidden.archived_reference",
    "hidden.archived_record",
    "hidden.sealed_question",
    "hidden.sealed_arrival",
    "hidden.sealed_mark",
    "hidden.sealed_identity",
)

_TABLES = """
SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'child_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('public', 'hidden')
  AND c.relname NOT LIKE 'audit\\_%'
"""
_REFERENCES = """
SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname,
       CASE m.nspname WHEN 'public' THEN '' ELSE m.nspname || '.' END || d.relname
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class d ON d.oid = k.confrelid JOIN pg_namespace m ON m.oid = d.relnamespace
WHERE k.contype = 'f' AND c.oid <> d.oid
"""


@dataclass(frozen=True, slots=True)
class ChildTables:
    """`kept` is archived, each table after those that it refers to; `derived` only goes."""

    kept: tuple[str, ...]
    derived: tuple[str, ...]


def read_child_tables(cursor: Any) -> ChildTables:
    """Every table with a `child_id` but the log's and the archive's own."""
    cursor.execute(_TABLES)
    found = {name for (name,) in cursor.fetchall()} - set(ARCHIVE)
    kept = found - set(DERIVED)
    cursor.execute(_REFERENCES)
    order: TopologicalSorter[str] = TopologicalSorter({name: set() for name in sorted(kept)})
    for name, refers_to in cursor.fetchall():
        if name in kept and refers_to in kept:
            order.add(name, refers_to)
    return ChildTables(tuple(order.static_order()), tuple(name for name in DERIVED if name in found))

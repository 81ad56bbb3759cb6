"""Which rows of a file say something new, compared with what the same supplier says now (SUP-3).

Compared with the current version only: A, then B, then A again is a change each time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl
from django.db import connections

from contactpoint.directory.keeping.marking import read_marker
from contactpoint.intake.fields import REFERENCE
from contactpoint.intake.frames import ROW
from contactpoint.intake.known import USING

BATCH = 50_000
_CURRENT = """
SELECT reference, digest, child_id FROM (
    SELECT supplier_id, reference, CASE WHEN ended_on IS NULL THEN digest ELSE '' END AS digest, child_id
    FROM directory_suppliedrow
    UNION ALL
    SELECT supplier_id, reference, CASE WHEN ended_on IS NULL THEN digest ELSE '' END, child_id
    FROM hidden.supplied_row
    UNION ALL
    SELECT supplier_id, reference, digest, NULL FROM hidden.waiting_row
) held
WHERE supplier_id = %(supplier)s AND reference = ANY(%(some)s)
"""
# What is said of an archived child is received and goes no further (RET-5).
_ARCHIVED = """
SELECT r.reference FROM unnest(%(some)s::text[]) AS r (reference)
JOIN hidden.archived_reference a
    ON a.mark = sha256(convert_to(concat_ws(E'\\x1f', %(supplier)s::text, r.reference), 'UTF8'))
"""
_OPEN = """
SELECT reference, CASE WHEN ended_on IS NULL THEN digest ELSE '' END, child_id FROM directory_suppliedrow
WHERE supplier_id = %(supplier)s AND reference = ANY(%(some)s)
"""
_SCHEMA = {REFERENCE: pl.String, "held": pl.Binary, "child": pl.Int64}


@dataclass(frozen=True, slots=True)
class Changes:
    """By line number: rows that say what they said before (or are of an archived child), and changed rows
    with their child.

    Every other row goes to matching.
    `met` are rows of which the supplier said something before, wherever that is kept.
    `answered` are rows that say again what they did, while another version of them waits for a person.
    """

    unchanged: pl.Series
    replaced: dict[int, int]
    met: pl.Series
    answered: pl.Series

    @property
    def known(self) -> int:
        return len(self.met)

    @property
    def changed(self) -> int:
        return len(self.met) - len(self.unchanged)


def find_changes(*, supplier: str, parts: Iterable[pl.DataFrame], open_only: bool = False) -> Changes:
    """`parts` have row, reference and digest. `open_only` compares as if nothing were hidden (SHI-3)."""
    found = [_find_changes(supplier, rows, open_only=open_only) for rows in parts]
    nothing = [pl.Series(ROW, [], dtype=pl.Int64)]
    return Changes(
        unchanged=pl.concat(nothing + [each.unchanged for each in found]),
        replaced={row: child for each in found for row, child in each.replaced.items()},
        met=pl.concat(nothing + [each.met for each in found]),
        answered=pl.concat(nothing + [each.answered for each in found]),
    )


def _find_changes(supplier: str, rows: pl.DataFrame, *, open_only: bool) -> Changes:
    query = _OPEN if open_only else _CURRENT
    references = rows[REFERENCE].to_list()
    parts = list(_read(query, supplier, references))
    held = pl.concat(parts) if parts else pl.DataFrame(schema=_SCHEMA)
    in_archive = [] if open_only else find_archived(supplier=supplier, references=references)
    in_archive += [] if open_only else find_destroyed(supplier=supplier, rows=rows)
    if held.is_empty() and not in_archive:
        nothing = pl.Series(ROW, [], dtype=pl.Int64)
        return Changes(unchanged=nothing, replaced={}, met=nothing, answered=nothing)
    met = rows.join(held, on=REFERENCE, how="inner")
    is_same, is_placed = met["digest"] == met["held"], met["child"].is_not_null()
    unchanged = met[ROW].filter(is_same)
    if in_archive:
        unchanged = pl.concat([unchanged, rows.filter(pl.col(REFERENCE).is_in(in_archive))[ROW]])
    changed = met.filter(~is_same & is_placed)
    if not changed.is_empty() and not unchanged.is_empty():
        changed = changed.filter(~pl.col(ROW).is_in(unchanged.implode()))
    replaced = dict(changed[[ROW, "child"]].iter_rows())
    answered = met[ROW].filter(met[ROW].is_duplicated() & is_same & is_placed)
    return Changes(unchanged.unique(), replaced, met[ROW].unique(), answered)


def find_archived(*, supplier: str, references: list[str]) -> list[str]:
    """Those of the references that are about children in the archive."""
    found: list[str] = []
    with connections[USING].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM hidden.archived_reference)")
        if not cursor.fetchone()[0]:
            return found
        for start in range(0, len(references), BATCH):
            cursor.execute(_ARCHIVED, {"supplier": supplier, "some": references[start : start + BATCH]})
            found += [reference for (reference,) in cursor.fetchall()]
    return found


def find_destroyed(*, supplier: str, rows: pl.DataFrame) -> list[str]:
    """References of rows that say exactly what a destroyed record's row said (RET-4)."""
    with connections[USING].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM hidden.destroyed_row)")
        if not cursor.fetchone()[0]:
            return []
        marker = read_marker()
        marks = {
            marker.mark_row(supplier=supplier, reference=reference, digest=digest): reference
            for reference, digest in rows.select(REFERENCE, "digest").iter_rows()
        }
        cursor.execute("SELECT mark FROM hidden.destroyed_row WHERE mark = ANY(%s)", [list(marks)])
        return [marks[bytes(mark)] for (mark,) in cursor.fetchall()]


def find_taken(*, supplier: str, children: list[int], open_only: bool = False) -> frozenset[int]:
    """Those of the children of whom this supplier supplies a row now."""
    with connections[USING].cursor() as cursor:
        cursor.execute(
            "SELECT child_id FROM directory_suppliedrow WHERE supplier_id = %s AND child_id = ANY(%s)"
            " UNION SELECT child_id FROM hidden.supplied_row"
            " WHERE supplier_id = %s AND child_id = ANY(%s) AND NOT %s",
            [supplier, children, supplier, children, open_only],
        )
        return frozenset(child for (child,) in cursor.fetchall())


def _read(query: str, supplier: str, references: list[str]) -> Iterator[pl.DataFrame]:
    with connections[USING].cursor() as cursor:
        for start in range(0, len(references), BATCH):
            cursor.execute(query, {"supplier": supplier, "some": references[start : start + BATCH]})
            found = [(reference, bytes(digest), child) for reference, digest, child in cursor.fetchall()]
            yield pl.DataFrame(found, schema=_SCHEMA, orient="row")

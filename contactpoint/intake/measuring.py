"""What can be measured of a file before anything of it is loaded: figures only, never values (SUP-4).

Every figure is of the file and of what its own supplier said before, wherever that is kept;
the match rate is against open records only. So no figure depends on what is hidden (SHI-3).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl
from django.db import connections

from contactpoint.intake.changes import Changes
from contactpoint.intake.fields import REFERENCE
from contactpoint.intake.frames import ROW
from contactpoint.intake.known import USING
from contactpoint.intake.profiles import Profile
from contactpoint.intake.staging import NOT_PROVIDED, Staged

DOMINATING = ("given_names", "family_name", "birth_date", "postcode", "nhs", "upn")
FIRST_OF_JANUARY = "first of January"
LEAST_OPEN = 20


@dataclass(frozen=True, slots=True)
class Measures:
    """Shares are from 0 to 1, by the sender's column name, or by our field in `top`.

    `top` is the share of the commonest value among those given.
    `matched` is the share of a sample of new references that an open record clearly is; None: too few.
    """

    rows: int
    refused: float = 0.0
    missing: Mapping[str, float] = field(default_factory=dict)
    invalid: Mapping[str, float] = field(default_factory=dict)
    top: Mapping[str, float] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    known: int = 0
    changed: float = 0.0
    vanished: int = 0
    current: int = 0
    matched: float | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def from_stored(stored: Mapping[str, Any]) -> Measures:
    """As a load keeps them; figures that an older load did not have stay at their defaults."""
    return Measures(**{**stored, "columns": tuple(stored.get("columns", ()))})


_HIDDEN = """
SELECT reference FROM hidden.supplied_row WHERE supplier_id = %(supplier)s
UNION SELECT reference FROM hidden.waiting_row WHERE supplier_id = %(supplier)s
"""
_JOINED = """
SELECT count(*) FILTER (WHERE e.effect = 'linked'), count(*)
FROM directory_suppliedrow r JOIN hidden.row_effect e ON e.row_id = r.id
WHERE r.load_id = %(load)s AND e.effect IN ('linked', 'made-child')
"""


def measure_open(*, staged: Staged, profile: Profile, load_id: int) -> dict[str, float]:
    """Figures for data quality, once the file is published: of rows of which nothing is hidden (SHI-3).

    Shares to two places; nothing of a file with fewer than LEAST_OPEN such rows.
    """
    with connections[USING].cursor() as cursor:
        cursor.execute(_HIDDEN, {"supplier": profile.supplier})
        hidden = pl.Series(REFERENCE, [reference for (reference,) in cursor.fetchall()], dtype=pl.String)
        cursor.execute(_JOINED, {"load": load_id})
        joined, placed = cursor.fetchone()
    is_open = ~pl.col(REFERENCE).is_in(hidden.implode())
    rows = pl.scan_parquet(staged.folder / "rows-*.parquet").filter(is_open)
    numbers = rows.select(ROW).collect()[ROW]
    if len(numbers) < LEAST_OPEN:
        return {}
    values = len(numbers) * max(len(profile.mapped), 1)
    listed = pl.col(NOT_PROVIDED)
    columns = pl.when(listed != "").then(listed.str.count_matches("; ", literal=True) + 1).sum()
    empty = rows.select(columns).collect(engine="streaming").item() or 0
    said = staged.problems.filter(pl.col(ROW).is_in(numbers.implode()) & (pl.col("column") != ""))
    unread = said.filter(~pl.col("code").str.starts_with("no-")).select(ROW, "column").n_unique()
    figures = {
        "rows": len(numbers),
        "complete": round(1 - empty / values, 2),
        "valid": round(1 - unread / values, 2),
    }
    return figures | ({"matched": round(joined / placed, 2)} if placed >= LEAST_OPEN else {})


def measure_file(
    *, staged: Staged, changes: Changes, vanished: int, current: int, matched: float | None
) -> Measures:
    rows = max(staged.rows, 1)
    columns = staged.problems.filter(pl.col("column") != "").group_by("column").agg(pl.col(ROW).n_unique())
    return Measures(
        rows=staged.rows,
        refused=len(staged.refused) / rows,
        missing={name: count / rows for name, count in staged.missing.items()},
        invalid={
            name: count / rows for name, count in columns.sort("column").iter_rows() if name in staged.missing
        },
        top=_top(staged),
        columns=staged.columns,
        known=changes.known,
        changed=changes.changed / changes.known if changes.known else 0.0,
        vanished=vanished,
        current=current,
        matched=matched,
    )


def _top(staged: Staged) -> dict[str, float]:
    rows = pl.scan_parquet(staged.folder / "rows-*.parquet")
    shares: dict[str, float] = {}
    for name in DOMINATING:
        filled = rows.select(name).filter(pl.col(name) != "")
        counts = filled.group_by(name).agg(pl.len().alias("count"))
        most, total = (
            counts.select(pl.col("count").max(), pl.col("count").sum().alias("all")).collect().row(0)
        )
        shares[name] = (most or 0) / total if total else 0.0
    born = rows.select(pl.col("birth_date").str.ends_with("-01-01").filter(pl.col("birth_date") != "").mean())
    shares[FIRST_OF_JANUARY] = float(born.collect().item() or 0.0)
    return shares

"""What is known already of the children a row may belong to, in the form that matching compares.

Reads both sides as the role `match`; nothing from here leaves intake (SHI-9).
A sensitive service's rows of an open child are not compared (SEN-3): what joined it would tell of them.
A child's rows become its variants: each way it is written, with every number that any of its rows gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.db import connections

from contactpoint.intake.content import MATCHED
from contactpoint.matching.rows import FIELDS
from contactpoint.matching.standardise import standardise_frame

USING = "match"
_PATHS = {
    "former_family_name": "{former_names,0,family_name}",
    "postcode": "{addresses,0,postcode}",
    "address": "{addresses,0,lines,0}",
}
COLUMNS = ", ".join(f"content #>> '{_PATHS.get(name, '{' + name + '}')}' AS {name}" for name in MATCHED)
_SCHEMA = {"child": pl.Int64, **dict.fromkeys(MATCHED, pl.String)}
_COMPARED = [name for name in FIELDS if name not in {"key", "nhs", "upn"}]


@dataclass(frozen=True, slots=True)
class Known:
    """Standardised variants; `rows` has the keys that matching wants, and `child` beside them."""

    rows: pl.DataFrame
    shielded: frozenset[int]

    @property
    def child_of(self) -> pl.DataFrame:
        return self.rows.select(known_key="key", child="child")


def read_known(*, folder: Path, children: Sequence[int] | None = None, open_only: bool = False) -> Known:
    """The variants of these children, or of all; `folder` is private scratch.

    `open_only` reads as if nothing were hidden, for figures that others see (SHI-3).
    """
    path = folder / "known.csv"
    where = "true" if children is None else "child_id = ANY(%s)"
    shielded_only = "child_id IN (SELECT child_id FROM hidden.shield)"
    tables = [("directory_suppliedrow", "true"), ("hidden.supplied_row", shielded_only)][
        : 1 if open_only else 2
    ]
    sides = " UNION ALL ".join(
        f"SELECT child_id, {COLUMNS} FROM {table} WHERE {where} AND {which}" for table, which in tables
    )
    query = f"COPY ({sides}) TO STDOUT (FORMAT csv)"
    with connections[USING].cursor() as cursor:
        parameters = None if children is None else [list(children) for _ in tables]
        with path.open("wb") as file, cursor.copy(query, parameters) as copy:
            for block in copy:
                file.write(block)
        cursor.execute("SELECT child_id FROM hidden.shield WHERE NOT %s", [open_only])
        shielded = frozenset(child for (child,) in cursor.fetchall())
    if path.stat().st_size:
        rows = pl.read_csv(path, has_header=False, schema=_SCHEMA)
    else:
        rows = pl.DataFrame(schema=_SCHEMA)
    path.unlink()
    return Known(_variants(rows), shielded)


def find_neighbours(*, keys: Sequence[int]) -> list[int]:
    """The children that share a blocking key with a row."""
    with connections[USING].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT child_id FROM hidden.blocking_key WHERE key = ANY(%s)", [list(set(keys))]
        )
        return [child for (child,) in cursor.fetchall()]


def find_near(*, children: Sequence[int]) -> list[int]:
    """The children themselves and those that share a blocking key with one of them."""
    with connections[USING].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT other.child_id FROM hidden.blocking_key own"
            " JOIN hidden.blocking_key other USING (key) WHERE own.child_id = ANY(%s)",
            [list(children)],
        )
        return list({*children, *(child for (child,) in cursor.fetchall())})


def count_children() -> int:
    """About how many children are known: the planner's figure, which costs nothing."""
    with connections[USING].cursor() as cursor:
        cursor.execute(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'directory_child'::regclass"
        )
        (estimate,) = cursor.fetchone()
    return int(estimate)


def _variants(rows: pl.DataFrame) -> pl.DataFrame:
    """Distinct ways in which a child is written. A number that one row lacks comes from the others."""
    standard = standardise_frame(rows.with_columns(pl.lit("").alias("key"))).with_columns(rows["child"])
    filled = standard.with_columns(
        pl.when(pl.col(number) == "")
        .then(pl.col(number).max().over("child"))
        .otherwise(pl.col(number))
        .alias(number)
        for number in ("nhs", "upn")
    )
    distinct = filled.unique(["child", *_COMPARED, "nhs", "upn"]).sort("child", *_COMPARED)
    return distinct.with_columns(pl.int_range(pl.len()).cast(pl.String).alias("key")).select(*FIELDS, "child")

"""What is known already of the children a row may belong to, in the form that matching compares.

Reads both sides as the role `match`; nothing from here leaves intake (SHI-9).
A sensitive service's rows of an open child are not compared (SEN-3): what joined it would tell of them.
A child's rows become its variants: each way it is written, with every number that any of its rows gives.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
from django.db import connections

from contactpoint.intake.content import MATCHED
from contactpoint.matching.rows import FIELDS
from contactpoint.matching.standardise import standardise, standardise_frame

USING = "match"
PIECE = 200_000  # rows that are read from the database together
FEW = 300  # children that are read and folded one by one
_PATHS = {  # member by member, which costs half as much as by a path
    "former_family_name": "content -> 'former_names' -> 0 ->> 'family_name'",
    "postcode": "content -> 'addresses' -> 0 ->> 'postcode'",
    "address": "content -> 'addresses' -> 0 -> 'lines' ->> 0",
}
COLUMNS = ", ".join(_PATHS.get(name, f"content ->> '{name}'") + f" AS {name}" for name in MATCHED)
_SCHEMA = {"child": pl.Int64, **dict.fromkeys(MATCHED, pl.String)}
_COMPARED = [name for name in FIELDS if name not in {"key", "nhs", "upn"}]


@dataclass(frozen=True, slots=True)
class Known:
    """Standardised variants; `rows` has the keys that matching wants, and `child` beside them."""

    rows: pl.DataFrame
    shielded: frozenset[int]

    def beside(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Pairs with the child of each known row beside them."""
        if pairs.is_empty():
            return pairs.with_columns(pl.lit(None, dtype=pl.Int64).alias("child"))
        return pairs.join(self.rows[["key", "child"]], left_on="known_key", right_on="key")


def read_known(*, folder: Path, children: Sequence[int], open_only: bool = False) -> Known:
    """The variants of these children; `folder` is private scratch.

    `open_only` reads as if nothing were hidden, for figures that others see (SHI-3).
    """
    if not children:
        return Known(_few_variants(()), frozenset())
    with connections[USING].cursor() as cursor:
        shielded = frozenset[int]() if open_only else _read_shielded(cursor, children)
        if len(children) <= FEW:
            cursor.execute(_sides(open_only, "child_id = ANY(%(some)s)"), {"some": list(children)})
            return Known(_few_variants(cursor.fetchall()), shielded)
        query = _sides(open_only, "child_id = ANY(%(some)s)")
        path = folder / "known.csv"
        copying = cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", {"some": list(children)})
        with path.open("wb") as file, copying as copy:
            for block in copy:
                file.write(block)
    rows = read_said(path.read_bytes())
    path.unlink()
    return Known(find_variants(rows), shielded)


def stream_said(*, open_only: bool = False) -> Iterator[pl.DataFrame]:
    """What suppliers say of everybody, some rows at a time: `child` and MATCHED.

    `open_only` reads as if nothing were hidden (SHI-3).
    """
    apart = connections.create_connection(USING)  # the ordinary one goes on telling of progress meanwhile
    try:
        with (
            apart.cursor() as cursor,
            cursor.copy(f"COPY ({_sides(open_only, 'true')}) TO STDOUT (FORMAT csv)") as copy,
        ):
            blocks = iter(copy)  # each is a whole row
            while piece := b"".join(islice(blocks, PIECE)):
                yield read_said(piece)
    finally:
        apart.close()


def read_said(text: bytes) -> pl.DataFrame:
    return pl.read_csv(text, has_header=False, schema=_SCHEMA) if text else pl.DataFrame(schema=_SCHEMA)


def read_shielded() -> frozenset[int]:
    """Every shielded child."""
    with connections[USING].cursor() as cursor:
        return _read_shielded(cursor, None)


def _sides(open_only: bool, where: str) -> str:
    hidden = "child_id IN (SELECT child_id FROM hidden.shield)"
    query = f"SELECT child_id, {COLUMNS} FROM directory_suppliedrow WHERE {where}"
    if open_only:
        return query
    return f"{query} UNION ALL SELECT child_id, {COLUMNS} FROM hidden.supplied_row WHERE {where} AND {hidden}"


def _read_shielded(cursor: Any, children: Sequence[int] | None) -> frozenset[int]:
    if children is None:
        cursor.execute("SELECT child_id FROM hidden.shield")
    else:
        cursor.execute("SELECT child_id FROM hidden.shield WHERE child_id = ANY(%s)", [list(children)])
    return frozenset(child for (child,) in cursor.fetchall())


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


def estimate_children() -> int:
    """About how many children are known."""
    return _estimate("directory_child")


def estimate_said() -> int:
    """About how many rows suppliers have said, at least one."""
    return max(1, _estimate("directory_suppliedrow") + _estimate("hidden.supplied_row"))


def _estimate(table: str) -> int:
    """The planner's figure, which costs nothing."""
    with connections[USING].cursor() as cursor:
        cursor.execute(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass", [table]
        )
        (estimate,) = cursor.fetchone()
    return int(estimate)


def find_variants(rows: pl.DataFrame) -> pl.DataFrame:
    """Distinct ways in which each child is written, of all that is said of it.

    A number that one row lacks comes from the others.
    """
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


def _few_variants(rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    """The same for a few rows, one by one: taking columns apart costs more than they do."""
    standard = [
        (child, standardise(key="", **{name: value or "" for name, value in zip(MATCHED, said, strict=True)}))
        for child, *said in rows
    ]
    numbers: dict[int, tuple[str, str]] = {}
    for child, row in standard:
        nhs, upn = numbers.get(child, ("", ""))
        numbers[child] = (max(nhs, row.nhs), max(upn, row.upn))
    distinct = {
        (
            child,
            *(getattr(row, name) for name in _COMPARED),
            row.nhs or numbers[child][0],
            row.upn or numbers[child][1],
        )
        for child, row in standard
    }
    named = [(str(place), *said, child) for place, (child, *said) in enumerate(sorted(distinct))]
    schema = {**dict.fromkeys(FIELDS, pl.String), "child": pl.Int64}
    return pl.DataFrame(named, schema=schema, orient="row")

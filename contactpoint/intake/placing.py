"""Which child each row of a file goes to, by whole columns, and in which order the rows are published.

By their children's random numbers, which costs less: a chunk touches one stretch of each child index.
A long file's rows wait in private scratch meanwhile, in buckets by that order.
Those that wait for a person come last, when the records that they may belong to are there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import count
from math import ceil
from pathlib import Path

import polars as pl
from django.db import connections

from contactpoint.codes.authorities import authority_for_postcode
from contactpoint.codes.child_number import VALUE_BITS
from contactpoint.directory.publish import new_child_ids
from contactpoint.intake.deciding_many import Verdicts
from contactpoint.intake.fields import AUTHORITY
from contactpoint.intake.frames import ROW
from contactpoint.intake.known import USING
from contactpoint.matching.decide import Outcome

BUCKET = 250_000  # rows that are put in order together
_DRAWN = 100_000  # numbers that are drawn together
_CHILD: dict[str, pl.DataType] = {
    ROW: pl.Int64(),
    "child": pl.Int64(),
    "weight": pl.Float64(),
    "levels": pl.List(pl.Int8),
}


class Placing:
    """Where the rows of one file go.

    `children` has the new children of the rows that others of the file may be the same as, by key.
    """

    def __init__(
        self,
        *,
        verdicts: Verdicts,
        replaced: Mapping[int, int],
        rows: int,
        may_be_made: Callable[[pl.DataFrame], pl.Series],
    ) -> None:
        self._may_be_made = may_be_made
        self._placed = _find_placed(verdicts, replaced)
        asks = [int(key) for key, verdict in verdicts.others.items() if verdict.outcome is Outcome.ASK]
        self._asked = pl.Series(asks, dtype=pl.Int64).implode()
        self._within = {int(key) for verdict in verdicts.others.values() for key in verdict.within}
        self._numbers = _draw(max(0, rows - self._placed.height - len(asks)))
        self._used = 0
        self.children: dict[str, int] = {}

    def place(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with `child`, `is_new`, `weight` and `levels`; one without a child waits for a person."""
        found = rows.join(self._placed, on=ROW, how="left", maintain_order="left")
        is_new = found["child"].is_null() & ~found[ROW].is_in(self._asked) & self._may_be_made(found)
        drawn = self._take(int(is_new.sum() or 0))
        new = found.filter(is_new).select(ROW, pl.Series("drawn", drawn, dtype=pl.Int64))
        named = new.filter(pl.col(ROW).is_in(pl.Series(list(self._within), dtype=pl.Int64).implode()))
        self.children |= {str(row): child for row, child in named.iter_rows()}
        found = found.with_columns(is_new.alias("is_new")).join(
            new, on=ROW, how="left", maintain_order="left"
        )
        return found.with_columns(pl.coalesce("child", "drawn").alias("child")).drop("drawn")

    def _take(self, many: int) -> pl.Series:
        begin = self._used
        self._used += many
        return self._numbers[begin : self._used]


def may_be_made(*, sensitive: bool, authority: str, on: date) -> Callable[[pl.DataFrame], pl.Series]:
    """Of which rows a record may be made: not where nobody would be responsible for it (REC-6).

    Nor where it would tell of a sensitive service, having no other source (SEN-3).
    `authority` is the supplier's own.
    """

    def judge(rows: pl.DataFrame) -> pl.Series:
        if sensitive or authority:
            return pl.repeat(not sensitive, rows.height, dtype=pl.Boolean, eager=True)
        known = [
            bool(own or (postcode and authority_for_postcode(postcode, on)))
            for own, postcode in rows.select(AUTHORITY, "postcode").iter_rows()
        ]
        return pl.Series(known, dtype=pl.Boolean)

    return judge


def in_order(
    *, parts: Iterable[pl.DataFrame], rows: int, placing: Placing, folder: Path | None
) -> Iterator[pl.DataFrame]:
    """All rows, placed, in the order of their children; nothing comes before everything is placed.

    `folder` is private scratch, which few rows do not need.
    """
    buckets = max(1, ceil(rows / BUCKET))
    if folder is None or buckets == 1:
        yield _sorted([placing.place(part) for part in parts])
        return
    bucket = (pl.col("child") * buckets // (1 << VALUE_BITS)).fill_null(buckets)
    numbers = count()
    for part in parts:
        placed = placing.place(part).with_columns(bucket.alias("bucket"))
        for (name,), some in placed.partition_by("bucket", as_dict=True).items():
            path = folder / f"placed-{name:05}-{next(numbers):08}.parquet"
            some.drop("bucket").write_parquet(path, compression="lz4")
    for name in range(buckets + 1):
        files = sorted(folder.glob(f"placed-{name:05}-*.parquet"))
        if files:
            yield _sorted([pl.read_parquet(path) for path in files])
        for path in files:
            path.unlink()


def _sorted(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts).sort("child", ROW, nulls_last=True)


def _find_placed(verdicts: Verdicts, replaced: Mapping[int, int]) -> pl.DataFrame:
    """The rows that join a child which is there."""
    linked = [
        (int(key), verdict.child, *((score.weight, score.levels) if score else (None, None)))
        for key, verdict in verdicts.others.items()
        if verdict.outcome is Outcome.LINK
        for score in (verdict.candidates[0][1] if verdict.candidates else None,)
    ]
    links = verdicts.links.select(pl.col("key").cast(pl.Int64).alias(ROW), "child", "weight", "levels")
    changed = [(row, child, None, None) for row, child in replaced.items()]
    others = pl.DataFrame([*linked, *changed], schema=_CHILD, orient="row")
    return pl.concat([links.cast(pl.Schema(_CHILD)), others])


def _draw(many: int) -> pl.Series:
    """So many numbers for new children, none of them twice."""
    numbers = pl.Series([], dtype=pl.Int64)
    with connections[USING].cursor() as cursor:
        while len(numbers) < many:
            missing = many - len(numbers)
            drawn = [numbers]
            for start in range(0, missing, _DRAWN):
                some = new_child_ids(cursor=cursor, count=min(_DRAWN, missing - start))
                drawn.append(pl.Series(some, dtype=pl.Int64))
            numbers = pl.concat(drawn).unique(maintain_order=True)
    return numbers
